"""The one list "Zu tun": each app says what waits for a user, derived from facts (people.md R6)."""

from collections.abc import Callable, Collection, Iterable, Mapping
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
SourceOfSeveral = Callable[[Any, date, Collection[str]], Iterable[Todo]]
# Whom it is worth asking; or, as a mapping, already what each of them has to do.
Addressees = Callable[[date], Collection[UUID]]
_sources: dict[tuple[str, ...], SourceOfSeveral] = {}
_addressees: dict[str, Addressees] = {}


def register(kind: str, addressees: Addressees | None = None) -> Callable[[Source], Source]:
    """Add a source `(user, today) -> todos` of one kind.

    `addressees` tells for all people at once whom it is worth asking for; without it everybody.
    """

    def add(source: Source) -> Source:
        _add((kind,), lambda user, today, _kinds: source(user, today))
        if addressees:
            _addressees[kind] = addressees
        return source

    return add


def register_several(
    addressees: Mapping[str, Addressees],
) -> Callable[[SourceOfSeveral], SourceOfSeveral]:
    """Add a source `(user, today, kinds) -> todos` that asks for several kinds in one query."""

    def add(source: SourceOfSeveral) -> SourceOfSeveral:
        _add((*addressees,), source)
        _addressees.update(addressees)
        return source

    return add


def _add(kinds: tuple[str, ...], source: SourceOfSeveral) -> None:
    for kind in kinds:
        if any(kind in others for others in _sources):
            raise ValueError(f"todo kind {kind} is registered twice")
    _sources[kinds] = source


def addressees_of_all() -> dict[str, Collection[UUID]]:
    """Return by kind who can have something at all; a kind that is missing asks everybody."""
    today = clock.today()
    return {kind: addressees(today) for kind, addressees in _addressees.items()}


def todos_for(user: Any, leave_out: Collection[str] = ()) -> list[Todo]:
    """Merge all sources, due first, nobody gets one key twice."""
    today = clock.today()
    found: dict[str, Todo] = {}
    for kinds, source in _sources.items():
        if wanted := [kind for kind in kinds if kind not in leave_out]:
            found |= {todo.key: todo for todo in source(user, today, wanted)}
    return sorted(found.values(), key=lambda todo: (todo.due_on or date.max, todo.title))


def todos_knowing(
    user: Any, of_all: Mapping[str, Collection[UUID]], leave_out: Collection[str] = ()
) -> list[Todo]:
    """The same as `todos_for`, without asking again what `addressees_of_all` has answered."""
    settled = [
        kind
        for kind, people in of_all.items()
        if user.person_id not in people or isinstance(people, Mapping)
    ]
    known = [
        people[user.person_id]
        for people in of_all.values()
        if isinstance(people, Mapping) and user.person_id in people
    ]
    return [*known, *todos_for(user, [*leave_out, *settled])]
