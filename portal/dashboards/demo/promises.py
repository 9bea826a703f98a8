"""The clock in the demo: somebody not reached, Parteibücher on their way, data that came late."""

import uuid
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from members import deadlines
from members.models import Contact, District, Milestone, Onboarding, Parteibuch, Step
from members.services import onboarding as service
from portal.common import clock
from portal.dashboards.demo import file

Kind, Result = Contact.Kind, Contact.Result
# Days ago, for what nobody could enter today.
EARLIER = ((25, Kind.CALL), (11, Kind.EMAIL))
WAITING = (3, 12, 25)
LYING = (9, 38)
LATE_BY = timedelta(days=4)


def build(district: District) -> None:
    """Call once after the history; the last step of each is what a person would tap."""
    silent, late = _quiet(2)
    _not_reached(silent)
    _late_data(late)
    _parteibuecher()


def _quiet(count: int) -> list[Onboarding]:
    """Nobody talked to them yet, outside of the Ortsverein that the README walks through."""
    first = Milestone.objects.open().filter(position=1).values("onboarding")
    found = Onboarding.objects.running().filter(
        pk__in=first,
        responsible__isnull=False,
        person__gliederung__isnull=False,
        person__memberships__left_on=None,
        started_on__lte=clock.today() - timedelta(days=40),
    )
    quiet = found.exclude(person__gliederung__name=file.SHOWCASE).select_related("person")
    return list(quiet.order_by("-person__sort_name", "pk")[:count])


def _not_reached(onboarding: Onboarding) -> None:
    by = onboarding.responsible
    assert by is not None  # only such were looked for
    for days, kind in EARLIER:
        made_on = clock.today() - timedelta(days=days)
        Contact.objects.create(
            onboarding=onboarding,
            made_by=by,
            made_on=made_on,
            kind=kind,
            result=Result.NOT_REACHED,
            created_at=_noon(made_on),
            submit_token=uuid.uuid4(),
        )
    service.log_contact(onboarding, by, service.Talk(Kind.CALL, Result.NOT_REACHED, uuid.uuid4()))


def _noon(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(12)))


def _late_data(onboarding: Onboarding) -> None:
    """The row came in this week, long after the entry."""
    onboarding.arrived_on = clock.today() - LATE_BY
    onboarding.save(update_fields=["arrived_on"])
    for milestone in onboarding.milestones.open():
        if milestone.legal_due_on < onboarding.arrived_on:
            milestone.is_late_data = True
            milestone.due_on = deadlines.next_working_day(onboarding.arrived_on + deadlines.GRACE)
            milestone.save(update_fields=["is_late_data", "due_on"])
    service.settle(onboarding)


def _parteibuecher() -> None:
    """Some ordered, some lying in their Ortsverein, one of them for too long."""
    today = clock.today()
    books = Milestone.objects.open().filter(
        kind=Step.Kind.HANDOVER,
        onboarding__state=Onboarding.State.RUNNING,
        onboarding__responsible__isnull=False,
        onboarding__started_on__lte=today - timedelta(days=20),
    )
    found = books.select_related("onboarding__responsible").order_by(
        "due_on", "onboarding__person__sort_name"
    )
    chosen = list(found[: len(WAITING) + len(LYING)])
    for milestone, days in zip(chosen, (*WAITING, *LYING), strict=False):
        responsible = milestone.onboarding.responsible
        assert responsible is not None  # only such were looked for
        is_there = days in LYING
        Parteibuch.objects.create(
            milestone=milestone,
            ordered_on=today - timedelta(days=days + (14 if is_there else 0)),
            received_on=today - timedelta(days=days) if is_there else None,
            received_by=responsible if is_there else None,
        )
