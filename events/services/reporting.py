"""After an event: two minutes of report."""

from django.db import transaction

from events.models import Event, EventReport, Registration
from members.models import Onboarding, Person
from portal.common import audit, clock


def counted(event: Event) -> dict[str, int]:
    """What the list at the door knows already."""
    came = Registration.objects.filter(event=event, came=True)
    new = Onboarding.objects.running().filter(person__in=came.values("person"))
    seats = came.seats()
    return {"headcount": seats, "newcomers": new.count()} if seats else {}


@transaction.atomic
def write(report: EventReport, by: Person) -> None:
    report.written_on = clock.today()
    report.save()
    audit.record("event.reported", by.pk, report.event)
