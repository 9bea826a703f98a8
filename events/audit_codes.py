"""What the audit log says about events (the registry is in portal.common.audit_codes)."""

from portal.common.audit_codes import Group, register

register(
    Group(
        "termine",
        "Termine",
        {
            "event.created": "Termin angekündigt",
            "event.changed": "Termin geändert",
            "event.cancelled": "Termin abgesagt",
            "event.registered": "Zu einem Termin angemeldet",
            "event.unregistered": "Von einem Termin abgemeldet",
            "event.offered": "Freien Platz angeboten",
            "event.lapsed": "Angebotenen Platz weitergegeben",
            "event.list_printed": "Liste eines Termins gedruckt",
            "event.attendance": "Anwesenheit abgehakt",
            "event.invited": "Zu einem Termin eingeladen",
            "event.reported": "Bericht vom Termin geschrieben",
            "event_kind.created": "Art von Termin angelegt",
            "event_kind.changed": "Art von Termin geändert",
            "calendar.made": "Kalender-Abo eingerichtet",
            "calendar.revoked": "Kalender-Abo beendet",
        },
    )
)
