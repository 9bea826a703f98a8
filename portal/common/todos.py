"""The one list "Zu tun": each app says what waits for a user, derived from facts (people.md R6)."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.common import clock


@dataclass(frozen=True, slots=True)
class Todo:
    """One sentence, one date, one action; `key` stays the same while the task is the same.

    A digest names a key again only when its `step` has risen.
    """

    key: str
    kind: str
    title: str
    due_on: date | None
    url: str
    person: str = ""
    step: int = 0


Source = Callable[[Any, date], Iterable[Todo]]
_sources: dict[str, Source] = {}


def register(kind: str) -> Callable[[Source], Source]:
    """Add a source `(user, today) -> todos` of one kind."""

    def add(source: Source) -> Source:
        if kind in _sources:
            raise ValueError(f"todo kind {kind} is registered twice")
        _sources[kind] = source
        return source

    return add


def todos_for(user: Any, leave_out: Collection[str] = ()) -> list[Todo]:
    """Merge all sources, due first, nobody gets one key twice."""
    today = clock.today()
    sources = [source for kind, source in _sources.items() if kind not in leave_out]
    found = {todo.key: todo for source in sources for todo in source(user, today)}
    return sorted(found.values(), key=lambda todo: (todo.due_on or date.max, todo.title))
