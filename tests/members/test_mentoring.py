import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse

from members import tasks
from members.forms.mentoring import WeightsForm, as_fields
from members.matching import DEFAULT_WEIGHTS
from members.models import MatchingRun, MatchProposal, Mentor, Onboarding, Topic
from members.services import mentoring as service
from portal.common import clock
from portal.common.errors import DomainError
from portal.common.models import AuditEvent
from portal.common.scope import scope
from tests.concurrency import at_once
from tests.world import canary, make_mentor, make_newcomer

State = MatchingRun.State


@pytest.fixture
def gehrden(world):
    Onboarding.objects.all().delete()
    Mentor.objects.all().delete()
    return world.gliederung("Gehrden")


def run(*, preview=False):
    return service.run_matching(service.request_run(None, preview=preview).pk)


def proposals():
    return {
        p.onboarding.person.family_name: p.mentor and p.mentor.person.family_name
        for p in MatchProposal.objects.filter(run__state=State.CURRENT)
    }


def test_a_run_proposes_and_gives_reasons_in_german(gehrden):
    make_newcomer("Eins", gehrden)
    make_newcomer("Zwei", gehrden, days=10)
    make_mentor("Pate", gehrden, capacity=1)
    stored = run()
    assert (stored.newcomers, stored.mentors, stored.matched) == (2, 1, 1)
    assert proposals() == {"Eins": "Pate", "Zwei": None}
    by_name = {p.onboarding.person.family_name: p for p in MatchProposal.objects.all()}
    assert by_name["Eins"].explanation == "Beide gehören zur selben Gliederung."
    assert by_name["Eins"].parts == {"gliederung": 30}
    assert (by_name["Zwei"].reason_code, by_name["Zwei"].explanation) == (
        "capacity",
        "1 mögliche Mentor:in voll: 2 Neumitglieder teilen sich 1 Platz.",
    )


def test_no_name_stands_in_a_reason(gehrden):
    make_newcomer("Zznewname", gehrden)
    make_mentor("Zzmentorname", gehrden, topics=["mobilitaet"])
    run()
    assert "Zz" not in MatchProposal.objects.get().explanation


@pytest.mark.parametrize("change", [{"wants_mentor": False}, {"state": Onboarding.State.CLOSED}])
def test_whoever_wants_no_mentor_leaves_the_run(gehrden, change):
    onboarding = make_newcomer("Ohne", gehrden)
    make_mentor("Pate", gehrden)
    Onboarding.objects.filter(pk=onboarding.pk).update(**change)
    assert run().newcomers == 0


@pytest.mark.parametrize(
    ("values", "active"),
    [
        ({"active_from": clock.today() + timedelta(days=1)}, 0),
        ({"active_to": clock.today() - timedelta(days=1)}, 0),
        ({"active_to": clock.today()}, 1),
    ],
)
def test_only_mentors_who_are_active_today_take_part(gehrden, values, active):
    mentor = make_mentor("Pate", gehrden)
    Mentor.objects.filter(pk=mentor.pk).update(**values)
    make_newcomer("Neu", gehrden)
    assert run().mentors == active


def test_a_minor_is_never_proposed_to_a_mentor_without_protection_concept(gehrden):
    make_newcomer("Jung", gehrden, adult_on=clock.today() + timedelta(days=300))
    make_mentor("Ungeschult", gehrden)
    run()
    assert proposals() == {"Jung": None}
    make_mentor("Geschult", gehrden, accepts_minors=True)
    run()
    assert proposals() == {"Jung": None}, "nobody under age alone with one mentor (T24)"
    make_mentor("Auch", gehrden, accepts_minors=True)
    run()
    found = MatchProposal.objects.get(run__state=State.CURRENT)
    assert {found.mentor.person.family_name, found.second.person.family_name} == {
        "Geschult",
        "Auch",
    }


def test_a_preview_changes_nothing_until_it_is_accepted(world, gehrden):
    make_newcomer("Neu", gehrden)
    make_mentor("Pate", gehrden)
    preview = run(preview=True)
    assert (preview.state, proposals()) == (State.PREVIEW, {})
    assert service.changes_against_current(preview) == {
        "kept": 0,
        "changed": 0,
        "new": 1,
        "lost": 0,
    }
    service.make_current(preview, world.person("staff"))
    assert proposals() == {"Neu": "Pate"}


def test_an_open_proposal_is_kept_by_the_next_run(gehrden):
    make_newcomer("Neu", gehrden)
    make_mentor("Eins", gehrden)
    run()
    make_mentor("Zwei", gehrden, topics=["wohnen"])
    preview = run(preview=True)
    assert service.changes_against_current(preview)["kept"] == 1


def test_an_old_preview_is_refused_after_a_new_run(world, gehrden):
    make_newcomer("Neu", gehrden)
    old = run(preview=True)
    run()
    with pytest.raises(DomainError, match="rechne neu"):
        service.make_current(old, world.person("staff"))


def test_only_the_current_runs_proposals_are_kept(gehrden):
    make_newcomer("Neu", gehrden)
    run()
    run()
    assert MatchProposal.objects.count() == 1
    assert MatchingRun.objects.filter(state=State.CURRENT).count() == 1


def test_asking_twice_while_one_run_waits_gives_the_same_run(gehrden):
    assert service.request_run(None, preview=True) == service.request_run(None, preview=True)


def test_running_a_run_twice_changes_nothing(gehrden):
    make_newcomer("Neu", gehrden)
    first = run()
    assert service.run_matching(first.pk).finished_at == first.finished_at


def test_a_run_that_breaks_does_not_block_the_next(gehrden, monkeypatch):
    broken = service.request_run(None, preview=True)

    def explode(world, weights):
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(service, "solve", explode)
    with pytest.raises(RuntimeError):
        tasks.run_matching(str(broken.pk))
    broken.refresh_from_db()
    assert broken.state == State.FAILED
    assert service.request_run(None, preview=True) != broken


def test_two_workers_take_the_same_run_and_it_is_stored_once(live_world):
    with scope("system:test"):
        pk = service.request_run(None, preview=False).pk
    at_once(lambda: service.run_matching(pk), lambda: service.run_matching(pk))
    assert MatchingRun.objects.get().state == State.CURRENT
    assert MatchProposal.objects.count() == 3


def test_the_command_prints_pairs_and_reasons_as_json(gehrden, capsys):
    newcomer = make_newcomer("Eins", gehrden)
    alone = make_newcomer("Zwei", gehrden, days=10)
    mentor = make_mentor("Pate", gehrden, capacity=1)
    call_command("assign_mentors", "--format", "json", "--dry-run")
    report = json.loads(capsys.readouterr().out)
    assert report == {
        "newcomers": 2,
        "mentors": 1,
        "matched": 1,
        "unmatched": 1,
        "score": 30,
        "pairs": [
            {
                "newcomer": str(newcomer.person_id),
                "mentor": str(mentor.person_id),
                "score": 30,
                "parts": {"gliederung": 30},
            }
        ],
        "reasons": {
            str(alone.person_id): "1 mögliche Mentor:in voll: 2 Neumitglieder teilen sich 1 Platz."
        },
    }
    assert MatchingRun.objects.count() == 0
    call_command("assign_mentors")
    assert proposals() == {"Eins": "Pate", "Zwei": None}


def test_mein_start_shows_the_mentor_without_a_name(world, client_as):
    world.person("mentor").topics.set([])
    run()
    body = client_as("newcomer").get("/start/").content.decode()
    assert "Eine Mentor:in könnte zu dir passen" in body
    assert canary("mentor") not in body


TOPICS_COUNT = replace(DEFAULT_WEIGHTS, same_gliederung=0, topic=50)


def test_other_weights_hold_only_after_somebody_has_taken_them_over(world, gehrden):
    topic = Topic.objects.get(code="mobilitaet")
    make_newcomer("Neu", gehrden).person.topics.add(topic)
    make_mentor("Nah", gehrden)
    make_mentor("Thema", world.gliederung("Uetze"), topics=["mobilitaet"])
    run()
    assert proposals() == {"Neu": "Nah"}

    asked = service.request_run(None, preview=True, weights=TOPICS_COUNT)
    preview = service.run_matching(asked.pk)
    assert service.weights_of(preview) == TOPICS_COUNT
    assert (service.weights_now(), proposals()) == (DEFAULT_WEIGHTS, {"Neu": "Nah"})

    service.make_current(preview, world.person("coordinator"))
    assert (service.weights_now(), proposals()) == (TOPICS_COUNT, {"Neu": "Thema"})
    run()  # the next night
    assert (service.weights_now(), proposals()) == (TOPICS_COUNT, {"Neu": "Thema"})
    noted = AuditEvent.objects.filter(code="matching.accepted").values_list("fields", flat=True)
    assert list(noted.order_by("at")) == [[], ["weights"], []]


def test_the_newest_weights_count_for_a_preview_that_waits(gehrden):
    first = service.request_run(None, preview=True)
    again = service.request_run(None, preview=True, weights=TOPICS_COUNT)
    assert first.pk == again.pk
    service.request_run(None, preview=True)  # without a wish of its own
    assert service.weights_of(service.run_matching(first.pk)) == TOPICS_COUNT


def weights_form(**values):
    return WeightsForm(as_fields(DEFAULT_WEIGHTS) | values, weights=DEFAULT_WEIGHTS)


def test_the_form_says_what_it_was_given():
    form = weights_form(topic=12, third=100)
    assert form.is_valid()
    assert form.weights == replace(DEFAULT_WEIGHTS, topic=12, load=(0, 30, 100))


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("topic", "", "Bitte ausfüllen."),
        ("topic", "viel", "Bitte eine ganze Zahl eingeben."),
        ("keep", -1, "0"),
        ("keep", 101, "100"),
        ("third", 29, "mindestens so viel kosten wie der zweite"),
    ],
)
def test_weights_that_make_no_sense_are_refused_at_their_field(field, value, says):
    form = weights_form(**{field: value})
    assert not form.is_valid()
    assert list(form.errors) == [field]
    assert says in form.errors[field][0]


def test_staff_see_what_other_weights_change_before_they_hold(world, gehrden, client_as):
    make_newcomer("Neu", gehrden)
    client, url = client_as("coordinator"), reverse("members:mentoring_weights")
    assert client.post(url, as_fields(TOPICS_COUNT)).url == reverse("members:mentoring")
    service.run_matching(MatchingRun.objects.get().pk)
    body = client.get(reverse("members:mentoring")).content.decode()
    assert "Selbe Gliederung: 0 statt 30" in body
    assert "Jedes gemeinsame Thema, höchstens drei: 50 statt 10" in body
    assert "Offener Vorschlag bleibt:" not in body


def test_a_preview_that_is_reckoned_again_keeps_its_weights(gehrden, client_as):
    asked = service.request_run(None, preview=True, weights=TOPICS_COUNT)
    service.run_matching(asked.pk)
    client = client_as("coordinator")
    assert 'value="50"' in client.get(reverse("members:mentoring_weights")).content.decode()
    client.post(reverse("members:mentoring_preview"))
    again = MatchingRun.objects.get(state=State.QUEUED)
    assert service.weights_of(again) == TOPICS_COUNT
