"""When somebody is reminded, and who is told next. Pure: no Django, no clock, no database."""

from collections.abc import Collection, Hashable, Iterable
from datetime import date, timedelta
from typing import TypeVar

# The rungs (B7, R2). A thing once named is named again only when its step rises.
ARRIVED, SOON, DUE, LATE = range(4)
SOON_BEFORE = timedelta(days=10)
LATE_AFTER = timedelta(days=7)
# Whoever is reported upwards has seen the same sentence so long before.
WARNED_BEFORE = timedelta(days=7)

Someone = TypeVar("Someone", bound=Hashable)


def step(due_on: date, today: date, *, from_arrival: bool = False) -> int | None:
    """Return the rung reached today; None while there is nothing to say.

    `from_arrival`: named from its first day on, not only when the end comes near.
    """
    if today >= due_on + LATE_AFTER:
        return LATE
    if today >= due_on:
        return DUE
    if today >= due_on - SOON_BEFORE:
        return SOON
    return ARRIVED if from_arrival else None


def next_different(chain: Iterable[Someone], told: Collection[Someone]) -> Someone | None:
    """Return the first of a chain who has no part in it yet; None if nobody is left."""
    return next((one for one in chain if one not in told), None)


def may_climb(first_told_on: date | None, today: date) -> bool:
    """Has the person below known it long enough for somebody above to hear of it?"""
    return first_told_on is not None and first_told_on + WARNED_BEFORE <= today
