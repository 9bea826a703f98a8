"""After a restore: erase again whom we had erased, and only then let the portal start."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings

from members.models import Person
from members.services.erasure import erase
from portal.common import audit, clock, ledger
from portal.common.errors import DomainError
from portal.common.models import RestoreMark
from portal.common.scope import scope

BATCH = 500


@dataclass(frozen=True, slots=True)
class Replayed:
    """Numbers only: whoever reads the terminal need not know who."""

    entries: int
    erased: int
    restores: int


def replay(*, is_empty: bool) -> Replayed:
    """Erase every subject of the ledger that exists again; then close the marks.

    Each batch commits alone, so that a crash costs nothing: the marks stay open, and whoever is
    erased already is ignored the next time.
    """
    subjects = _ledger(is_empty)
    erased = 0
    for rule, people in subjects.items():
        for start in range(0, len(people), BATCH):
            with scope("system:replay"):
                erased += _erase_all(people[start : start + BATCH], rule)
    return Replayed(sum(map(len, subjects.values())), erased, _open(erased))


def _erase_all(people: list[UUID], rule: str) -> int:
    """Nobody may be left: what held them when the backup was made was over when we erased them."""
    erased = erase(people, rule, even_held=True)
    left = Person.objects.filter(pk__in=people).count()
    if left:
        raise DomainError(
            f"{left} Menschen aus der Löschliste ließen sich nicht löschen. Das Portal bleibt zu."
        )
    return erased


def _ledger(is_empty: bool) -> dict[str, list[UUID]]:
    """Read it whole before anything is erased, as erasing writes into it."""
    rule_of = {entry.subject: entry.rule for entry in ledger.read()}
    path = Path(settings.ERASURE_LEDGER)
    if rule_of and is_empty:
        raise DomainError(
            f"In der Löschliste stehen {len(rule_of)} Menschen, leer ist sie nicht: "
            "bitte ohne --ledger-is-empty."
        )
    if not rule_of and not is_empty:
        state = "enthält nichts Lesbares" if path.is_file() else "fehlt"
        raise DomainError(
            f"Die Löschliste {path} {state}. Bitte die Kopie vom anderen Ort hinlegen. Nur wenn "
            "noch nie jemand gelöscht wurde: mit --ledger-is-empty."
        )
    subjects = defaultdict(list)
    for subject, rule in rule_of.items():
        subjects[rule].append(subject)
    return dict(subjects)


def _open(erased: int) -> int:
    """Close every mark, and so open the portal; return how many there were."""
    with scope("system:replay"):
        marks = RestoreMark.objects.filter(replayed_at=None)
        closed = marks.update(replayed_at=clock.now(), erased=erased)
        if closed:
            audit.record("restore.replayed", None, count=erased)
    return closed
