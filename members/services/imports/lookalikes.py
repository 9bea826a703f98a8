"""„Vermutlich dieselbe Person“: a human says who a row is, before it is taken over (R5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from members.imports.lookalikes import Lookalikes
from members.imports.plan import is_newcomer, newcomer_since
from members.models import ImportRow, ImportRun, Person
from portal.common import audit, clock
from portal.common.errors import DomainError

Decision = ImportRow.Decision


@dataclass(frozen=True, slots=True)
class Choice:
    """The answer for one row: a known person, somebody else, or ("", None) for later."""

    decision: str
    person: UUID | None = None


def candidates(rows: Sequence[ImportRow]) -> dict[int, list[Person]]:
    """Return for each row everybody it may be, by the row's id."""
    lookalikes = Lookalikes()
    return {row.pk: lookalikes.of(row.values) for row in rows}


@transaction.atomic
def decide_lookalikes(run: ImportRun, choices: Mapping[int, Choice], by: Person) -> None:
    """Keep the answers for some rows, and count anew what the import would send."""
    run = ImportRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    if run.state != ImportRun.State.STAGED:
        raise DomainError("Diese Prüfung ist nicht mehr offen.")
    rows = list(run.rows.filter(pk__in=choices, verdict=ImportRow.Verdict.SAME))
    lookalikes, since = Lookalikes(), newcomer_since(clock.today())
    # First everything of this page is opened again, so that two answers can change places.
    for row in rows:
        _count(run, row, lookalikes, sign=-1, is_new=is_newcomer(row.values, since))
        row.decision, row.lookalike = "", None
    ImportRow.objects.bulk_update(rows, ["decision", "lookalike"])
    for row in rows:
        _decide(run, row, choices[row.pk], lookalikes)
        _count(run, row, lookalikes, sign=1, is_new=is_newcomer(row.values, since))
    run.save(update_fields=["mails", "letters"])
    audit.record("import.lookalikes_decided", by.pk, run, count=len(rows))


def _decide(run: ImportRun, row: ImportRow, choice: Choice, lookalikes: Lookalikes) -> None:
    if choice.decision == Decision.SAME:
        person = lookalikes.people.get(choice.person) if choice.person else None
        if person is None or person not in lookalikes.of(row.values):
            raise DomainError(f"Zeile {row.number}: Diese Person steht nicht mehr zur Auswahl.")
        if run.rows.filter(decision=Decision.SAME, lookalike=person).exists():
            raise DomainError(
                f"Zeile {row.number}: {person.full_name} ist schon einer anderen Zeile zugeordnet."
            )
        row.lookalike = person
    row.decision = choice.decision
    row.save(update_fields=["decision", "lookalike"])


def _count(
    run: ImportRun, row: ImportRow, lookalikes: Lookalikes, *, sign: int, is_new: bool
) -> None:
    """Add (or take away) the message that leaves because of this answer."""
    if not is_new or not _is_welcomed(row, lookalikes):
        return
    if row.values.get("email"):
        run.mails += sign
    else:
        run.letters += sign


def _is_welcomed(row: ImportRow, lookalikes: Lookalikes) -> bool:
    if row.decision == Decision.SAME:
        person = lookalikes.people.get(row.lookalike_id) if row.lookalike_id else None
        return person is not None and not (person.has_arrived or person.has_left)  # type: ignore[attr-defined]  # annotated by Lookalikes
    return row.decision == Decision.OTHER
