"""The one list "Zu tun": each app says what waits for a user, derived from facts (people.md R6)."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from portal.common import clock


@dataclass(frozen=True, slots=True)
class Todo:
    """One sentence, one date, one action; `key` stays the same while the task is the same.

    A digest names a key again only when its `step` has risen. One item for several things lists
    them as `cases`: it is named again when one of them is new, and not when they get fewer.
    """

    key: str
    kind: str
    title: str
    due_on: date | None
    url: str
    person: str = ""
    step: int = 0
    cases: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """Under which keys a digest remembers that it has been named."""
        return [f"{self.key}:{case}" for case in self.cases] or [self.key]


Source = Callable[[Any, date], Iterable[Todo]]
Addressees = Callable[[date], Collection[UUID]]
_sources: dict[str, Source] = {}
_addressees: dict[str, Addressees] = {}


def register(kind: str, addressees: Addressees | None = None) -> Callable[[Source], Source]:
    """Add a source `(user, today) -> todos` of one kind.

    `addressees` tells for all people at once whom it is worth asking for; without it everybody.
    """

    def add(source: Source) -> Source:
        if kind in _sources:
            raise ValueError(f"todo kind {kind} is registered twice")
        _sources[kind] = source
        if addressees:
            _addressees[kind] = addressees
        return source

    return add


def addressees_of_all() -> dict[str, Collection[UUID]]:
    """Return by kind who can have something at all; a kind that is missing asks everybody."""
    today = clock.today()
    return {kind: addressees(today) for kind, addressees in _addressees.items()}


def todos_for(user: Any, leave_out: Collection[str] = ()) -> list[Todo]:
    """Merge all sources, due first, nobody gets one key twice."""
    today = clock.today()
    sources = [source for kind, source in _sources.items() if kind not in leave_out]
    found = {todo.key: todo for source in sources for todo in source(user, today)}
    return sorted(found.values(), key=lambda todo: (todo.due_on or date.max, todo.title))
