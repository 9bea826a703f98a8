"""A file with people leaves: for a purpose, counted, told to each of them, and to be deleted."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from members import seen
from members.models import Person, User
from members.services import looks, recovery
from portal.common import audit, clock
from portal.common.csv_export import as_csv
from portal.common.errors import DomainError
from portal.common.exports import Export
from portal.common.models import ExportRun
from portal.common.outbox import services as outbox

TOLD = "members.export_told"
KEPT = timedelta(days=14)
# More people than this in one file, and a second person hears of it.
QUIETLY = 200


class NobodyInIt(DomainError):
    """There would be nothing in the file."""


class NoSecondPerson(DomainError):
    """There is nobody who could be told."""


@dataclass(frozen=True, slots=True)
class File:
    run: ExportRun
    name: str
    content: bytes


def count(export: Export, user: User) -> int:
    """How many different people the file would name."""
    return export.rows(user).order_by().values(export.person).distinct().count()


@transaction.atomic
def make(export: Export, user: User, purpose: str) -> File:
    """Write the file; everybody in it can read on their own page that it was made."""
    with seen.uncounted():
        rows = list(export.rows(user))
    people = {row.person_id for row in rows} - {user.person_id}
    if not rows:
        raise NobodyInIt("Dafür gibt es zurzeit niemanden. Es wurde nichts ausgegeben.")
    told = recovery.second_person(user.person_id, user.person_id)
    if len(people) > QUIETLY and told is None:
        raise NoSecondPerson(
            f"Über mehr als {QUIETLY} Menschen muss eine zweite Person Bescheid bekommen, und es "
            "gibt keine. Bitte trag im Gebiet eine zweite Person der Geschäftsstelle ein."
        )
    now, today = clock.now(), clock.today()
    run = ExportRun.objects.create(
        made_by=user.person_id,
        code=export.code,
        purpose=purpose,
        count=len({row.person_id for row in rows}),
        made_at=now,
        delete_on=today + KEPT,
    )
    named = {pk for row in rows for pk in export.named(row)} - people - {user.person_id}
    looks.record_export(user.person_id, people)
    looks.record_export(user.person_id, named, is_close=False)
    audit.record("export.made", user.person_id, run, count=run.count)
    if told and len(people) > QUIETLY:
        _tell(told, run)
    content = as_csv(export.columns, (export.cells(row) for row in rows))
    return File(run, f"{export.code}-{today:%Y-%m-%d}.csv", content)


def _tell(told: Person, run: ExportRun) -> None:
    if told.email:
        outbox.queue(
            outbox.Draft(
                kind=TOLD,
                recipient_key=told.pk,
                address=told.email,
                dedupe_key=f"{TOLD}:{run.pk}",
                ids={"export": str(run.pk)},
            )
        )


@transaction.atomic
def confirm_deleted(pk: UUID, user: User) -> bool:
    """Whoever took the file says that it is gone; nobody says it for somebody else."""
    mine = ExportRun.objects.filter(pk=pk, made_by=user.person_id, deleted_at=None)
    found = mine.select_for_update().first()
    if found is None:
        return False
    found.deleted_at = clock.now()
    found.save(update_fields=["deleted_at"])
    audit.record("export.deleted", user.person_id, found, count=found.count)
    return True
