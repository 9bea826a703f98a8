"""The nightly run: each rule for itself, held people untouched, a crash is repeated."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command

from members.models import Hold, Membership, Onboarding, Person
from members.services import erasure, exits, holds
from portal.common import clock, ledger, retaining, retention, tasks
from portal.common.errors import DomainError
from portal.common.models import AuditEvent, RetentionApproval, RetentionRun
from tests.retention_help import tonight
from tests.world import make_newcomer

RULE = "person.left"


@pytest.fixture(autouse=True)
def _own_ledger(settings, tmp_path):
    settings.ERASURE_LEDGER = str(tmp_path / "ledger.txt")


@pytest.fixture
def gone(world):
    """Somebody who left a hundred days ago."""
    person = make_newcomer("Geht", world.gliederung("Gehrden"), days=200).person
    with time_machine.travel(clock.now() - timedelta(days=100), tick=False):
        exits.record_exit(person, clock.today(), "wish", world.person("staff"))
    return person


def test_a_rule_without_two_yeses_only_counts(world, gone):
    RetentionApproval.objects.filter(rule=RULE).update(second_by=None, second_at=None)
    tasks.retention()
    assert Person.objects.filter(pk=gone.pk).exists()
    run = RetentionRun.objects.get(rule=RULE)
    assert (run.count, run.dry_run, run.day) == (1, True, clock.today())


def test_a_rule_that_is_stopped_while_others_run_deletes_nothing(world, gone, monkeypatch):
    rules = [rule for rule in retention.rules() if rule.code == "person.left"]
    idle = retaining.waiting

    def stopped_meanwhile():
        found = idle()
        if not found:
            retaining.stop("person.left", world.person("staff").pk)
        return found

    monkeypatch.setattr(retaining, "waiting", stopped_meanwhile)
    (outcome,) = retaining.run(rules)
    assert outcome.dry_run
    assert Person.objects.filter(pk=gone.pk).exists()


def test_a_changed_rule_only_counts_again(world, gone, monkeypatch):
    from dataclasses import replace

    changed = replace(retention.find(RULE), period=timedelta(days=80))
    monkeypatch.setitem(retention._rules, RULE, changed)
    assert list(retaining.waiting()) == [RULE]
    tasks.retention()
    assert Person.objects.filter(pk=gone.pk).exists()


def test_the_night_takes_who_is_due_once_and_notes_numbers_only(world, gone):
    tasks.retention()
    tasks.retention()
    assert not Person.objects.filter(pk=gone.pk).exists()
    run = RetentionRun.objects.get(rule=RULE)
    assert (run.count, run.dry_run, run.error) == (1, False, "")
    assert [entry.rule for entry in ledger.read()] == [RULE]
    assert AuditEvent.objects.filter(code="retention.run", fields=[RULE]).get().count == 1


def test_whoever_came_back_meanwhile_stays(world, gone):
    exits.reverse_exit(gone, world.person("staff"))
    assert RULE not in tonight()


def test_held_people_stay_and_are_counted(world, gone):
    holds.set_hold(gone, "Streit", None, world.person("staff"))
    assert RULE not in tonight()
    run = RetentionRun.objects.get(rule=RULE)
    assert (run.count, run.held) == (0, 1)
    holds.lift(gone, world.person("staff"))
    assert tonight(RULE) == {RULE: 1}


def test_nothing_of_a_held_person_is_blanked_either(world):
    person = world.person("newcomer")
    Onboarding.objects.filter(person=person).update(
        state="finished", started_on=clock.today() - timedelta(days=500), motives=["x"]
    )
    holds.set_hold(person, "Streit", None, world.person("staff"))
    assert tonight("newcomer.wishes") == {}
    assert world.onboarding("newcomer").motives == ["x"]


def test_a_hold_ends_by_itself_on_its_last_day(world):
    person = world.person("newcomer")
    holds.set_hold(person, "Streit", clock.today() + timedelta(days=10), world.person("staff"))
    for days, held in ((10, True), (11, False)):
        with time_machine.travel(clock.now() + timedelta(days=days), tick=False):
            assert Hold.objects.active().filter(person=person).exists() is held


def test_a_second_hold_is_refused(world):
    person, staff = world.person("newcomer"), world.person("staff")
    holds.set_hold(person, "Streit", None, staff)
    with pytest.raises(DomainError, match="schon eine Sperre"):
        holds.set_hold(person, "Streit", None, staff)


@pytest.mark.parametrize(
    ("role", "sees"), [("ansprechperson", False), ("vorsitz", False), ("staff", True)]
)
def test_held_people_are_shown_to_the_office_only(world, role, sees):
    person = world.person("newcomer")
    visible = [
        lambda: Person.objects.visible_to(world.user(role)).filter(pk=person.pk).exists(),
        lambda: Onboarding.objects.visible_to(world.user(role)).filter(person=person).exists(),
    ]
    assert [ask() for ask in visible] == [True, True]
    holds.set_hold(person, "Streit", None, world.person("staff"))
    assert [ask() for ask in visible] == [sees, sees]


@pytest.mark.parametrize("state", ["running", "finished"])
def test_after_an_exit_only_the_district_sees_somebody(world, state):
    person = world.person("newcomer")
    Onboarding.objects.filter(person=person).update(state=state)
    exits.record_exit(person, clock.today(), "wish", world.person("staff"))
    for role, sees in (("ansprechperson", False), ("vorsitz", False), ("staff", True)):
        user = world.user(role)
        assert Person.objects.visible_to(user).filter(pk=person.pk).exists() is sees
        assert Onboarding.objects.visible_to(user).filter(person=person).exists() is sees


@pytest.mark.logs_errors
def test_a_rule_that_fails_stops_no_other_and_is_reported(world, gone, monkeypatch):
    def broken(*args):
        raise OSError

    with monkeypatch.context() as patched:
        patched.setattr(ledger, "append", broken)
        tasks.retention()
    assert Person.objects.filter(pk=gone.pk).exists()
    runs = dict(RetentionRun.objects.values_list("rule", "error"))
    assert runs[RULE] == "OSError"
    assert [code for code, error in runs.items() if error] == [RULE]
    tasks.retention()
    assert not Person.objects.filter(pk=gone.pk).exists()
    assert RetentionRun.objects.get(rule=RULE).error == ""


@pytest.mark.logs_errors
def test_a_crash_between_ledger_and_commit_is_made_good_by_the_next_run(world, gone, monkeypatch):
    written = ledger.append

    def dies(subjects, rule):
        written(subjects, rule)
        raise KeyError

    with monkeypatch.context() as patched:
        patched.setattr(ledger, "append", dies)
        retaining.run([retention.find(RULE)])
    assert Person.objects.filter(pk=gone.pk).exists()
    assert [entry.subject for entry in ledger.read()] == [gone.pk]
    assert tonight(RULE) == {RULE: 1}
    assert {entry.subject for entry in ledger.read()} == {gone.pk}
    assert erasure.erase([gone.pk], "replay") == 0


def test_the_ledger_reads_past_half_a_line(settings, tmp_path, world):
    ledger.append([world.person("member").pk], RULE)
    with Path(settings.ERASURE_LEDGER).open("a") as file:
        file.write("2026-01-01T00:00:00+00:00 1234")
    ledger.append([world.person("mentor").pk], RULE)
    assert [entry.subject for entry in ledger.read()] == [
        world.person("member").pk,
        world.person("mentor").pk,
    ]


def test_what_an_old_export_still_names_is_not_brought_back(world):
    from members.services import imports
    from tests.members.exports import rows

    left = clock.today() - timedelta(days=90)
    line = f"77;Jana;Weg;jana@example.org;30989;01.01.2001;{left:%d.%m.%Y};Gehrden"
    run = imports.stage(rows(line), None)
    assert run.rows.get().verdict == "unchanged"
    imports.apply(run, world.person("staff"))
    assert not Membership.objects.filter(number="77").exists()


def test_the_command_says_what_would_go(world, gone):
    out = StringIO()
    call_command("retention", "--dry-run", "--format", "json", stdout=out)
    said = {one["rule"]: one for one in json.loads(out.getvalue())}
    assert said[RULE] == {"rule": RULE, "count": 1, "held": 0, "dry_run": True, "error": ""}
    assert Person.objects.filter(pk=gone.pk).exists()
    out = StringIO()
    call_command("retention", stdout=out)
    assert "person.left                1 erledigt" in out.getvalue()
