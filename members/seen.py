"""Whom a request has loaded from the database: the raw material of „wer sah wen" (T2).

Collected where rows become objects, so that no view, search or download can forget it. Tasks and
commands collect nothing.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import UUID

from django.db import models


@dataclass(slots=True)
class Seen:
    """`people` were loaded; of `close` ones something about them was loaded, too."""

    people: set[UUID] = field(default_factory=set)
    close: set[UUID] = field(default_factory=set)


_seen: ContextVar[Seen | None] = ContextVar("seen", default=None)


@contextmanager
def collect() -> Iterator[Seen]:
    """Collect during one request."""
    found = Seen()
    token = _seen.set(found)
    try:
        yield found
    finally:
        _seen.reset(token)


@contextmanager
def uncounted() -> Iterator[None]:
    """For what is written down in another way: a file with a purpose."""
    token = _seen.set(None)
    try:
        yield
    finally:
        _seen.reset(token)


def note(people: Iterable[UUID | None], *, close: bool = False) -> None:
    """Say whom a query shows without making objects of them; without it they would not count."""
    found = _seen.get()
    if found is not None:
        known = {pk for pk in people if pk is not None}
        found.people |= known
        if close:
            found.close |= known


class SeenMixin(models.Model):
    """Loading this row means: this person was seen."""

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db: Any, field_names: Any, values: Any) -> Self:
        row = super().from_db(db, field_names, values)
        found = _seen.get()
        if found is not None:
            found.people.add(row.pk)
        return row


class SeenCloselyMixin(models.Model):
    """Loading this row means: something about `person` was read, not just a name in a column."""

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db: Any, field_names: Any, values: Any) -> Self:
        row = super().from_db(db, field_names, values)
        found = _seen.get()
        if found is not None and row.__dict__.get("person_id"):
            found.close.add(row.__dict__["person_id"])
        return row
