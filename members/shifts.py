"""Four weeks of shifts, one letter a day from a Monday on (people.md R11). Knows no Django."""

from datetime import date, timedelta
from typing import Final

EARLY, LATE, NIGHT, FREE, UNKNOWN = "F", "S", "N", "-", "?"
LETTERS: Final = (EARLY, LATE, NIGHT, FREE, UNKNOWN)
WEEK, WEEKS = 7, 4
DAYS: Final = WEEK * WEEKS
NOTHING_KNOWN: Final = UNKNOWN * DAYS


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def seen_from(letters: str, begins: date | None, monday: date) -> str:
    """Return the four weeks from `monday` on: what is past falls off, what comes is unknown."""
    if not letters or begins is None:
        return NOTHING_KNOWN
    gone = (monday - begins).days
    known = UNKNOWN * max(-gone, 0) + letters[max(gone, 0) :]
    return known[:DAYS].ljust(DAYS, UNKNOWN)


def copied(letters: str, week: int) -> str:
    """Make one week, counted from 0, like the week before it."""
    start = week * WEEK
    return letters[:start] + letters[start - WEEK : start] + letters[start + WEEK :]


def is_plan(letters: str) -> bool:
    return len(letters) == DAYS and set(letters) <= set(LETTERS)
