"""What a date alone changes about tandems; each of it can be done twice without harm."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet

from members.models import Person, Tandem
from members.models.people import former_member
from members.models.tandems import ANSWER_WITHIN, ASK_BOTH_AFTER, CLOSING_BEFORE
from members.services import tandem_mail, tandem_reports, tandems
from portal.common import clock
from portal.common.locks import lock_for_transaction

# A question that never left (no address, no letter ticked) does not wait for ever.
NEVER_LEFT = timedelta(days=21)
# Nor does a yes of everybody that only lacks the paper signed at home.
PAPER_WITHIN = timedelta(days=42)


@transaction.atomic
def end_of_leavers() -> None:
    """Whoever is no member any more accompanies nobody and is accompanied by nobody."""
    gone = Q()
    for side in ("newcomer", "mentor", "second"):
        gone |= Q(former_member(OuterRef(side)))
    for tandem in _locked(Tandem.objects.open().filter(gone)):
        if tandem.state != Tandem.State.ENDED:
            tandems.end(tandem, Tandem.Outcome.LEFT, None, _still_there(tandem))


def _still_there(tandem: Tandem) -> list[Person]:
    people = Person.objects.filter(pk__in=[tandem.newcomer_id, *(one.pk for one in tandem.mentors)])
    return list(people.exclude(former_member(OuterRef("pk"))))


@transaction.atomic
def lapse() -> None:
    """Seven days after the question has left, no answer is an answer (R7)."""
    waiting = Tandem.objects.filter(state=Tandem.State.ASKED)
    late = [
        tandem
        for tandem in waiting.select_related("newcomer")
        # With all yeses it is not the mentor who is late.
        if not tandem.has_all_yeses
    ]
    asked = tandem_mail.asked_on(tandem.pk for tandem in late)
    today = clock.today()
    overdue = [
        tandem.pk
        for tandem in late
        if (
            asked[str(tandem.pk)] + ANSWER_WITHIN < today
            if str(tandem.pk) in asked
            else clock.day_of(tandem.asked_at) + NEVER_LEFT < today
        )
    ]
    for tandem in _locked(Tandem.objects.filter(pk__in=overdue, state=Tandem.State.ASKED)):
        if not tandem.has_all_yeses:
            told = [tandem.newcomer, *(one for one in tandem.mentors if tandem.has_said_yes(one))]
            tandems.end(tandem, Tandem.Outcome.LAPSED, None, told)


@transaction.atomic
def begin_or_give_up() -> None:
    """All have said yes: somebody came of age meanwhile, or the paper never came."""
    today = clock.today()
    for tandem in _locked(Tandem.objects.filter(state=Tandem.State.ASKED)):
        if not tandem.has_all_yeses or tandems.begin_if_ready(tandem):
            continue
        if clock.day_of(tandem.asked_at) + PAPER_WITHIN < today:
            everybody = [tandem.newcomer, *tandem.mentors]
            tandems.end(tandem, Tandem.Outcome.LAPSED, None, everybody)


@transaction.atomic
def lapse_proposals() -> None:
    """Two weeks after the mail has left, no answer is a no: somebody else gets the place."""
    lock_for_transaction(tandems.CURRENT)
    for onboarding, mentor in tandem_mail.unanswered_proposals():
        tandems.nobody_answered(UUID(onboarding), UUID(mentor))


@transaction.atomic
def ask_about_silence() -> None:
    """45 days without a meeting: both are asked whether they still meet (E4)."""
    silent: Any = Tandem.objects.active().without_held().with_last_sign()
    silent = silent.filter(last_sign_on__lte=clock.today() - ASK_BOTH_AFTER)
    for tandem in silent.select_related("newcomer", "mentor", "second"):
        tandem_mail.silent(tandem, tandem.last_sign_on)


@transaction.atomic
def ask_for_closing() -> None:
    """Two weeks before the planned end both are reminded of the closing talk (E5)."""
    soon = (
        Tandem.objects.active()
        .without_held()
        .filter(planned_end__lte=clock.today() + CLOSING_BEFORE)
    )
    for tandem in soon.select_related("newcomer", "mentor", "second"):
        tandem_mail.closing(tandem)


def _locked(found: QuerySet[Tandem]) -> list[Tandem]:
    rows = found.select_for_update(of=("self",)).select_related("newcomer", "mentor", "second")
    return list(rows.order_by("pk"))


def new_day() -> None:
    end_of_leavers()
    lapse()
    lapse_proposals()
    begin_or_give_up()
    tandem_reports.find_missing_readers()
    ask_about_silence()
    ask_for_closing()
