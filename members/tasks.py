"""Leaves: ids in, one use case, nothing else."""

from uuid import UUID

from members.models import MatchingRun
from members.services import (
    imports,
    mentoring,
    onboarding,
    people,
    sessions,
    signing_in,
    welcome,
)
from portal.celery import app
from portal.common import clock
from portal.common.jobs import enqueue
from portal.common.periodic import periodic
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
    """What a date alone changes: exits, ended and new offices, coming of age."""
    imports.end_memberships(clock.today())
    onboarding.find_missing_responsibles()
    people.forget_majority(clock.today())
    sessions.forget_expired()
    signing_in.forget_nobody()


@periodic("members.erase_import_staging")
def erase_import_staging() -> None:
    imports.erase_staging()
