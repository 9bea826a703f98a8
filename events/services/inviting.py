"""Invite whoever is new: one tap, each person once, within the cap (F2, B8)."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet

from events.models import Event, Registration
from events.services import mailing
from members.models import Person
from portal.common import audit, clock
from portal.common.errors import DomainError


@dataclass(frozen=True, slots=True)
class Ways:
    """How many get a mail, how many a letter, and who can only be called."""

    mails: int
    letters: int
    calls: int

    @property
    def people(self) -> int:
        return self.mails + self.letters + self.calls


def ways(people: QuerySet[Person]) -> Ways:
    mails = people.exclude(email="").count()
    letters = people.filter(email="").exclude(street="").count()
    return Ways(mails, letters, people.filter(email="", street="").count())


@transaction.atomic
def invite(event: Event, people: QuerySet[Person], by: Person) -> int:
    """Note and write to everybody in `people`; who was asked before is left alone."""
    event = Event.objects.select_for_update().get(pk=event.pk)
    if not event.is_open:
        raise DomainError("Für diesen Termin ist die Anmeldung zu.")
    now = clock.now()
    reachable = people.filter(~Q(email="", street=""))
    Registration.objects.bulk_create(
        [
            Registration(
                event=event,
                person=person,
                state=Registration.State.INVITED,
                created_at=now,
                invited_at=now,
            )
            for person in reachable
        ],
        ignore_conflicts=True,
    )
    found = Registration.objects.filter(event=event, invited_at=now)
    number = mailing.invite(found.select_related("person", "event"))
    audit.record("event.invited", by.pk, event, count=number)
    return number
