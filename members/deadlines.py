"""When a promise falls due. Pure: no Django, no clock, no database."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from dateutil.relativedelta import relativedelta
from holidays import HolidayBase, country_holidays

# A date that had already passed when the data came in gets this much time instead (R4).
GRACE = timedelta(days=14)


def month_end(day: date) -> date:
    """Return the last day of the calendar month of `day`."""
    return day + relativedelta(day=31)


def add_months(start: date, months: int) -> date:
    """Return the end of a period of months after `start` (BGB §§ 187 (1), 188 (2), (3)).

    A missing day is the last of its month: 30.11. + 3 months ends on 28.02.
    """
    return start + relativedelta(months=months)


@lru_cache(maxsize=4096)
def next_working_day(day: date, state: str = "NI") -> date:
    """Return `day`, or the next one that is no Saturday, Sunday or holiday (BGB § 193)."""
    closed = _holidays(state)
    while day.weekday() >= 5 or day in closed:
        day += timedelta(days=1)
    return day


@lru_cache(maxsize=4)
def _holidays(state: str) -> HolidayBase:
    return country_holidays("DE", subdiv=state)


@dataclass(frozen=True, slots=True)
class Promise:
    """One step of a template: months after joining at which it opens and falls due."""

    opens_after: int
    due_after: int


@dataclass(frozen=True, slots=True)
class Dates:
    """What a milestone stores. `due_on` is shown and worked with, `legal_due_on` is the record."""

    opens_on: date
    legal_due_on: date
    due_on: date
    is_late_data: bool


def plan(
    joined_on: date,
    arrived_on: date,
    promises: Iterable[Promise],
    *,
    ends_with_month: bool = False,
) -> list[Dates]:
    """Return the dates of all promises for somebody who joined and whose data arrived then.

    `ends_with_month` reads „bis Ende des 1. Monats nach Eintritt“ as the calendar month (B1).
    """
    dates = []
    for promise in promises:
        legal = add_months(joined_on, promise.due_after)
        if ends_with_month:
            legal = month_end(legal)
        late = legal < arrived_on
        due = next_working_day(arrived_on + GRACE if late else legal)
        dates.append(Dates(add_months(joined_on, promise.opens_after), legal, due, late))
    return dates
