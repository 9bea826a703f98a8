"""Tandems in every state, mentors who wait to be prepared, and what both sides said at the end."""

from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from members.models import (
    MatchingRun,
    MatchProposal,
    Mentor,
    Onboarding,
    Person,
    Tandem,
    TandemFeedback,
    TandemMeeting,
)
from members.services import mentoring
from portal.common import clock
from portal.dashboards.demo import file

State, Outcome = Tandem.State, Tandem.Outcome
# Days since it began, days since they last met (None: never), and the programme in months.
ACTIVE = ((40, 12, 6), (90, 20, 6), (75, 70, 6), (16, None, 6), (175, 15, 6), (150, 30, 12))
ENDED = (30, 60, 80, 100, 120)


def mentor_of_the_demo() -> Person:
    """The mentor a visitor can be: in the showcase if there is one."""
    found = Mentor.objects.select_related("person").order_by("pk")
    here = found.filter(person__gliederung__name=file.SHOWCASE).first()
    mentor = here or found.first()
    assert mentor is not None  # made before
    return mentor.person


def build(today: date, guest: Person) -> None:
    """`guest` is the newcomer a visitor can be: they keep their proposal."""
    mentor = mentor_of_the_demo()
    Mentor.objects.filter(person=mentor).update(capacity=3, functions="Ortsrat, Plakatieren")
    mentoring.run_matching(mentoring.request_run(None, preview=False).pk)
    proposals = iter(
        MatchProposal.objects.filter(
            run__state=MatchingRun.State.CURRENT, mentor__isnull=False, second=None
        )
        .exclude(onboarding__person=guest)
        .exclude(mentor__person=mentor)
        .select_related("onboarding__person", "mentor__person")
        .order_by("onboarding__started_on", "pk")
    )
    for began, met, months in ACTIVE:
        _active(next(proposals), today, began, met, months)
    _ended(today, mentor)
    _of_the_mentor(today, mentor, guest)
    for person in Person.objects.filter(mentor=None, user=None, onboardings=None)[:2]:
        Mentor.objects.create(
            person=person, active_from=today - timedelta(days=3), pledged_on=today
        )
    mentoring.run_matching(mentoring.request_run(None, preview=False).pk)


def _active(
    proposal: MatchProposal, today: date, began: int, met: int | None, months: int
) -> Tandem:
    assert proposal.mentor is not None  # filtered
    start = today - timedelta(days=began)
    tandem = Tandem.objects.create(
        newcomer=proposal.onboarding.person,
        mentor=proposal.mentor.person,
        state=State.ACTIVE,
        explanation=proposal.explanation,
        parts=proposal.parts,
        asked_at=clock.now() - timedelta(days=began + 4),
        mentor_yes_on=start,
        started_on=start,
        planned_end=start + relativedelta(months=months),
    )
    proposal.delete()
    if met is not None:
        _meet(tandem, today - timedelta(days=met))
    return tandem


def _meet(tandem: Tandem, day: date) -> None:
    TandemMeeting.objects.create(
        tandem=tandem, met_on=day, how=TandemMeeting.How.MEETING, noted_by=tandem.mentor
    )


def _ended(today: date, mentor: Person) -> None:
    """Enough answers that the sums may be shown."""
    others = Onboarding.objects.exclude(state=Onboarding.State.RUNNING).select_related("person")
    arrived = [one.person for one in others.order_by("pk")[: len(ENDED)]]
    for person, days in zip(arrived, ENDED, strict=False):
        end = today - timedelta(days=days)
        tandem = Tandem.objects.create(
            newcomer=person,
            mentor=mentor,
            state=State.ENDED,
            outcome=Outcome.COMPLETED,
            explanation="Beide wohnen in benachbarten Kommunen.",
            asked_at=clock.now() - timedelta(days=days + 190),
            mentor_yes_on=end - timedelta(days=185),
            started_on=end - timedelta(days=185),
            planned_end=end,
            ended_on=end,
        )
        for number, side in enumerate((person, mentor)):
            TandemFeedback.objects.create(
                tandem=tandem,
                person=side,
                useful=4 - number,
                meetings=6,
                again=True,
                involved=number == 0,
                given_on=end,
            )


def _of_the_mentor(today: date, mentor: Person, guest: Person) -> None:
    """One who asks, and one who is accompanied."""
    waiting = (
        Onboarding.objects.running()
        .exclude(person=guest)
        .exclude(person__tandems__state__in=[State.ASKED, State.ACTIVE])
        .exclude(person__adult_on__gt=today)
        .select_related("person")
        .order_by("started_on", "pk")
    )
    first, second = waiting[:2]
    Tandem.objects.create(
        newcomer=first.person,
        mentor=mentor,
        asked_at=clock.now() - timedelta(days=2),
        explanation="Beide interessieren sich für Wohnen und haben dienstags abends Zeit.",
    )
    start = today - timedelta(days=50)
    tandem = Tandem.objects.create(
        newcomer=second.person,
        mentor=mentor,
        state=State.ACTIVE,
        explanation="Beide gehören zur selben Gliederung.",
        asked_at=clock.now() - timedelta(days=54),
        mentor_yes_on=start,
        started_on=start,
        planned_end=start + relativedelta(months=6),
    )
    _meet(tandem, today - timedelta(days=18))
    _meet(tandem, today - timedelta(days=45))
