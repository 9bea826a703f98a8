"""Confirm and take back as tasks: once, as a whole, and lost by nobody."""

import pytest
import redis
from django.core.cache import cache
from django.db import OperationalError
from django.urls import reverse

from members import tasks
from members.models import ImportRun, Membership, Person
from members.services import imports
from members.services.imports import orders, progress
from portal.common import jobs
from portal.common.errors import DomainError
from portal.common.outbox.models import OutgoingMail
from tests.concurrency import at_once
from tests.members.exports import joined, rows, take_over

State = ImportRun.State


def line(number=77, mail="jana@example.org"):
    return f"{number};Jana;Neu;{mail};30989;{joined(5)};;Gehrden"


@pytest.fixture
def announced(monkeypatch):
    """What was announced to the broker, without one."""
    told = []
    monkeypatch.setattr(orders, "enqueue", lambda task, *args: told.append((task, *args)))
    return told


def test_confirming_orders_the_take_over_and_the_task_does_it(world, announced):
    run = imports.stage(rows(line()), world.person("staff"))
    imports.confirm(run, world.person("staff"))
    run.refresh_from_db()
    assert (run.state, announced) == (State.APPLYING, [("members.apply_import", str(run.pk))])
    assert Membership.objects.filter(number="77").exists() is False
    tasks.apply_import(str(run.pk))
    run.refresh_from_db()
    assert (run.state, run.ordered_by) == (State.APPLIED, world.person("staff"))
    assert Membership.objects.filter(number="77").count() == 1


def test_two_confirmations_and_two_tasks_at_once_take_over_once(live_world):
    run = imports.stage(rows(line()), None)
    staff = live_world.person("staff")
    at_once(lambda: imports.confirm(run, staff), lambda: imports.confirm(run, staff))
    run.refresh_from_db()
    assert run.state == State.APPLYING
    at_once(*[lambda: imports.carry_out_apply(run.pk)] * 3)
    assert Membership.objects.filter(number="77").count() == 1
    assert OutgoingMail.objects.count() == 1
    at_once(lambda: imports.order_undo(run, staff), lambda: imports.order_undo(run, staff))
    at_once(*[lambda: imports.carry_out_undo(run.pk)] * 3)
    run.refresh_from_db()
    assert (run.state, run.undo_report["deleted"]) == (State.UNDONE, 1)


def test_beat_announces_again_what_nobody_works_on(world, announced):
    run = imports.stage(rows(line()), None)
    imports.restart_ordered()
    assert announced == []
    ImportRun.objects.update(state=State.APPLYING)
    imports.restart_ordered()
    ImportRun.objects.update(state=State.UNDOING)
    imports.restart_ordered()
    key = str(run.pk)
    assert announced == [("members.apply_import", key), ("members.undo_import", key)]


def test_numbers_that_changed_are_shown_anew_instead_of_taken_over(world):
    first, second = (imports.stage(rows(line()), None) for _ in range(2))
    imports.apply(first, None)
    imports.confirm(second, world.person("staff"))
    tasks.apply_import(str(second.pk))
    second.refresh_from_db()
    assert second.state == State.STAGED
    assert second.reason.startswith("Seit der Prüfung hat sich etwas geändert.")
    assert (second.counts["unchanged"], second.counts["new"], second.mails) == (1, 0, 0)
    imports.confirm(second, world.person("staff"))
    tasks.apply_import(str(second.pk))
    second.refresh_from_db()
    assert (second.state, second.reason) == (State.APPLIED, "")


@pytest.mark.parametrize("ordered", [State.APPLYING, State.UNDOING])
def test_a_task_that_breaks_leaves_nothing_half_done_and_says_so(world, monkeypatch, ordered):
    run = imports.stage(rows(line()), None)
    if ordered == State.UNDOING:
        imports.apply(run, None)
    ImportRun.objects.update(state=ordered)

    def breaks(*_args):
        raise ValueError("broken on purpose")

    monkeypatch.setattr("members.services.imports.applying.end_memberships", breaks)
    monkeypatch.setattr("members.services.onboarding.find_missing_responsibles", breaks)
    task = tasks.apply_import if ordered == State.APPLYING else tasks.undo_import
    with pytest.raises(ValueError, match="on purpose"):
        task(str(run.pk))
    run.refresh_from_db()
    before = State.STAGED if ordered == State.APPLYING else State.APPLIED
    assert (run.state, run.reason) == (before, orders.BROKE)
    assert Person.objects.filter(family_name="Neu").exists() is (ordered == State.UNDOING)


def test_a_database_that_went_away_leaves_the_order_standing(world, monkeypatch):
    run = imports.stage(rows(line()), None)
    ImportRun.objects.update(state=State.APPLYING)

    def gone(*_args):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr("members.services.imports.carry_out_apply", gone)
    with pytest.raises(OperationalError):
        tasks.apply_import(str(run.pk))
    run.refresh_from_db()
    assert run.state == State.APPLYING


def test_discarded_cannot_be_confirmed(world):
    run = imports.stage(rows(line()), None)
    imports.discard(run)
    with pytest.raises(DomainError, match="verworfen"):
        imports.confirm(run, world.person("staff"))


def test_the_page_waits_by_itself_and_ends_on_the_result(world, client_as):
    client = client_as("staff")
    run = imports.stage(rows(line()), world.person("staff"))
    url = reverse("members:import_run", args=[run.pk])
    answer = client.post(reverse("members:import_apply", args=[run.pk]))
    assert answer.url == url
    waiting = client.get(url)
    assert waiting.headers["Refresh"] == f"3; url={url}"
    assert "Läuft." in waiting.content.decode()
    progress.Progress(run).report("Neue Mitglieder werden angelegt", 20)
    assert "20 %" in client.get(url).content.decode()
    tasks.apply_import(str(run.pk))
    done = client.get(url)
    assert "Refresh" not in done.headers
    assert "Der Import ist übernommen" in done.content.decode()


def test_the_page_stays_calm_without_cache_and_broker(world, client_as, monkeypatch):
    def frozen(*_args, **_kwargs):
        raise redis.exceptions.TimeoutError("frozen")

    client = client_as("staff")
    run = imports.stage(rows(line()), world.person("staff"))
    monkeypatch.setattr(cache, "get", frozen)
    monkeypatch.setattr(cache, "set", frozen)
    monkeypatch.setattr(jobs.app, "send_task", frozen)
    url = reverse("members:import_run", args=[run.pk])
    assert client.post(reverse("members:import_apply", args=[run.pk])).url == url
    assert "Läuft." in client.get(url).content.decode()
    tasks.apply_import(str(run.pk))
    assert "Der Import ist übernommen" in client.get(url).content.decode()


def test_a_run_that_was_applied_stays_so_whoever_confirms_it(world):
    run = take_over(rows(line()))
    imports.confirm(run, world.person("staff"))
    run.refresh_from_db()
    assert run.state == State.APPLIED


def test_what_is_confirmed_can_no_longer_be_discarded(world, client_as):
    run = imports.stage(rows(line()), world.person("staff"))
    imports.confirm(run, world.person("staff"))
    client_as("staff").post(reverse("members:import_discard", args=[run.pk]))
    run.refresh_from_db()
    assert (run.state, run.rows.count()) == (State.APPLYING, 1)
    tasks.apply_import(str(run.pk))
    assert Membership.objects.filter(number="77").exists()
