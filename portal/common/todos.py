"""The one list "Zu tun": each app says what waits for a user, derived from facts (people.md R6)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.common import clock


@dataclass(frozen=True, slots=True)
class Todo:
    """One sentence, one date, one action; `key` stays the same while the task is the same."""

    key: str
    kind: str
    title: str
    due_on: date | None
    url: str
    person: str = ""


Source = Callable[[Any, date], Iterable[Todo]]
_sources: list[Source] = []


def register(source: Source) -> Source:
    """Add a source `(user, today) -> todos`."""
    _sources.append(source)
    return source


def todos_for(user: Any) -> list[Todo]:
    """Merge all sources, due first, nobody gets one key twice."""
    today = clock.today()
    found = {todo.key: todo for source in _sources for todo in source(user, today)}
    return sorted(found.values(), key=lambda todo: (todo.due_on or date.max, todo.title))
