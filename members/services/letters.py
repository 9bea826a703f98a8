"""Who gets a letter, and what stands in its window."""

from collections.abc import Iterable

from django.db import transaction

from members.models import District, Person
from members.services.people import lock_people, settle_plz
from portal.common import audit, clock
from portal.common.outbox import kinds, languages, letters, render
from portal.common.outbox.letters import Letter
from portal.common.outbox.models import OutgoingMail
from portal.common.outbox.services import refusal


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


def pdf(rows: Iterable[OutgoingMail]) -> bytes:
    """Print them."""
    return letters.as_pdf(letters_of(rows), "Briefe")


def _is_needed(row: OutgoingMail) -> bool:
    kind = kinds.find(row.kind)
    return kind is not None and (row.state != row.State.QUEUED or refusal(row, kind) is None)


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
