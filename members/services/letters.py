"""Who gets a letter, and what stands in its window."""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from django.db import transaction

from members.models import District, Person, User
from members.queries.letters import GONE
from members.services.people import lock_people, settle_plz
from portal.common import audit, clock
from portal.common.errors import DomainError
from portal.common.outbox import desk, kinds, languages, letters, render
from portal.common.outbox.desk import Printed
from portal.common.outbox.letters import Letter
from portal.common.outbox.models import OutgoingMail
from portal.common.outbox.services import refusal

NO_STREET = "ohne Straße kommt der Brief nicht an"
# Recipients and why they get nothing.
LeftOut = tuple[tuple[UUID, str], ...]


class NothingToPrint(DomainError):
    """There would be no letter in the file."""


def _address(person: Person) -> tuple[str, ...]:
    kommune = person.kommune.short_name if person.kommune else ""
    place = f"{person.plz} {person.city or kommune}".strip()
    return tuple(line for line in (person.full_name, person.street, place) if line)


def letters_of(rows: Iterable[OutgoingMail]) -> list[Letter]:
    """Write the letters of these rows, in their order; what is not needed any more is left out."""
    rows = list(rows)
    people = Person.objects.select_related("kommune").in_bulk([row.recipient_key for row in rows])
    district = District.current()
    return [
        _letter(row, people[row.recipient_key], district)
        for row in rows
        if row.recipient_key in people and _is_needed(row)
    ]


def pdf(rows: Iterable[OutgoingMail], by: UUID) -> bytes:
    """Print them; raises NothingToPrint rather than handing out an empty page."""
    found = letters_of(rows)
    if not found:
        raise NothingToPrint("Hier ist kein Brief mehr nötig.")
    audit.record("letters.downloaded", by, count=len(found))
    return letters.as_pdf(found, "Briefe")


def _is_needed(row: OutgoingMail) -> bool:
    return _refusal(row) is None


def _refusal(row: OutgoingMail) -> str | None:
    kind = kinds.find(row.kind)
    if kind is None:
        return "kann diese Fassung des Portals nicht drucken"
    return refusal(row, kind) if row.state == row.State.QUEUED else None


def unneeded(rows: Iterable[OutgoingMail]) -> LeftOut:
    """Return whose letter is not needed any more, and why."""
    return tuple((row.recipient_key, reason) for row in rows if (reason := _refusal(row)))


@transaction.atomic
def print_letters(pks: Iterable[UUID], by: UUID) -> Printed:
    """Print what can arrive; a letter without a street stays in the list."""
    rows = OutgoingMail.objects.filter(pk__in=list(pks)).values_list("pk", "recipient_key")
    chosen = dict(rows)
    nowhere = set(
        Person.objects.filter(pk__in=chosen.values(), street="").values_list("pk", flat=True)
    )
    can_arrive = [pk for pk, key in chosen.items() if key not in nowhere]
    if chosen and not can_arrive:
        raise NothingToPrint("Ohne Straße kommt der Brief nicht an. Bitte trag die Adresse ein.")
    printed = desk.print_letters(can_arrive, by)
    return replace(printed, left_out=(*printed.left_out, *((key, NO_STREET) for key in nowhere)))


def sentence(user: User, left_out: LeftOut) -> str:
    """Name everybody who was left out, with the reason."""
    people = Person.objects.visible_to(user).in_bulk([key for key, _ in left_out])
    named = [
        f"{people[key].full_name if key in people else GONE} ({reason})" for key, reason in left_out
    ]
    return f"Nicht gedruckt: {', '.join(named)}."


@transaction.atomic
def drop_unneeded() -> None:
    """Every night: no worker ever asks again about a letter, so this does."""
    rows = OutgoingMail.objects.select_for_update().filter(
        channel=OutgoingMail.Channel.LETTER, state=OutgoingMail.State.QUEUED, batch=None
    )
    for row in rows:
        kind = kinds.find(row.kind)
        reason = refusal(row, kind) if kind else None
        if reason:
            row.state, row.reason = row.State.DROPPED, reason
            row.save(update_fields=["state", "reason"])


def _letter(row: OutgoingMail, person: Person, district: District) -> Letter:
    written = render.write(row, kinds.get(row.kind))
    today = clock.today()
    return Letter(
        # Whoever sees the envelope learns an address, and nothing about us (R12).
        sender=f"{district.street} · {district.city}",
        address=_address(person),
        day=f"{today:%d.%m.%Y}",
        subject=written.text.subject,
        body=written.text.body,
        language=languages.html_code(written.language),
    )


@transaction.atomic
def save_address(person: Person, by: Person, street: str, plz: str, city: str) -> None:
    """Write down where a letter goes to."""
    lock_people()
    person.refresh_from_db(fields=["kommune", "open_question"])
    person.street, person.plz, person.city = street, plz, city
    settle_plz(person)
    person.save(update_fields=["street", "plz", "city", "kommune", "open_question"])
    audit.record("person.address_entered", by.pk, person, ["street", "plz", "city"])
