"""Local times of the district: what a clock on the wall says, and which moment that is. Pure."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

ZONE = ZoneInfo("Europe/Berlin")
WEEK = timedelta(days=7)


class NoSuchTime(ValueError):
    """The clock jumps over this time, or shows it twice, on that day."""


def moment(day: date, at: time) -> datetime:
    """The moment of a wall-clock time; raises NoSuchTime on the two nights that are special."""
    local = datetime.combine(day, at, ZONE)
    early, late = local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)
    if early.astimezone(ZONE).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise NoSuchTime("In dieser Nacht wird die Uhr vorgestellt, diese Uhrzeit gibt es nicht.")
    if early != late:
        raise NoSuchTime("In dieser Nacht gibt es diese Uhrzeit zweimal. Bitte nimm eine andere.")
    return early


def local(at: datetime) -> datetime:
    return at.astimezone(ZONE)


def repeated(first: date, rhythm: str, until: date) -> Iterator[date]:
    """The days of a series after the first one, `until` included."""
    if rhythm == "monthly":
        yield from _same_weekday(first, until)
        return
    step = WEEK if rhythm == "weekly" else 2 * WEEK
    day = first + step
    while day <= until:
        yield day
        day += step


def _same_weekday(first: date, until: date) -> Iterator[date]:
    """„Jeden zweiten Dienstag im Monat“; a fifth one is left out where a month has none."""
    nth = (first.day - 1) // 7
    month = first.replace(day=1)
    while (month := month + relativedelta(months=1)) <= until:
        start = month + timedelta(days=(first.weekday() - month.weekday()) % 7)
        day = start + nth * WEEK
        if day.month == month.month and day <= until:
            yield day
