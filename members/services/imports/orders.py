"""What people order and tasks carry out: take over, take back; nothing is lost on the way."""

from uuid import UUID

from django.db import transaction

from members.models import ImportRow, ImportRun, Person
from members.services.imports import applying, undoing
from portal.common import audit, clock
from portal.common.errors import DomainError
from portal.common.jobs import enqueue

State = ImportRun.State
APPLY, UNDO = "members.apply_import", "members.undo_import"
CHANGED = (
    "Seit der Prüfung hat sich etwas geändert. Es wurde nichts übernommen. "
    "Hier stehen die neuen Zahlen: Sieh sie dir an und bestätige noch einmal."
)
BROKE = (
    "Das hat gerade nicht geklappt. Es wurde nichts geändert. Versuch es bitte noch einmal; "
    "wenn es wieder scheitert, hilft die Technik mit der Uhrzeit weiter."
)


def _if_free(pk: UUID) -> ImportRun | None:
    """Lock the run; None while a task works on it, instead of waiting for that to end."""
    return ImportRun.objects.select_for_update(of=("self",), skip_locked=True).filter(pk=pk).first()


@transaction.atomic
def confirm(run: ImportRun, by: Person) -> None:
    """Order the take-over; ordering it twice orders it once."""
    free = _if_free(run.pk)
    if free is None or free.state in (State.APPLYING, State.APPLIED):
        return
    if free.state != State.STAGED:
        raise DomainError("Diese Prüfung ist verworfen. Bitte lade die Datei noch einmal hoch.")
    _order(free, State.APPLYING, by, APPLY)
    audit.record("import.confirmed", by.pk, free)


@transaction.atomic
def order_undo(run: ImportRun, by: Person) -> None:
    """Order the way back; raises DomainError with the reason why there is none any more."""
    free = _if_free(run.pk)
    if free is None or free.state in (State.UNDOING, State.UNDONE):
        return
    refusal = undoing.refusal(free)
    if refusal:
        raise DomainError(refusal)
    _order(free, State.UNDOING, by, UNDO)
    audit.record("import.undo_ordered", by.pk, free)


def _order(run: ImportRun, state: str, by: Person, task: str) -> None:
    run.state, run.ordered_by, run.reason = state, by, ""
    run.save(update_fields=["state", "ordered_by", "reason"])
    enqueue(task, str(run.pk))


@transaction.atomic
def carry_out_apply(pk: UUID) -> None:
    """Do what was confirmed; where the numbers have changed, show the new ones instead."""
    run = ImportRun.objects.select_related("ordered_by").get(pk=pk)
    if run.state != State.APPLYING:
        return
    try:
        with transaction.atomic():
            applying.apply(run, run.ordered_by)
    except applying.PlanChanged:
        recheck(run)


@transaction.atomic
def recheck(run: ImportRun) -> None:
    """Judge the staged rows anew, and ask again."""
    run = ImportRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    plan = applying.plan_of(run, clock.today())
    by_number = {planned.row.number: planned for planned in plan.planned}
    rows = list(run.rows.all())
    for row in rows:
        planned = by_number[row.number]
        row.verdict, row.changed = planned.verdict, planned.changed
        row.problems = [problem.as_json() for problem in planned.row.problems]
    ImportRow.objects.bulk_update(rows, ["verdict", "changed", "problems"], batch_size=500)
    run.counts, run.mails, run.letters = plan.counts, plan.mails, plan.letters
    run.state, run.reason = State.STAGED, CHANGED
    run.save(update_fields=["counts", "mails", "letters", "state", "reason"])


def carry_out_undo(pk: UUID) -> None:
    """Do what was ordered; doing it again changes nothing."""
    run = ImportRun.objects.select_related("ordered_by").get(pk=pk)
    if run.state == State.UNDOING:
        undoing.undo(run, run.ordered_by)


@transaction.atomic
def give_back(pk: UUID) -> None:
    """A task broke and its work is undone: say so, and let people decide."""
    for before, now in ((State.APPLYING, State.STAGED), (State.UNDOING, State.APPLIED)):
        ImportRun.objects.filter(pk=pk, state=before).update(state=now, reason=BROKE)


@transaction.atomic
def restart_ordered() -> None:
    """Announce again what was ordered and nobody works on: a broker or a worker lost it."""
    for state, task in ((State.APPLYING, APPLY), (State.UNDOING, UNDO)):
        waiting = ImportRun.objects.filter(state=state)
        free = waiting.select_for_update(of=("self",), skip_locked=True)
        for pk in free.values_list("pk", flat=True):
            enqueue(task, str(pk))
