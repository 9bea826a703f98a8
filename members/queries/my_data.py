"""What is stored about me, in plain words; the field registry says which fields there are."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import OuterRef
from django.db.models.functions import JSONObject, TruncDate

from members import labels
from members.models import Contact, Person
from portal.common import consents
from portal.common.fields import FieldClass, rules
from portal.common.models import Consent
from portal.common.outbox import kinds
from portal.common.outbox.models import OutgoingMail

MOST_MAILS = 5
TITLES = {
    FieldClass.NAME: "Wie du heißt",
    FieldClass.CHANNEL: "Wie man dich erreicht",
    FieldClass.PLACE: "Wo du wohnst und wohin du gehörst",
    FieldClass.MEMBERSHIP: "Deine Mitgliedschaft",
    FieldClass.INTEREST: "Was du willst und kannst",
    FieldClass.TALK: "Was vereinbart ist",
}
# The same said twice, or for the machine only.
LEFT_OUT = {"sort_name", "next_due_on", "shifts_from", "has_ended"}
# Said better than the column is called.
LABELS = {
    "members.Onboarding.started_on": "Ankommen seit",
    "members.Onboarding.state": "Ankommen",
    "members.Person.preferred_channel": "Am liebsten erreichbar per",
}
# Here it helps to know what nobody knows; elsewhere it would only be a list of columns.
SAYS_WHAT_IS_MISSING = {FieldClass.CHANNEL, FieldClass.PLACE, FieldClass.INTEREST}
WORDS = {
    "skills": labels.SKILLS,
    "languages": labels.LANGUAGES,
    "availability": labels.SLOTS,
    "motives": labels.MOTIVES,
    "expectations": labels.EXPECTATIONS,
}


@dataclass(frozen=True, slots=True)
class Group:
    """Facts of one class; `empty` names what could stand here and does not."""

    title: str
    facts: list[tuple[str, str]]
    empty: list[str]


def load(pk: UUID) -> Any:
    """Return the person with everything these pages tell, however many rows that is."""
    found = Person.objects.select_related("gliederung__level", "kommune")
    found = found.annotate(topic_names=_topics(), sent=_sent(), allowed=_allowed())
    return found.prefetch_related("memberships", "onboardings__contacts").get(pk=pk)


def _topics() -> ArraySubquery:
    chosen = Person.topics.through.objects.filter(person=OuterRef("pk"))
    return ArraySubquery(chosen.order_by("topic__position").values("topic__name"))


def _sent() -> ArraySubquery:
    mails = OutgoingMail.objects.filter(recipient_key=OuterRef("pk"), state=OutgoingMail.State.SENT)
    envelope = JSONObject(kind="kind", channel="channel", day=TruncDate("sent_at"))
    return ArraySubquery(mails.order_by("-sent_at").values(envelope=envelope)[:MOST_MAILS])


def _allowed() -> ArraySubquery:
    given = Consent.objects.filter(subject=OuterRef("pk"), withdrawn_at=None)
    yes = JSONObject(purpose="text__purpose", day=TruncDate("given_at"))
    return ArraySubquery(given.order_by("given_at").values(yes=yes))


@dataclass(frozen=True, slots=True)
class Sent:
    """One mail or letter that left: the envelope."""

    title: str
    way: str
    day: date


def last_mails(person: Any) -> list[Sent]:
    return [
        Sent(
            kinds.title(mail["kind"]),
            str(OutgoingMail.Channel(mail["channel"]).label),
            date.fromisoformat(mail["day"]),
        )
        for mail in person.sent
    ]


def allowed_by(person: Any) -> list[tuple[str, date]]:
    """Return what this person allows, each with the day of the yes."""
    return [
        (consents.purpose_of(yes["purpose"]).title, date.fromisoformat(yes["day"]))
        for yes in person.allowed
    ]


def stored_about(person: Person) -> list[Group]:
    """Return everything in the person's own rows, field by field."""
    found: dict[FieldClass, list[tuple[str, str]]] = {kind: [] for kind in TITLES}
    for row in _rows(person):
        for kind, label, value in _facts(row):
            found[kind].append((label, value))
    groups = [_group(kind, facts) for kind, facts in found.items()]
    return [group for group in groups if group.facts or group.empty]


def _group(kind: FieldClass, facts: list[tuple[str, str]]) -> Group:
    missing = [label for label, value in facts if not value]
    return Group(
        TITLES[kind],
        [(label, value) for label, value in facts if value],
        missing if kind in SAYS_WHAT_IS_MISSING else [],
    )


def notes_about(person: Person) -> list[Contact]:
    """„Das steht über dich hier“: every note, newest first."""
    found = [
        contact
        for onboarding in person.onboardings.all()
        for contact in onboarding.contacts.all()
        if contact.note
    ]
    return sorted(found, key=lambda contact: contact.created_at, reverse=True)


def _rows(person: Person) -> Iterator[models.Model]:
    """The person, the newest membership and the newest arrival."""
    yield person
    yield from sorted(person.memberships.all(), key=lambda row: row.first_seen_on)[-1:]
    yield from sorted(person.onboardings.all(), key=lambda row: row.started_on)[-1:]


def _facts(row: models.Model) -> Iterator[tuple[FieldClass, str, str]]:
    for name, kind in rules()[row._meta.label].fields.items():
        if kind in TITLES and name not in LEFT_OUT and not _was_never_asked(row, name):
            field: Any = row._meta.get_field(name)
            yield kind, label_of(row, field), _value(row, field)


def _was_never_asked(row: models.Model, name: str) -> bool:
    """Only holders of an office are asked about themselves: a "nein" would be an invention."""
    return name == "is_flinta" and not getattr(row, name)


def label_of(row: models.Model, field: Any) -> str:
    label = LABELS.get(f"{row._meta.label}.{field.name}", str(field.verbose_name))
    return label[:1].upper() + label[1:]


def _value(row: Any, field: Any) -> str:
    if field.many_to_many:
        return ", ".join(row.topic_names)
    if isinstance(field, ArrayField):
        words = WORDS[field.name]
        return ", ".join(words.get(code, code) for code in getattr(row, field.name))
    if field.name == "shifts":
        return _shifts(row)
    display = getattr(row, f"get_{field.name}_display", None)
    return _in_words(display() if display else getattr(row, field.name))


def _shifts(person: Person) -> str:
    return f"vier Wochen ab {person.shifts_from:%d.%m.%Y}" if person.shifts_from else ""


def _in_words(value: Any) -> str:
    if isinstance(value, bool):
        return "ja" if value else "nein"
    if isinstance(value, datetime | date):
        return f"{value:%d.%m.%Y}"
    return "" if value is None else str(value)
