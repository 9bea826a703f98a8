"""Enter a new member by hand, before or without the export (R5, domain.md C6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from members.imports.places import Place, Places
from members.imports.plan import is_newcomer, newcomer_since
from members.imports.rules import Row, parse_date
from members.models import Gliederung, Membership, Person
from members.services import onboarding, welcome
from members.services.people import lock_people, require_open
from portal.common import audit, clock
from portal.common.errors import DomainError


class NumberTaken(DomainError):
    """Somebody else has this Mitgliedsnummer."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody entered; `values` are cleaned by the same rules as a row of the export."""

    values: Mapping[str, str]
    gliederung: Gliederung | None
    language: str
    channel: str
    # Becomes the person's id, so that one form is one person however often it is sent.
    token: UUID


@transaction.atomic
def enter(entry: Entry, by: Person) -> Person:
    """Create person, membership, clock and welcome; sending the form again returns the first.

    Without a day of joining it is an application: the clock begins with the admission (B6).
    """
    lock_people()
    earlier = Person.objects.filter(pk=entry.token).first()
    if earlier:
        return earlier
    if entry.gliederung:
        require_open(entry.gliederung)
    number = entry.values.get("number") or None
    if number and Membership.objects.filter(number=number).exists():
        raise NumberTaken("Diese Mitgliedsnummer gehört schon zu jemandem.")
    today = clock.today()
    person = _person(entry)
    person.save(force_insert=True)
    joined_on = parse_date(entry.values["joined_on"])
    membership = Membership.objects.create(
        person=person,
        number=number,
        kind=entry.values.get("kind") or Membership.Kind.MEMBER,
        applied_on=parse_date(entry.values.get("applied_on", "")),
        joined_on=joined_on,
        first_seen_on=today,
    )
    if joined_on and is_newcomer(entry.values, newcomer_since(today)):
        (arrived,) = onboarding.start_many([onboarding.Arrival(person, joined_on)])
        if person.gliederung_id:
            welcome.queue_welcomes([arrived])
    audit.record("person.entered", by.pk, membership)
    return person


def _person(entry: Entry) -> Person:
    names = ("given_name", "family_name", "email", "phone", "mobile", "street", "plz", "city")
    place = _place(entry)
    person = Person(
        pk=entry.token,
        language=entry.language,
        preferred_channel=entry.channel,
        gliederung_id=entry.gliederung.pk if entry.gliederung else place.gliederung,
        kommune_id=place.kommune,
        open_question=place.question,
        **{name: entry.values.get(name, "") for name in names},
    )
    if person.gliederung_id and person.open_question == Person.Question.ORTSVEREIN:
        person.open_question = Person.Question.NONE
    return person


def _place(entry: Entry) -> Place:
    """The postal code finds the Kommune, and where it is certain the Ortsverein."""
    name = entry.gliederung.name if entry.gliederung else ""
    return Places().place(Row(0, {"plz": entry.values.get("plz", ""), "gliederung": name}))
