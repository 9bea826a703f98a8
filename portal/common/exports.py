"""The registry of everything that may leave as a file with people in it (T2, D3).

Who takes one says what for; the purpose, the number of people and the day on which the file is to
be deleted stay written down, the file itself is kept nowhere.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

Rows = QuerySet[Any, Any]


@dataclass(frozen=True, slots=True)
class Export:
    """One file: `rows` are what this user may see; `person` is the path to whom a row is about."""

    code: str
    title: str
    sentence: str  # what it is good for
    capability: str
    columns: tuple[str, ...]
    rows: Callable[[Any], Rows]
    person: str
    cells: Callable[[Any], Iterable[object]]
    # Who else stands in a column by name, beside the person the row is about.
    named: Callable[[Any], Iterable[UUID]] = lambda _row: ()


_exports: dict[str, Export] = {}


def register(export: Export) -> Export:
    """Make an export known; each code once."""
    if export.code in _exports:
        raise ValueError(f"export {export.code} is registered twice")
    _exports[export.code] = export
    return export


def find(code: str) -> Export | None:
    return _exports.get(code)


def title(code: str) -> str:
    """Return what people call it; the code itself if it is not offered any more."""
    export = find(code)
    return export.title if export else code


def all_exports() -> tuple[Export, ...]:
    return tuple(_exports.values())
