"""Whom to call this week: three at most, and then it is enough (people.md R8)."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import (
    Case,
    Count,
    Exists,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
    prefetch_related_objects,
)
from django.db.models.functions import Coalesce

from members.labels import MESSENGER
from members.models import Amt, Contact, Milestone, Onboarding, Step, User
from members.queries import call_sheet, chains
from members.queries.pulse import says_not_arrived
from members.queries.waving import invited_and_free, wants_call
from portal.common import clock, consents
from portal.common.outbox.models import OutgoingMail

SOON = timedelta(days=10)
SUGGESTED_WITHIN = timedelta(days=7)
CALLS_A_WEEK = 3
Onboardings = QuerySet[Onboarding]
Responsible = Step.Responsible


@dataclass(frozen=True, slots=True)
class Day:
    """What *Heute* shows: at most three calls, and when the next one is."""

    calls: list[Onboarding]
    more_wait: bool  # further calls are due, but not this week
    next_on: date | None  # the next call after today's


def heute(user: User) -> Day:
    """Return the calls of one person for this week."""
    today = clock.today()
    found: list[Any] = list(_calls(user, today).select_related("person")[: CALLS_A_WEEK + 1])
    room = CALLS_A_WEEK - found[0].done_this_week if found else 0
    # What was agreed for today is called today, even if it is the fourth this week.
    calls = [
        call for nth, call in enumerate(found[:CALLS_A_WEEK]) if nth < room or call.follow_up_on
    ]
    prefetch_related_objects(calls, "milestones")
    return Day(calls, len(found) > len(calls), _next_on(user, calls, today))


def _done_this_week(user: User, today: date) -> Any:
    """With how many people this user has spoken, or tried to; the same on every row."""
    monday = today - timedelta(days=today.weekday())
    talks = Contact.objects.filter(made_by=user.person_id, made_on__gte=monday)
    counted = talks.order_by().values("made_by").annotate(n=Count("onboarding", distinct=True))
    return Coalesce(Subquery(counted.values("n")), 0)


def _next_on(user: User, calls: list[Onboarding], today: date) -> date | None:
    talks = _open_talks(user).filter(onboarding=OuterRef("pk")).order_by("due_on")
    later = (
        _reachable(user)
        .filter(Q(responsible=user.person_id) | Exists(talks))
        .exclude(pk__in=[call.pk for call in calls])
        .annotate(talk_on=Subquery(talks.values("due_on")[:1]))
        .aggregate(
            next=Min(Case(When(follow_up_on__gt=today, then="follow_up_on"), default="talk_on"))
        )
    )
    found: date | None = later["next"]
    return found


def _reachable(user: User) -> Onboardings:
    """Whoever wants no contact is called by nobody."""
    running = Onboarding.objects.visible_to(user).running()
    return running.filter(person__no_contact_since=None)


def _calls(user: User, today: date) -> Onboardings:
    """Asked for, agreed, due or soon due talks; new arrivals within their first week.

    Nobody whom somebody tried already today, and nobody before the day that was agreed.
    """
    talks = _open_talks(user).filter(onboarding=OuterRef("pk"))
    due = talks.filter(opens_on__lte=today, due_on__lte=today + SOON)
    given_up = Milestone.objects.filter(onboarding=OuterRef("pk"), state=Milestone.State.UNREACHED)
    tried = Contact.objects.filter(onboarding=OuterRef("pk"), made_on=today)
    mine = Q(responsible=user.person_id)
    asked = Q(asked_for_call_at__isnull=False)
    if not (user.person.is_flinta or user.sees_whole_district):
        asked &= mine | Q(person__prefers_flinta=False)  # a hard condition (R13)
    calls = _reachable(user).annotate(
        mail_came_back=Exists(_unanswered_bounces()),
        done_this_week=_done_this_week(user, today),
        topic_names=call_sheet.topic_names(),
        may_use_messenger=Exists(consents.given_for(MESSENGER).filter(subject=OuterRef("person"))),
        says_not_arrived=says_not_arrived(user),
        wants_call=wants_call(user),
    )
    return calls.filter(
        Q(Exists(due))
        | asked
        | mine & Q(mail_came_back=True) & ~Exists(given_up)
        | Q(Exists(talks.filter(position=1)), arrived_on__gte=today - SUGGESTED_WITHIN, wave=None)
        | Q(says_not_arrived=True)
        | Q(wants_call=True)
        | Q(invited_and_free(), Exists(talks.filter(position=1)))
        | Q(_agreed_with(user, today), follow_up_on__lte=today),
        Q(follow_up_on=None) | Q(follow_up_on__lte=today),
        ~Exists(tried),
    ).order_by(
        "-says_not_arrived",
        "asked_for_call_at",
        "-wants_call",
        "follow_up_on",
        "-mail_came_back",
        "next_due_on",
        "person__sort_name",
        "pk",
    )


def _agreed_with(user: User, today: date) -> Q:
    """Whose turn it is keeps the agreed day; without an open talk the Ansprechperson does."""
    open_now = Milestone.objects.open().filter(
        onboarding=OuterRef("pk"), kind=Step.Kind.CONTACT, opens_on__lte=today
    )
    own = _open_talks(user).filter(onboarding=OuterRef("pk"), opens_on__lte=today)
    return Q(Exists(own)) | Q(~Exists(open_now), responsible=user.person_id)


def _open_talks(user: User) -> QuerySet[Milestone]:
    """Talks that are this user's turn: as Ansprechperson, or by the office a step names."""
    office = Exists(_holders())
    turn = Q(onboarding__responsible=user.person_id) & (
        Q(responsible=Responsible.ANSPRECHPERSON) | Q(~office)
    )
    for amt in user.active_aemter:
        if amt.kind in (Responsible.VORSITZ, Responsible.GESCHAEFTSSTELLE):
            turn |= _by_office(amt)
    return Milestone.objects.open().filter(turn, kind=Step.Kind.CONTACT)


def _by_office(amt: Amt) -> Q:
    """Steps of this kind of office where this is the nearest one whose holder is there."""
    nearer = Q(gliederung__path__startswith=amt.gliederung.path) & ~Q(gliederung=amt.gliederung_id)
    older = Q(beginn__lt=amt.beginn) | Q(beginn=amt.beginn, pk__lt=amt.pk)
    before = _holders().filter(nearer | Q(older, gliederung=amt.gliederung_id))
    return Q(Exists(_holders().filter(pk=amt.pk)), ~Exists(before), responsible=amt.kind)


def _holders() -> QuerySet[Amt]:
    """Whose task the step of an office can be: the chain of the digest, as a subquery.

    At the newcomer's Gliederung or above; nobody who is away, and not the newcomer.
    """
    held = chains.reachable(Amt.objects.active(), clock.today()).filter(
        kind=OuterRef("responsible")
    )
    return chains.over(held, "onboarding__person__gliederung__path").exclude(
        person=OuterRef("onboarding__person")
    )


def _unanswered_bounces() -> QuerySet[OutgoingMail]:
    """Mail that came back, until somebody talked to the person after that, or tried to."""
    tried = Contact.objects.filter(
        onboarding__person=OuterRef("recipient_key"), created_at__gte=OuterRef("bounced_at")
    )
    return OutgoingMail.objects.filter(
        ~Exists(tried), recipient_key=OuterRef("person_id"), bounced_at__isnull=False
    )
