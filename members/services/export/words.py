"""The words of the file: what codes mean, who somebody is (R12), what the log says."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.utils import timezone

from members import labels
from members.models import Amt, Interest, Onboarding, Person
from members.services import answers
from portal.common import audit_codes
from portal.common.models import ConsentText
from portal.common.outbox import kinds, languages

TITLES = {
    "members.Person": "Du",
    "members.Onboarding": "Ankommen",
    "members.Milestone": "Was dir versprochen ist",
    "members.Contact": "Gespräche und Notizen",
    "members.User": "Dein Zugang",
    "members.Session": "Wo du angemeldet bist",
    "members.OneTimeCode": "Einmalcodes am Telefon",
    "members.RightsRequest": "Deine Anfragen zu deinen Daten",
    "common.OutgoingMail": "Mails und Briefe an dich",
    "common.Consent": "Einwilligungen",
    "account.EmailAddress": "E-Mail-Adressen deines Zugangs",
    "account.EmailConfirmation": "Bestätigung der E-Mail-Adresse",
    "mfa.Authenticator": "Zweiter Faktor",
}
GROUPS = (
    ("Über dich", ("members.Person", "members.Membership", "members.Amt", "members.Mentor")),
    (
        "Ankommen und Gespräche",
        (
            "members.Onboarding",
            "members.Milestone",
            "members.Contact",
            "members.Parteibuch",
            "members.Pulse",
            "members.WaveReply",
            "members.MatchProposal",
            "members.Tandem",
            "members.TandemMeeting",
            "members.TandemFeedback",
            "members.TandemReport",
            "members.Assignment",
            "members.Meldung",
            "members.Interest",
            "members.PhoneAnswer",
            "members.Transfer",
        ),
    ),
    ("Einwilligungen und Anfragen", ("common.Consent", "members.RightsRequest")),
    ("Post", ("common.OutgoingMail", "common.MailChoice", "common.AddressTrouble")),
)
CODES = {
    "members.Person.languages": labels.LANGUAGES,
    "members.Person.availability": labels.SLOTS,
    "members.Person.skills": labels.SKILLS,
    "members.Onboarding.motives": labels.MOTIVES,
    "members.Onboarding.expectations": labels.EXPECTATIONS,
}


def title_of(model: Any) -> str:
    return TITLES.get(model._meta.label, str(model._meta.verbose_name))


def in_words(row: Any, field: Any, raw: Any) -> str:
    """Say one value as a reader would; `raw` is what the machine-readable part says."""
    place = f"{row._meta.label}.{field.name}"
    if place in ("common.OutgoingMail.kind", "common.MailChoice.kind"):
        return kinds.title(raw)
    if place == "members.PhoneAnswer.code":
        return answers.labels().get(raw, raw)
    if field.name == "language":
        return languages.name_of(raw)
    if isinstance(field, ArrayField) or isinstance(raw, list):
        known = CODES.get(place, {})
        return ", ".join(known.get(code, str(code)) for code in raw)
    display = getattr(row, f"get_{field.name}_display", None)
    return _plain(display() if display else raw)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "ja" if value else "nein"
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%d.%m.%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_plain(entry)}" for key, entry in value.items())
    return "" if value is None else str(value)


def of_text(text: ConsentText) -> str:
    """A consent is worth nothing without the sentence that was read."""
    return f"{text.purpose}, Fassung {text.version} ({text.language}): {text.text}"


class Who:
    """Somebody as the person may know them (R12): the contact by name, everybody else as office."""

    def __init__(self, person: Person, ids: Iterable[UUID | None]) -> None:
        wanted = {pk for pk in ids if pk} - {person.pk}
        self._me = person.pk
        self._names = _contacts(person) if wanted else {}
        held = Amt.objects.filter(person__in=wanted).select_related("gliederung__level")
        self._offices = {
            amt.person_id: f"{amt.get_kind_display()}, {amt.gliederung}"
            for amt in held.order_by("beginn", "pk")
        }

    def said(self, pk: UUID | None) -> str:
        if pk is None:
            return ""
        if pk == self._me:
            return "du selbst"
        return self._names.get(pk) or self._offices.get(pk, "jemand ohne Amt")


def _contacts(person: Person) -> dict[UUID, str]:
    """Whoever is there for this person now."""
    running = Onboarding.objects.running().filter(person=person)
    waiting = Interest.objects.filter(person=person, state=Interest.State.CONFIRMED)
    found = Person.objects.filter(pk__in=running.values("responsible")) | Person.objects.filter(
        pk__in=waiting.values("responsible")
    )
    return {contact.pk: contact.full_name for contact in found}


def logged(code: str) -> str:
    """Return what happened, in the words of the Protokoll."""
    return audit_codes.sentence(code) or "Etwas im Portal bearbeitet"
