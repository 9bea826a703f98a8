"""Imports: which rows a tab of the dry run shows, what a row would change, how old the last is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from members.imports.reader import LABELS
from members.imports.rules import parse_date
from members.models import ImportRow, ImportRun, Membership
from portal.common import clock

Verdict = ImportRow.Verdict
Rows = QuerySet[ImportRow]


def _warned(name: str) -> Q:
    return Q(problems__contains=[{"field": LABELS[name], "level": "warning"}])


# Nobody knows yet where these people belong; they wait in the inbox after the import.
UNDECIDED = Q(verdict=Verdict.NEW) & (_warned("gliederung") | _warned("plz"))
TABS: dict[str, tuple[str, Q]] = {
    "new": ("neu", Q(verdict=Verdict.NEW)),
    "changed": ("geändert", Q(verdict=Verdict.CHANGED)),
    "moved": ("umgezogen", Q(verdict=Verdict.MOVED)),
    "left": ("ausgetreten", Q(verdict=Verdict.LEFT)),
    "rejected": ("abgelehnt", Q(verdict=Verdict.REJECTED)),
    "undecided": ("zu klären", UNDECIDED),
    "same": ("vermutlich dieselbe Person", Q(verdict=Verdict.SAME)),
    "hinweise": ("mit Hinweis", ~Q(problems=[])),
    "unchanged": ("unverändert", Q(verdict=Verdict.UNCHANGED)),
    "alle": ("alle", Q()),
}


@dataclass(frozen=True, slots=True)
class Tab:
    code: str
    label: str
    count: int


def tabs(run: ImportRun) -> list[Tab]:
    """Count with one query, what changes first; a tab without rows is not shown."""
    counts = run.rows.aggregate(
        **{f"n_{code}": Count("pk", filter=where) for code, (_, where) in TABS.items()}
    )
    counted = [Tab(code, label, counts[f"n_{code}"]) for code, (label, _) in TABS.items()]
    return [tab for tab in counted if tab.count]


def rows_of(run: ImportRun, code: str) -> Rows:
    rows = run.rows.select_related("lookalike")
    return rows.filter(TABS[code][1]) if code in TABS else rows


def left_behind(run: ImportRun) -> int:
    """How many rows stay where they are until a human says who they are."""
    return run.rows.filter(verdict=Verdict.SAME, decision="").count()


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one person, before and after."""

    label: str
    old: str
    new: str


def changes(rows: Iterable[ImportRow]) -> dict[int, list[Change]]:
    """Return, by row id, which fields would change from what to what."""
    changing = [row for row in rows if row.changed]
    found = Membership.objects.filter(number__in=[row.values["number"] for row in changing])
    stored = {m.number: m for m in found.select_related("person__gliederung")}
    return {
        row.pk: [
            Change(_label(name), _old(stored[number], name), _new(row, name))
            for name in row.changed
        ]
        for row in changing
        if (number := row.values["number"]) in stored
    }


def _label(name: str) -> str:
    return "volljährig ab" if name == "adult_on" else LABELS[name]


def _old(membership: Membership, name: str) -> str:
    if name == "gliederung":
        gliederung = membership.person.gliederung
        return gliederung.name if gliederung else ""
    if name == "kind":
        return membership.get_kind_display()
    owner: Any = membership if hasattr(membership, name) else membership.person
    return _shown(getattr(owner, name))


def _new(row: ImportRow, name: str) -> str:
    value = row.values.get(name, "")
    if name == "gliederung":
        return value or f"laut PLZ {row.values.get('plz', '')}"
    if name == "kind":
        return str(Membership.Kind(value).label)
    return _shown(parse_date(value) or value)


def _shown(value: object) -> str:
    return f"{value:%d.%m.%Y}" if isinstance(value, date) else str(value or "")


REJECTED_HEADER = ("Zeile", "Feld", "Was nicht stimmt")


def rejected_table(run: ImportRun) -> tuple[Sequence[str], list[list[object]]]:
    """Return header and lines of everything that was not taken, one line per problem."""
    rows = list(run.rows.filter(verdict=Verdict.REJECTED))
    names = [name for name in LABELS if any(name in row.values for row in rows)]
    lines: list[list[object]] = [
        [row.number, problem["field"], problem["message"], *(row.values.get(n, "") for n in names)]
        for row in rows
        for problem in row.problems
        if problem["level"] == "rejected"
    ]
    return (*REJECTED_HEADER, *(LABELS[name] for name in names)), lines


def days_since_import() -> int | None:
    """Return the days since the last take-over that still holds (R34); None before the first."""
    applied = ImportRun.objects.filter(state=ImportRun.State.APPLIED).order_by("-applied_at")
    last = applied.values_list("applied_at", flat=True).first()
    return (clock.today() - timezone.localdate(last)).days if last else None
