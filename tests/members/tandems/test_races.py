"""Two people, or a person and a run, at the same moment."""

from contextlib import suppress

import pytest

from members.models import MatchingRun, MatchProposal, Mentor, Onboarding, Tandem
from members.services import mentoring, mentors, tandem_pairs, tandems
from portal.common.errors import DomainError
from portal.common.models import OutgoingMail
from portal.common.scope import scope
from tests.concurrency import at_once
from tests.members.tandem_people import propose, tandem

State = Tandem.State
TURNS = range(4)


@pytest.fixture(autouse=True)
def day():
    """Threads of their own: the real clock."""


def try_to(work):
    def attempt():
        with suppress(DomainError):
            work()

    return attempt


def free_places_hold():
    taken = tandem_pairs.places_taken()
    return (
        all(taken[one.person_id] <= one.capacity for one in Mentor.objects.all())
        and not MatchProposal.objects.filter(
            run__state=MatchingRun.State.CURRENT,
            onboarding__person__in=Tandem.objects.open().values("newcomer"),
        ).exists()
    )


@pytest.mark.parametrize("turn", TURNS)
def test_two_newcomers_say_yes_to_the_last_place(live_world, turn):
    with scope("system:test"):
        Mentor.objects.update(capacity=1)
        found = [propose(live_world, name) for name in ("newcomer", "other_newcomer")]
        arrivals = [
            Onboarding.objects.select_related("person").get(pk=one.onboarding_id) for one in found
        ]
    at_once(
        *(
            try_to(lambda one=one: tandems.accept(one, found[0].mentor_id, one.person))
            for one in arrivals
        )
    )
    with scope("system:test"):
        assert Tandem.objects.open().count() == 1
        assert OutgoingMail.objects.filter(kind="members.tandem_asked").count() == 1


@pytest.mark.parametrize("turn", TURNS)
def test_a_newcomer_says_yes_while_a_run_commits(live_world, turn):
    with scope("system:test"):
        proposal = propose(live_world)
        arrival = live_world.onboarding("newcomer")
        run = mentoring.request_run(None, preview=False)
    at_once(
        try_to(lambda: tandems.accept(arrival, proposal.mentor_id, arrival.person)),
        lambda: mentoring.run_matching(run.pk),
    )
    with scope("system:test"):
        assert free_places_hold()
        assert MatchingRun.objects.filter(state="current").count() == 1


@pytest.mark.parametrize("turn", TURNS)
def test_a_mentor_says_yes_while_the_newcomer_leaves(live_world, turn):
    with scope("system:test"):
        found = tandem(live_world, "asked")
    at_once(
        try_to(lambda: tandems.answer(found.pk, found.mentor, yes=True, by=found.mentor)),
        try_to(lambda: tandems.leave(found.pk, found.newcomer, found.newcomer)),
    )
    with scope("system:test"):
        found.refresh_from_db()
        assert (found.state, found.outcome) == (State.ENDED, Tandem.Outcome.CHANGED)


@pytest.mark.parametrize("turn", TURNS)
def test_a_mentor_rests_while_a_newcomer_says_yes(live_world, turn):
    with scope("system:test"):
        proposal = propose(live_world)
        arrival = live_world.onboarding("newcomer")
    at_once(
        try_to(lambda: tandems.accept(arrival, proposal.mentor_id, arrival.person)),
        lambda: mentors.pause(proposal.mentor, rests=True),
    )
    with scope("system:test"):
        assert Mentor.objects.get(pk=proposal.mentor_id).paused_on is not None
        assert not MatchProposal.objects.exists()
        assert Tandem.objects.count() <= 1


@pytest.mark.parametrize("turn", TURNS)
def test_two_runs_at_once_leave_one_that_holds(live_world, turn):
    with scope("system:test"):
        first = MatchingRun.objects.create(created_at=mentoring.clock.now())
        second = MatchingRun.objects.create(created_at=mentoring.clock.now())
    at_once(
        lambda: mentoring.run_matching(first.pk),
        lambda: mentoring.run_matching(second.pk),
    )
    with scope("system:test"):
        assert MatchingRun.objects.filter(state="current").count() == 1
        held = MatchProposal.objects.filter(run__state="current")
        assert held.count() == len(set(held.values_list("onboarding", flat=True)))
        kind = "members.mentor_proposal"
        told = OutgoingMail.objects.filter(kind=kind).values_list("recipient_key", flat=True)
        assert len(told) == len(set(told)), "about the same mentor once"


@pytest.mark.parametrize("turn", TURNS)
def test_both_mentors_of_a_minor_say_yes_at_once(live_world, turn):
    with scope("system:test"):
        found = tandem(live_world, "asked", second=live_world.person("member"))
    at_once(
        lambda: tandems.answer(found.pk, found.mentor, yes=True, by=found.mentor),
        lambda: tandems.answer(found.pk, found.second, yes=True, by=found.second),
    )
    with scope("system:test"):
        found.refresh_from_db()
        assert found.state == State.ACTIVE
        assert OutgoingMail.objects.filter(kind="members.tandem_begins").count() == 3
