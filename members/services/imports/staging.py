"""Stage a membership export: read, check, show what it would do. Nothing is taken over yet."""

import hashlib
from datetime import timedelta

from django.db import transaction

from members.imports import reader, rules
from members.imports.plan import Planned, make_plan
from members.models import District, ImportRow, ImportRun, Person
from portal.common import audit, clock
from portal.common.errors import DomainError

STAGING_LIVES = timedelta(hours=24)
BATCH = 2000


class FileRefused(DomainError):
    """The file as a whole cannot be read."""


@transaction.atomic
def stage(content: bytes, by: Person | None) -> ImportRun:
    """Read and check a file without taking anything over; raises FileRefused."""
    if not District.objects.exists():
        raise FileRefused(
            "Es ist noch kein Parteigebiet eingerichtet. "
            "Das geht auf dem Server: „manage.py setup_district“."
        )
    try:
        table = reader.read(content)
    except reader.Unreadable as error:
        raise FileRefused(str(error)) from error
    today = clock.today()
    plan = make_plan(rules.clean(table.lines, today), today)
    run = ImportRun.objects.create(
        sha256=hashlib.sha256(content).hexdigest(),
        encoding=table.encoding,
        unused_columns=table.unused_columns,
        created_by=by,
        created_at=clock.now(),
        counts=plan.counts,
        mails=plan.mails,
        letters=plan.letters,
    )
    ImportRow.objects.bulk_create((_staged(run, p) for p in plan.planned), batch_size=BATCH)
    audit.record("import.staged", by.pk if by else None, run, count=len(plan.planned))
    return run


def _staged(run: ImportRun, planned: Planned) -> ImportRow:
    return ImportRow(
        run=run,
        number=planned.row.number,
        verdict=planned.verdict,
        values=planned.row.values,
        problems=[problem.as_json() for problem in planned.row.problems],
        changed=planned.changed,
    )


@transaction.atomic
def discard(run: ImportRun) -> None:
    """Throw the staged rows away; the log entry stays."""
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    if run.state == ImportRun.State.STAGED:
        run.state = ImportRun.State.DISCARDED
        run.save(update_fields=["state"])
    run.rows.all().delete()


@transaction.atomic
def erase_staging() -> int:
    """Delete staged rows older than a day; what was never confirmed is discarded."""
    old = ImportRun.objects.filter(
        state=ImportRun.State.STAGED, created_at__lt=clock.now() - STAGING_LIVES
    )
    count, _ = ImportRow.objects.filter(run__in=old.values("pk")).delete()
    old.update(state=ImportRun.State.DISCARDED)
    return count
