"""When the floor's own data go: post, addresses that do not work, consents."""

from django.db.models import Q

from portal.common import periods
from portal.common.outbox import kinds
from portal.common.retention import blank, delete, goes_with_person, keep

OPEN = Q(state__in=["queued", "sending"])

blank(
    "mail.body",
    "common.OutgoingMail",
    "Text verschickter Nachrichten",
    start="sent_at",
    since="dem Versand",
    period=periods.MAIL_BODY,
    sets={"body": ""},
)
delete(
    "mail.envelope",
    "common.OutgoingMail",
    "Wann welche Nachricht an welche Adresse ging",
    start="created_at",
    since="dem Anlegen der Nachricht",
    period=periods.MAIL_ENVELOPE,
    where=lambda _day: ~OPEN & ~Q(kind__in=kinds.once()),
)
blank(
    "mail.once",
    "common.OutgoingMail",
    "Adresse von Nachrichten, die es nur einmal gibt (Willkommen)",
    start="created_at",
    since="dem Anlegen der Nachricht",
    period=periods.MAIL_ENVELOPE,
    where=lambda _day: ~OPEN & Q(kind__in=kinds.once()),
    sets={"address": "", "reason": "", "body": ""},
)
delete(
    "mail.trouble",
    "common.AddressTrouble",
    "Adressen, von denen Post zurückkam",
    start="last_at",
    since="der letzten Rücksendung",
    period=periods.ADDRESS_TROUBLE,
)
delete(
    "consent.proof",
    "common.Consent",
    "Nachweis zurückgenommener Einwilligungen",
    start="withdrawn_at",
    since="der Rücknahme",
    period=periods.CONSENT_PROOF,
)
delete(
    "retention.notes",
    "common.RetentionRun",
    "Vermerke über Löschläufe (ohne Personen)",
    start="day",
    since="dem Lauf",
    period=periods.NOTE_OF_RUN,
)
goes_with_person("common.OutgoingMail", "recipient_key")
goes_with_person("common.AddressTrouble", "recipient_key")
goes_with_person("common.MailChoice", "recipient_key")
keep(
    "common.AuditEvent",
    "actor subject",
    "nur Kennungen, nie Werte; nach dem Löschen gehören sie zu niemandem mehr",
)
