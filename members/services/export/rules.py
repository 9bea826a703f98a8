"""What of the registry somebody's own file does not contain, each with its reason."""

from typing import Any

from django.db import models

from portal.common.fields import FieldClass, personal, rules

# Never, in whichever model: a stolen file must open no login.
NEVER = {FieldClass.ACCESS: "Geheimnisse des Zugangs öffnen anderen die Tür."}
# Whole models, and single fields. `*` is any model.
LEFT_OUT = {
    "members.ImportRow": "Zeilen einer Datei, höchstens einen Tag lang, bevor feststeht, um wen "
    "es geht.",
    "common.AuditEvent": "Steht als Protokoll in Worten in der Datei.",
    "*.id": "Nummer der Zeile. Aus manchen werden Links, die etwas öffnen.",
    "members.Person.sort_name": "Der Name noch einmal, zum Sortieren.",
    "members.Contact.submit_token": "Schützt nur vor doppeltem Absenden.",
    "members.RightsRequest.undo": "Nur für die Maschine: was ein Widerspruch verändert hat.",
    "members.MatchProposal.mentor": "Ein Vorschlag nennt niemanden, bis beide Ja gesagt haben.",
    "members.MatchProposal.second": "Ein Vorschlag nennt niemanden, bis beide Ja gesagt haben.",
    "members.Tandem.mentor": "Ein Vorschlag nennt niemanden, bis beide Ja gesagt haben.",
    "members.Tandem.second": "Ein Vorschlag nennt niemanden, bis beide Ja gesagt haben.",
    "members.MatchProposal.parts": "Verrät, wer gewünscht war, bevor beide Ja gesagt haben.",
    "members.Tandem.parts": "Verrät, wer gewünscht war, bevor beide Ja gesagt haben.",
    "members.Tandem.ended_by": "Was die andere Seite entschieden hat, gehört ihr.",
    "members.Tandem.outcome": "Sagt auch, was die andere Seite entschieden hat.",
    "members.PairRule": "Schützt Menschen voreinander; sagt auch etwas über die andere Seite.",
    "members.TandemReport.first_told": "Wer Meldungen liest, bleibt geschützt.",
    "members.TandemReport.second_told": "Wer Meldungen liest, bleibt geschützt.",
    "members.Reminder.key": "Nummer von etwas, das andere betrifft.",
    "members.Assignment.batch": "Fasst Übergaben mehrerer Menschen zusammen.",
    "common.OutgoingMail.dedupe_key": "Nummern der Maschine, auch von anderen Menschen.",
    "common.OutgoingMail.ids": "Nummern der Maschine, auch von anderen Menschen.",
    "common.OutgoingMail.message_id": "Nummer der Maschine.",
    "common.OutgoingMail.batch": "Fasst Briefe an mehrere Menschen zusammen.",
}


def contained() -> list[str]:
    """Return the labels of all models whose rows are part of the file."""
    return [label for label in rules() if label in personal() and label not in LEFT_OUT]


def why_not(model: type[models.Model], name: str, kind: FieldClass) -> str:
    """Return why this field is no part of the file; empty for what is."""
    if kind in NEVER:
        return NEVER[kind]
    label = model._meta.label
    given = LEFT_OUT.get(f"{label}.{name}") or LEFT_OUT.get(f"*.{name}", "")
    return given or _leads_away(model._meta.get_field(name), rules()[label].subject)


def _leads_away(field: Any, subject: str) -> str:
    """A key to oneself says nothing; one to a row about somebody is a row of its own, or theirs."""
    if subject.split("__")[0] == field.name:
        return "Führt nur zu dir selbst."
    target = field.related_model
    if target is not None and target._meta.label in personal() and not is_person(field):
        return "Führt zu einer Zeile, die selbst in der Datei steht oder jemand anderem gehört."
    return ""


def is_person(field: Any) -> bool:
    """Does this field name somebody, by a key or by a bare id?"""
    if field.related_model is None:
        return isinstance(field, models.UUIDField)
    return bool(field.related_model._meta.label == "members.Person")
