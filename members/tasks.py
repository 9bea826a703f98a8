"""Leaves: ids in, one use case, nothing else."""

from collections.abc import Callable
from uuid import UUID

from django.db import OperationalError

from members.models import ImportRun, MatchingRun
from members.services import (
    audit_watch,
    digests,
    exits,
    imports,
    interest_contacts,
    letters,
    mentoring,
    onboarding,
    pulse,
    rights,
    tandem_days,
    welcome,
)
from portal.celery import app
from portal.common import clock
from portal.common.jobs import enqueue
from portal.common.periodic import periodic
from portal.common.scope import scope


@app.task(name="members.run_matching")
def run_matching(pk: str) -> None:
    _match(mentoring.run_matching, UUID(pk))


@app.task(name="members.match_regions")
def match_regions(pk: str, *regions: str) -> None:
    _match(mentoring.match_regions, UUID(pk), regions)


def _match(work: Callable[..., object], pk: UUID, *what: object) -> None:
    try:
        with scope("system:matching"):
            work(pk, *what)
    except Exception:
        # Otherwise the broken run would wait for ever and no other could be asked for.
        with scope("system:matching"):
            mentoring.give_up(pk)
        raise


@periodic("members.nightly_matching")
def nightly_matching() -> None:
    mentoring.request_run(None, preview=False)


@periodic("members.start_queued_matching")
def start_queued_matching() -> None:
    """Start what a broken broker did not announce."""
    for pk in MatchingRun.objects.filter(state=MatchingRun.State.QUEUED).values_list("pk"):
        enqueue("members.run_matching", str(pk[0]))


@periodic("members.welcome_undecided")
def welcome_undecided() -> None:
    welcome.welcome_undecided()


@periodic("members.new_day")
def new_day() -> None:
    """What a date alone changes: exits, ended and new offices; what goes, says `retention`."""
    exits.end_memberships(clock.today())
    rights.drop_overtaken()
    tandem_days.new_day()
    onboarding.find_missing_responsibles()
    interest_contacts.find_responsibles()
    letters.drop_unneeded()
    pulse.forget()


@periodic("members.check_audit")
def check_audit() -> None:
    audit_watch.check()


@periodic("members.ask_pulse")
def ask_pulse() -> None:
    pulse.ask_all()


@periodic("members.send_digests")
def send_digests() -> None:
    digests.run()


@app.task(name="members.check_import")
def check_import(pk: str) -> None:
    try:
        with scope("system:import"):  # its own transaction: the count outlives the check
            goes_on = imports.begin_check(UUID(pk))
        if goes_on:
            with scope("system:import"):
                imports.check(UUID(pk))
    except OperationalError:
        raise  # the database is away: the file waits, and beat starts it again
    except Exception:
        with scope("system:import"):
            imports.give_up(UUID(pk))
        raise


@periodic("members.start_uploaded_checks")
def start_uploaded_checks() -> None:
    """Start what a broken broker did not announce."""
    waiting = ImportRun.objects.filter(state=ImportRun.State.UPLOADED)
    for pk in waiting.values_list("pk", flat=True):
        enqueue("members.check_import", str(pk))


@app.task(name="members.apply_import")
def apply_import(pk: str) -> None:
    _carry_out(imports.carry_out_apply, UUID(pk))


@app.task(name="members.undo_import")
def undo_import(pk: str) -> None:
    _carry_out(imports.carry_out_undo, UUID(pk))


def _carry_out(work: Callable[[UUID], None], pk: UUID) -> None:
    try:
        with scope("system:import"):
            work(pk)
    except OperationalError:
        raise  # the database is away: the order stands, and beat starts it again
    except Exception:
        with scope("system:import"):
            imports.give_back(pk)
        raise


@periodic("members.restart_imports")
def restart_imports() -> None:
    """Start what a broken broker did not announce, or a killed worker left behind."""
    imports.restart_ordered()
