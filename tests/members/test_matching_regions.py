"""Larger than a district: each region is matched by itself, and together they are the same."""

import random
from datetime import timedelta

import pytest

from members import tasks
from members.models import Gliederung, Level, MatchingRun, MatchProposal, Mentor, Onboarding
from members.services import mentoring
from members.services.matching_world import WHOLE, names_of, regions
from portal.common import clock
from portal.common.models import OutgoingMail
from portal.common.scope import scope
from tests.concurrency import at_once
from tests.world import make_mentor, make_newcomer

State = MatchingRun.State
PLACES = ("Gehrden", "Uetze", "Springe")
MINOR = {"adult_on": clock.today() + timedelta(days=300)}


def crowd():
    """Some people in three Gliederungen, too few mentors, minors with and without two of them."""
    Onboarding.objects.all().delete()
    Mentor.objects.all().delete()
    for place in PLACES:
        node = Gliederung.objects.get(name=place)
        for number in range(5):
            values = MINOR if number == 4 else {}
            make_newcomer(f"{place}{number}", node, days=10 + number, **values)
        for number in range(2):
            make_mentor(f"M{place}{number}", node, capacity=2, accepts_minors=place != "Uetze")
    Level.objects.filter(name="Ortsverein").update(mentors_stay=True)


@pytest.fixture
def country(world):
    crowd()
    return world


def asked(*, preview):
    return mentoring.request_run(None, preview=preview).pk


def stored(pk):
    return sorted(
        MatchProposal.objects.filter(run=pk).values_list(
            "onboarding", "mentor", "second", "score", "explanation", "reason_code"
        )
    )


def region_of(proposal):
    return proposal.onboarding.person.gliederung_id


def test_one_task_per_region_finds_the_same_as_one_process(country):
    apart = asked(preview=True)
    run = mentoring.run_matching(apart)
    assert (run.state, len(run.parts_left)) == (State.QUEUED, len(PLACES))
    for name in random.Random(1).sample(run.parts_left, len(PLACES)):
        tasks.match_regions(str(apart), name)
    together = asked(preview=True)
    MatchingRun.objects.filter(pk=together).update(parts_left=names_of(regions()))
    mentoring.match_regions(together, names_of(regions()))
    assert stored(apart) == stored(together)
    assert len(stored(apart)) == 15
    one, other = MatchingRun.objects.get(pk=apart), MatchingRun.objects.get(pk=together)
    fields = ("state", "newcomers", "mentors", "matched", "score", "parts_left")
    assert [getattr(one, name) for name in fields] == [getattr(other, name) for name in fields]
    assert (one.newcomers, one.mentors, one.parts_left) == (15, 6, [])


def test_mentors_stay_in_their_region(country):
    mentoring.run_matching(asked(preview=False))
    for name in names_of(regions()):
        tasks.match_regions(str(MatchingRun.objects.get().pk), name)
    found = MatchProposal.objects.filter(run__state=State.CURRENT, mentor__isnull=False)
    assert found.count() >= 6
    assert all(region_of(one) == one.mentor.person.gliederung_id for one in found)


def test_without_such_a_level_everybody_is_matched_together(country):
    Level.objects.update(mentors_stay=False)
    assert names_of(regions()) == [WHOLE]
    assert mentoring.run_matching(asked(preview=False)).state == State.PREVIEW
    assert MatchingRun.objects.get().state == State.CURRENT


def test_whoever_belongs_nowhere_is_a_region_too(country):
    lost = make_newcomer("Nirgends", Gliederung.objects.get(name="Gehrden"))
    lost.person.gliederung = None
    lost.person.save()
    assert WHOLE in names_of(regions())
    pk = asked(preview=True)
    mentoring.run_matching(pk)
    tasks.match_regions(str(pk), WHOLE)
    assert MatchProposal.objects.get().reason_code == "no_mentor_in_region"


def test_a_region_that_is_computed_twice_counts_once(country):
    pk = asked(preview=False)
    first, *others = mentoring.run_matching(pk).parts_left
    for name in (first, first, *others, first):
        tasks.match_regions(str(pk), name)
    run = MatchingRun.objects.get(pk=pk)
    assert (run.state, run.newcomers) == (State.CURRENT, 15)


def test_what_a_dead_worker_left_is_begun_again(country, monkeypatch):
    pk = asked(preview=False)
    first, *others = mentoring.run_matching(pk).parts_left
    tasks.match_regions(str(pk), first)
    told = []
    monkeypatch.setattr(mentoring, "enqueue", lambda *said: told.append(said))
    mentoring.run_matching(pk)
    assert told == [("members.match_regions", str(pk), name) for name in others]
    tasks.match_regions(str(pk), others[0])
    mentoring.run_matching(pk)  # the last one is left: nothing to hand on
    assert MatchingRun.objects.get(pk=pk).state == State.CURRENT


def test_many_regions_share_tasks(country, monkeypatch):
    told = []
    monkeypatch.setattr(mentoring, "MOST_TASKS", 2)
    monkeypatch.setattr(mentoring, "enqueue", lambda *said: told.append(said))
    pk = asked(preview=False)
    first, second, third = mentoring.run_matching(pk).parts_left
    task = ("members.match_regions", str(pk))
    assert told[-2:] == [(*task, first, third), (*task, second)]
    tasks.match_regions(str(pk), second, third)
    tasks.match_regions(str(pk), first, third)  # handed out twice; one of them is done
    run = MatchingRun.objects.get(pk=pk)
    assert (run.state, run.newcomers) == (State.CURRENT, 15)


def test_a_broken_region_ends_the_run_and_leaves_nothing(country, monkeypatch):
    pk = asked(preview=False)
    first, second, _ = mentoring.run_matching(pk).parts_left
    tasks.match_regions(str(pk), first)

    def broken(*_args):
        raise ValueError("broken")

    with monkeypatch.context() as patched:
        patched.setattr(mentoring, "solve", broken)
        with pytest.raises(ValueError, match="broken"):
            tasks.match_regions(str(pk), second)
    tasks.match_regions(str(pk), second)  # still in the queue
    assert MatchingRun.objects.get(pk=pk).state == State.FAILED
    assert not MatchProposal.objects.exists()
    assert asked(preview=False) != pk


def test_what_somebody_decided_in_between_counts_more(country):
    pk = asked(preview=False)
    parts = mentoring.run_matching(pk).parts_left
    for name in parts[:-1]:
        tasks.match_regions(str(pk), name)
    mentor = MatchProposal.objects.filter(run=pk, mentor__isnull=False).first().mentor
    Mentor.objects.filter(pk=mentor.pk).update(paused_on=clock.today())
    tasks.match_regions(str(pk), parts[-1])
    assert MatchingRun.objects.get(pk=pk).state == State.CURRENT
    assert not MatchProposal.objects.filter(mentor=mentor).exists()


def test_other_weights_in_between_make_the_run_begin_again(country):
    preview = asked(preview=True)
    weights = mentoring.weights_now()
    for name in mentoring.run_matching(preview).parts_left:
        tasks.match_regions(str(preview), name)
    nightly = asked(preview=False)
    parts = mentoring.run_matching(nightly).parts_left
    MatchingRun.objects.filter(pk=preview).update(
        weights=MatchingRun.objects.get(pk=preview).weights | {"topic": weights.topic + 3}
    )
    mentoring.make_current(MatchingRun.objects.get(pk=preview), None)
    for name in parts:
        tasks.match_regions(str(nightly), name)
    assert MatchingRun.objects.get(pk=preview).state == State.CURRENT
    assert MatchingRun.objects.get(pk=nightly).state == State.FAILED
    assert MatchingRun.objects.filter(state=State.QUEUED, is_preview=False).count() == 1


@pytest.mark.parametrize("turn", range(4))
def test_all_regions_at_once_finish_the_run_once(live_world, turn):
    with scope("system:test"):
        crowd()
        pk = asked(preview=False)
        parts = mentoring.run_matching(pk).parts_left
    at_once(*(lambda name=name: mentoring.match_regions(pk, [name]) for name in [*parts, *parts]))
    with scope("system:test"):
        run = MatchingRun.objects.get(pk=pk)
        assert (run.state, run.newcomers, run.parts_left) == (State.CURRENT, 15, [])
        told = OutgoingMail.objects.filter(kind="members.mentor_proposal")
        assert told.count() == run.matched
