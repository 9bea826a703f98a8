"""Start the clock for newcomers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from members import deadlines
from members.models import District, Milestone, MilestoneTemplate, Onboarding, Person, Step
from members.queries.responsible import ResponsiblePeople
from members.services.onboarding.responsibility import set_responsible
from portal.common import clock

DEFAULT_TEMPLATE = "1-3-6"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A person who is to be welcomed, and from which day the promises count.

    That is the day of joining; for somebody welcomed anew it is today.
    """

    person: Person
    joined_on: date


@transaction.atomic
def start_many(arrivals: Sequence[Arrival], code: str = DEFAULT_TEMPLATE) -> list[Onboarding]:
    """Start the clock for many newcomers at once: few statements, however many they are.

    Template and settings are copied as they are now; changing them later rewrites nothing.
    """
    template = MilestoneTemplate.objects.prefetch_related("steps").get(code=code)
    steps = list(template.steps.all())
    ends_with_month = District.current().ends_with_month
    people = ResponsiblePeople()
    today = clock.today()
    onboardings = [_onboarding(arrival, template, people, today) for arrival in arrivals]
    milestones = []
    for onboarding in onboardings:
        promised = list(_milestones(onboarding, steps, ends_with_month))
        onboarding.next_due_on = min(milestone.due_on for milestone in promised)
        milestones += promised
    Onboarding.objects.bulk_create(onboardings, batch_size=2000)
    Milestone.objects.bulk_create(milestones, batch_size=2000)
    return onboardings


def _onboarding(
    arrival: Arrival, template: MilestoneTemplate, people: ResponsiblePeople, today: date
) -> Onboarding:
    onboarding = Onboarding(
        person=arrival.person,
        template=template,
        started_on=arrival.joined_on,
        arrived_on=today,
        responsible_stands_in=True,
    )
    if arrival.person.gliederung:
        set_responsible(onboarding, people)
    return onboarding


def _milestones(
    onboarding: Onboarding, steps: Sequence[Step], ends_with_month: bool
) -> Iterable[Milestone]:
    promises = [deadlines.Promise(s.opens_after_months, s.due_after_months) for s in steps]
    dates = deadlines.plan(
        onboarding.started_on, onboarding.arrived_on, promises, ends_with_month=ends_with_month
    )
    for step, planned in zip(steps, dates, strict=True):
        yield Milestone(
            onboarding=onboarding,
            position=step.position,
            code=step.code,
            title=step.title,
            kind=step.kind,
            explanation=step.explanation,
            responsible=step.responsible,
            opens_on=planned.opens_on,
            legal_due_on=planned.legal_due_on,
            due_on=planned.due_on,
            is_late_data=planned.is_late_data,
        )
