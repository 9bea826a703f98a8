"""After a restore: erase again whom we had erased, and only then let the portal start."""

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
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
# As long as no transaction lasts; and the name of a backup says when it was made.
MARGIN = timedelta(days=1)
MADE = re.compile(r"(\d{4}-\d\d-\d\dT\d{6}Z)")


@dataclass(frozen=True, slots=True)
class Replayed:
    """Numbers only: whoever reads the terminal need not know who."""

    entries: int
    erased: int
    restores: int
    spared: int


def replay(*, is_empty: bool) -> Replayed:
    """Erase every subject of the ledger that exists again; then close the marks.

    Each batch commits alone, so that a crash costs nothing: the marks stay open, and whoever is
    erased already is ignored the next time. Whoever is in the backup although the ledger named
    them long before was never erased, only about to be: they stay.
    """
    entries = _ledger(is_empty)
    made = _made()
    early = {who for who, entry in entries.items() if made and entry.at < made - MARGIN}
    subjects: dict[str, list[UUID]] = defaultdict(list)
    for who, entry in entries.items():
        if who not in early:
            subjects[entry.rule].append(who)
    erased = 0
    for rule, people in subjects.items():
        for start in range(0, len(people), BATCH):
            with scope("system:replay"):
                erased += _erase_all(people[start : start + BATCH], rule)
    with scope("system:replay"):
        spared = Person.objects.filter(pk__in=early).count()
    return Replayed(len(entries), erased, _open(erased), spared)


def _made() -> datetime | None:
    """When the backup that was restored last was made; None where its name does not say."""
    with scope("system:replay"):
        mark = RestoreMark.objects.order_by("restored_at").last()
    found = MADE.search(mark.dump) if mark else None
    return datetime.strptime(found[1], "%Y-%m-%dT%H%M%SZ").replace(tzinfo=UTC) if found else None


def _erase_all(people: list[UUID], rule: str) -> int:
    """Nobody may be left: what held them when the backup was made was over when we erased them."""
    erased = erase(people, rule, even_held=True)
    left = Person.objects.filter(pk__in=people).count()
    if left:
        raise DomainError(
            f"{left} Menschen aus der Löschliste ließen sich nicht löschen. Das Portal bleibt zu."
        )
    return erased


def _ledger(is_empty: bool) -> dict[UUID, ledger.Entry]:
    """Read it whole before anything is erased, as erasing writes into it."""
    entries = {entry.subject: entry for entry in ledger.read()}
    path = Path(settings.ERASURE_LEDGER)
    if entries and is_empty:
        raise DomainError(
            f"In der Löschliste stehen {len(entries)} Menschen, leer ist sie nicht: "
            "bitte ohne --ledger-is-empty."
        )
    if not entries and not is_empty:
        state = "enthält nichts Lesbares" if path.is_file() else "fehlt"
        raise DomainError(
            f"Die Löschliste {path} {state}. Bitte die Kopie vom anderen Ort hinlegen. Nur wenn "
            "noch nie jemand gelöscht wurde: mit --ledger-is-empty."
        )
    return entries


def _open(erased: int) -> int:
    """Close every mark, and so open the portal; return how many there were."""
    with scope("system:replay"):
        marks = RestoreMark.objects.filter(replayed_at=None)
        closed = marks.update(replayed_at=clock.now(), erased=erased)
        if closed:
            audit.record("restore.replayed", None, count=erased)
    return closed
