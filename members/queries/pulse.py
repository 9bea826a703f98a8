"""Who is to be asked „Bist du angekommen?“, what is open, and what may be known of the answers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Sum

from members import deadlines
from members.models import Contact, Membership, Milestone, Onboarding, Pulse, PulseTally, User
from members.models.retention import held_people
from portal.common import clock
from portal.common.outbox.models import MailChoice

PULSE = "members.pulse"
FIRST, SECOND = 1, 2
SIX_WEEKS = timedelta(days=42)
# Somebody whose moment passed longer ago is not asked any more (first import, missed beats).
STILL_NEW = timedelta(days=14)
# The mail may be held back for STILL_NEW; afterwards there are two weeks left to answer. Not
# longer than an answer is kept: a forgotten one must not look like none.
OPEN_FOR = timedelta(days=30)
CHANGED_UNTIL = timedelta(days=14)
# Fewer are never shown or derivable (people.md, small cells).
FEWEST = 6
NEGATIVE = (Pulse.Answer.RATHER_NO, Pulse.Answer.NO)
TALKED = (Contact.Result.REACHED, Contact.Result.NO_CONTACT)


def moment(number: int, start: date) -> date:
    """Return the day of the first or second question."""
    return start + SIX_WEEKS if number == FIRST else deadlines.add_months(start, 6)


def _starts(number: int, first: date, last: date) -> list[date]:
    """Return every day of joining whose moment lies between `first` and `last`."""
    longest = 42 if number == FIRST else 190
    days = (first - timedelta(days=longest) + timedelta(days=n) for n in range(300))
    return [day for day in days if first <= moment(number, day) <= last]


def askable() -> QuerySet[Onboarding]:
    """Newcomers who may be asked at all: not waves, not who left, died or wants no contact."""
    member = Membership.objects.filter(person=OuterRef("person"), has_ended=False, left_on=None)
    died = Membership.objects.filter(
        person=OuterRef("person"), left_reason=Membership.LeftReason.DEATH
    )
    refused = Contact.objects.filter(onboarding=OuterRef("pk"), result=Contact.Result.NO_CONTACT)
    unwilling = MailChoice.objects.filter(
        recipient_key=OuterRef("person"), kind=PULSE, way=MailChoice.Way.NONE
    )
    return Onboarding.objects.filter(
        ~Exists(died),
        ~Exists(refused),
        ~Exists(unwilling),
        Exists(member),
        wave=None,
        state__in=[Onboarding.State.RUNNING, Onboarding.State.FINISHED],
        person__no_contact_since=None,
    )


def due(number: int, today: date) -> QuerySet[Onboarding]:
    """Who is asked now; whose data came late counts from the day it came (B5)."""
    return _between(number, today - STILL_NEW, today)


def _between(number: int, first: date, last: date) -> QuerySet[Onboarding]:
    starts = _starts(number, first, last)
    late = Exists(Milestone.objects.filter(onboarding=OuterRef("pk"), is_late_data=True))
    asked = Pulse.objects.filter(onboarding=OuterRef("pk"), number=number)
    return askable().filter(
        Q(late, arrived_on__in=starts) | Q(~late, started_on__in=starts), ~Exists(asked)
    )


def coming(person: UUID, until: date) -> Iterable[date]:
    """When this person is still going to be asked by mail."""
    today = clock.today()
    late = Milestone.objects.filter(onboarding=OuterRef("pk"), is_late_data=True)
    asked = Pulse.objects.filter(onboarding=OuterRef("pk")).values("number")
    found = askable().filter(person=person).exclude(person__email="")
    for onboarding in found.annotate(is_late=Exists(late), asked=ArraySubquery(asked)):
        start = onboarding.arrived_on if onboarding.is_late else onboarding.started_on
        for number in (FIRST, SECOND):
            day = moment(number, start)
            if number not in onboarding.asked and today - STILL_NEW <= day <= until:
                yield max(today, day)


def is_open(pulse: Pulse) -> bool:
    """May it be answered, or the answer be changed, today?"""
    if pulse.answered_at:
        return clock.now() < pulse.answered_at + CHANGED_UNTIL
    return clock.today() < pulse.asked_on + OPEN_FOR


def newest(onboardings: Iterable[UUID]) -> Pulse | None:
    """Return the last question; the caller asks whether it is open."""
    found = Pulse.objects.filter(onboarding__in=onboardings)
    return found.select_related("onboarding__person").order_by("-number").first()


def with_question(onboardings: QuerySet[Onboarding]) -> QuerySet[Onboarding]:
    """Bring the last question along, so that *Mein Start* needs no query for it."""
    last = Pulse.objects.filter(onboarding=OuterRef("pk")).order_by("-number")
    names = ("number", "asked_on", "answer", "answered_at")
    return onboardings.annotate(
        **{f"pulse_{name}": Subquery(last.values(name)[:1]) for name in names}
    )


def open_for(onboarding: Any) -> Pulse | None:
    """Return the question of an onboarding found `with_question`, if it is open today."""
    if onboarding.pulse_number is None:
        return None
    pulse = Pulse(
        onboarding=onboarding,
        number=onboarding.pulse_number,
        asked_on=onboarding.pulse_asked_on,
        answer=onboarding.pulse_answer,
        answered_at=onboarding.pulse_answered_at,
    )
    return pulse if is_open(pulse) else None


def waits_for_talk() -> Q:
    """Of pulses: „nicht angekommen, meine Ansprechperson darf es wissen“, and no talk since."""
    talked = Contact.objects.filter(
        onboarding=OuterRef("onboarding"),
        result__in=TALKED,
        created_at__gte=OuterRef("answered_at"),
    )
    return Q(~Exists(talked), answer__in=NEGATIVE, may_be_told=True)


def says_not_arrived(user: User) -> Exists:
    """Of onboardings: does the newcomer want this Ansprechperson to know, and to call?

    Nobody else of the Ortsverein, though they may see the newcomer on their list.
    """
    told = Pulse.objects.filter(waits_for_talk(), onboarding=OuterRef("pk"))
    return Exists(told.filter(onboarding__responsible=user.person_id))


def want_to_be_called(user: User) -> QuerySet[Onboarding]:
    """Those of whom `says_not_arrived` is true, whatever else there is to do this week."""
    mine = Onboarding.objects.running().filter(
        says_not_arrived(user), responsible=user.person_id, person__no_contact_since=None
    )
    if not user.sees_whole_district:
        mine = mine.exclude(person__in=held_people())
    return mine.select_related("person").order_by("next_due_on", "pk")


@dataclass(frozen=True, slots=True)
class Published:
    """What staff may know: two numbers, both at least six, or nothing."""

    arrived: int
    not_yet: int


def published() -> Published | None:
    total = PulseTally.objects.exclude(published_on=None).aggregate(
        arrived=Sum("arrived"), not_yet=Sum("not_yet")
    )
    return Published(**total) if total["arrived"] else None
