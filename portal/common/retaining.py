"""Carry out the deletion rules: each night, each in its own transaction, after two yeses."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q

from portal.common import audit, clock, retention
from portal.common.errors import DomainError
from portal.common.models import RetentionApproval, RetentionRun
from portal.common.retention import Action, Rows, Rule
from portal.common.scope import scope

log = structlog.get_logger(__name__)
BATCH = 2000


class NotYours(DomainError):
    """The second yes must come from somebody else."""


@dataclass(frozen=True, slots=True)
class Outcome:
    rule: Rule
    count: int
    held: int
    dry_run: bool
    error: str = ""


# --- Two people ---------------------------------------------------------------------------------


def approvals() -> dict[str, RetentionApproval]:
    """Return code → the yes to each rule as it is today; a changed rule has none."""
    current = [rule.fingerprint for rule in retention.rules()]
    return {row.rule: row for row in RetentionApproval.objects.filter(fingerprint__in=current)}


def waiting() -> dict[str, RetentionApproval | None]:
    """Return code → first yes, if any, of every rule that deletes nothing yet."""
    given = approvals()
    found = {rule.code: given.get(rule.code) for rule in retention.rules()}
    return {code: yes for code, yes in found.items() if yes is None or yes.second_by is None}


@transaction.atomic
def approve(codes: Iterable[str], by: UUID) -> int:
    """Say yes to rules as they are; returns how many of them are now complete.

    Two people who tap at the same moment are the first and the second; one person who taps twice
    is one.
    """
    said, completed = [], 0
    for code in sorted(set(codes)):
        rule = retention.find(code)
        if rule is None:
            raise DomainError("Diese Löschregel gibt es nicht mehr.")
        done = _say_yes(rule, by)
        said.append(code)
        completed += done
    audit.record("retention.approved", by, fields=said, count=len(said))
    return completed


def _say_yes(rule: Rule, by: UUID) -> bool:
    held, is_new = RetentionApproval.objects.get_or_create(
        rule=rule.code,
        fingerprint=rule.fingerprint,
        defaults={"first_by": by, "first_at": clock.now()},
    )
    if is_new:
        return False
    held = RetentionApproval.objects.select_for_update().get(pk=held.pk)
    if held.second_by:
        return False
    if held.first_by == by:
        raise NotYours(
            f"Zu „{rule.title}“ hast du schon Ja gesagt. Das zweite Ja kommt von jemand anderem."
        )
    held.second_by, held.second_at = by, clock.now()
    held.save(update_fields=["second_by", "second_at"])
    return True


@transaction.atomic
def stop(code: str, by: UUID) -> None:
    """One person is enough to stop a rule: it only counts until two have said yes again."""
    if RetentionApproval.objects.filter(rule=code).delete()[0]:
        audit.record("retention.stopped", by, fields=[code])


# --- The run ------------------------------------------------------------------------------------


def run(
    rules: Sequence[Rule] | None = None, *, dry_run: bool = False, note: bool = True
) -> list[Outcome]:
    """Carry out every approved rule and count the others; one that fails stops no other."""
    chosen = retention.rules() if rules is None else rules
    with scope("system:retention"):
        idle = set(waiting())
    return [_one(rule, dry_run=dry_run or rule.code in idle, note=note) for rule in chosen]


def run_hourly() -> list[Outcome]:
    """The rules that count in hours."""
    return run([rule for rule in retention.rules() if rule.is_hourly])


def run_nightly() -> list[Outcome]:
    """The first call of a day does the work; later ones do what failed, or was not done."""
    with scope("system:retention"):
        counted = RetentionRun.objects.filter(day=clock.today(), error="")
        done = counted.filter(Q(dry_run=False) | Q(rule__in=waiting()))
        finished = set(done.values_list("rule", flat=True))
    nightly = [rule for rule in retention.rules() if not rule.is_hourly]
    return run([rule for rule in nightly if rule.code not in finished])


def _one(rule: Rule, *, dry_run: bool, note: bool) -> Outcome:
    try:
        with scope("system:retention"):
            outcome = _carry_out(rule, dry_run=dry_run)
            if note:
                _note(outcome)
    except Exception as error:
        log.error("retention_failed", rule=rule.code, exc_info=error)
        outcome = Outcome(rule, 0, 0, dry_run, type(error).__name__)
        if note:
            with scope("system:retention"):
                _note(outcome)
    return outcome


def _carry_out(rule: Rule, *, dry_run: bool) -> Outcome:
    # Asked again just now: somebody may have stopped it while the rules before it ran.
    dry_run = dry_run or rule.code in waiting()
    eraser = retention.eraser(rule.model)
    if eraser and not dry_run:
        eraser.lock()
    rows = retention.due(rule)
    held = retention.held(rule, rows).count()
    free = retention.free(rule, rows)
    return Outcome(rule, free.count() if dry_run else _apply(rule, free), held, dry_run)


def _apply(rule: Rule, rows: Rows) -> int:
    eraser = retention.eraser(rule.model)
    if rule.action is Action.BLANK:
        return rows.update(**rule.sets)
    if eraser is None:
        return rows.delete()[1].get(rule.model, 0)
    count, last = 0, None
    while True:
        rest = (rows.filter(pk__gt=last) if last else rows).order_by("pk")
        batch = list(rest.values_list("pk", flat=True)[:BATCH])
        if not batch:
            return count
        count, last = count + eraser.erase(batch, rule.code), batch[-1]


def _note(outcome: Outcome) -> None:
    """One row a rule and day: what is deleted adds up, what would be is known anew each time."""
    row, is_new = RetentionRun.objects.get_or_create(
        rule=outcome.rule.code,
        day=clock.today(),
        dry_run=outcome.dry_run,
        defaults={"at": clock.now()},
    )
    adds_up = not (is_new or outcome.dry_run)
    row.count = outcome.count + (row.count if adds_up else 0)
    row.at, row.held, row.error = clock.now(), outcome.held, outcome.error
    row.save(update_fields=["at", "count", "held", "error"])
    if outcome.count and not outcome.dry_run:
        audit.record("retention.run", None, fields=[outcome.rule.code], count=outcome.count)
