"""Leaves: ids in, one service call, nothing else."""

from uuid import UUID

from members.models import MatchingRun
from members.services import imports, mentoring, onboarding, people, welcome
from portal.celery import app
from portal.common import clock
from portal.common.jobs import enqueue
from portal.common.scope import scope


@app.task(name="members.run_matching")
def run_matching(pk: str) -> None:
    try:
        with scope("system:matching"):
            mentoring.run_matching(UUID(pk))
    except Exception:
        # Otherwise the broken run would wait for ever and no other could be asked for.
        with scope("system:matching"):
            mentoring.give_up(UUID(pk))
        raise


@app.task(name="members.nightly_matching")
def nightly_matching() -> None:
    with scope("system:matching"):
        mentoring.request_run(None, preview=False)


@app.task(name="members.start_queued_matching")
def start_queued_matching() -> None:
    """Start what a broken broker did not announce."""
    with scope("system:matching"):
        for pk in MatchingRun.objects.filter(state=MatchingRun.State.QUEUED).values_list("pk"):
            enqueue("members.run_matching", str(pk[0]))


@app.task(name="members.welcome_undecided")
def welcome_undecided() -> None:
    with scope("system:welcome"):
        welcome.welcome_undecided()


@app.task(name="members.apply_exits")
def apply_exits() -> None:
    with scope("system:exits"):
        imports.end_memberships(clock.today())
        onboarding.find_missing_responsibles()
        people.forget_majority(clock.today())


@app.task(name="members.erase_import_staging")
def erase_import_staging() -> None:
    with scope("system:retention"):
        imports.erase_staging()
