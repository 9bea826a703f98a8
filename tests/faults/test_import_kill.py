"""A worker killed in the middle of a take-over: nothing half done, and after beat exactly once.

Seen red: with a commit in the middle of the take-over, and without the sweep.
"""

import time
from datetime import timedelta

from django.db import connection

from members.models import ImportChange, ImportRun, Membership, Onboarding, Person
from members.services import imports
from portal.celery import app
from portal.common import clock
from portal.common.outbox.models import OutgoingMail
from tests.faults.mailing import PATIENCE, Workers

ROWS = 1500
State = ImportRun.State


def export() -> bytes:
    head = "Mitgliedsnummer;Vorname;Nachname;E-Mail;PLZ;Eintrittsdatum;Ortsverein"
    joined = f"{clock.today() - timedelta(days=5):%d.%m.%Y}"
    lines = (
        f"{n};Kim;Viele{n};k{n}@example.org;30989;{joined};Gehrden" for n in range(1, ROWS + 1)
    )
    return "\n".join([head, *lines]).encode()


def until(happened, what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def is_writing(table: str = "members_membership") -> bool:
    """Does somebody hold rows of this table in an open transaction?"""
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists(select from pg_locks l join pg_class c on c.oid = l.relation "
            "where c.relname = %s and l.mode = 'RowExclusiveLock' and l.pid <> pg_backend_pid())",
            [table],
        )
        (found,) = cursor.fetchone()
    return found


def announce() -> None:
    """What beat does once a minute; here the task itself runs in the worker."""
    app.send_task("members.restart_imports")


def state(run: ImportRun) -> str:
    return ImportRun.objects.values_list("state", flat=True).get(pk=run.pk)


def everything() -> tuple[int, ...]:
    tables = (Membership, Onboarding, OutgoingMail, ImportChange)
    return (Person.objects.count(), *(table.objects.count() for table in tables))


def test_a_take_over_killed_in_the_middle_happens_exactly_once(mailing, workers: Workers):
    staff = mailing.world.person("staff")
    run = imports.stage(export(), staff)
    before = everything()
    worker = workers.start("jobs", queues="default,heavy")
    imports.confirm(run, staff)
    until(is_writing, "the worker never began")
    workers.kill(worker)
    until(lambda: not is_writing(), "the server did not undo what the dead worker had begun")
    assert (state(run), everything()) == (State.APPLYING, before)

    workers.start("jobs-again", queues="default,heavy")
    announce()
    announce()
    until(lambda: state(run) == State.APPLIED, "beat did not bring it back")
    people, memberships, onboardings, mails, changes = everything()
    assert people - before[0] == memberships - before[1] == ROWS
    assert (onboardings - before[2], mails, changes) == (ROWS, ROWS, ROWS)


def test_an_undo_killed_in_the_middle_happens_exactly_once(mailing, workers: Workers):
    staff = mailing.world.person("staff")
    before = everything()
    run = imports.apply(imports.stage(export(), staff), staff)
    after = everything()
    worker = workers.start("jobs", queues="default,heavy")
    imports.order_undo(run, staff)
    until(lambda: is_writing("common_outgoingmail"), "the worker never began")
    workers.kill(worker)
    until(lambda: not is_writing("common_outgoingmail"), "nothing was undone by the server")
    assert (state(run), everything()) == (State.UNDOING, after)

    workers.start("jobs-again", queues="default,heavy")
    announce()
    until(lambda: state(run) == State.UNDONE, "beat did not bring it back")
    assert everything() == before
