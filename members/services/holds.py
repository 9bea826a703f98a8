"""Holds: data that may not be deleted yet are restricted instead (BDSG § 35 Abs. 3)."""

from datetime import date

from django.db import transaction

from members.models import Hold, Person
from members.services.people import lock_people
from portal.common import audit, clock
from portal.common.errors import DomainError


@transaction.atomic
def set_hold(person: Person, reason: str, until: date | None, by: Person) -> Hold:
    """From now on nothing about this person is deleted, and only the office sees them."""
    # An erasure holds the same lock: either they are gone, or they stay.
    lock_people()
    if not Person.objects.filter(pk=person.pk).exists():
        raise DomainError("Diese Person ist inzwischen gelöscht.")
    if until and until < clock.today():
        raise DomainError("Das Ende der Sperre liegt in der Vergangenheit.")
    unfinished = Hold.objects.filter(person=person, lifted_at=None)
    if unfinished.active().exists():
        raise DomainError(f"Für {person.full_name} gibt es schon eine Sperre.")
    unfinished.update(lifted_at=clock.now())
    hold = Hold.objects.create(
        person=person, reason=reason, until=until, set_by=by, set_on=clock.today()
    )
    audit.record("hold.set", by.pk, person, ["reason", "until"])
    return hold


@transaction.atomic
def lift(person: Person, by: Person) -> None:
    """What is due goes in the next night."""
    if Hold.objects.filter(person=person, lifted_at=None).update(lifted_at=clock.now()):
        audit.record("hold.lifted", by.pk, person)
