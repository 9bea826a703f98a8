"""When unasked mail rests: at night, on Sundays and holidays. Pure: no Django, no clock."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from holidays import HolidayBase, country_holidays

BERLIN = ZoneInfo("Europe/Berlin")
BEGINS, ENDS = time(7), time(21)


@lru_cache(maxsize=1)
def _holidays() -> HolidayBase:
    return country_holidays("DE", subdiv="NI")


def is_quiet_day(day: date) -> bool:
    """Sundays and the holidays of Lower Saxony; Saturdays are not."""
    return day.weekday() == 6 or day in _holidays()


def next_allowed(moment: datetime) -> datetime:
    """Return `moment` if mail may leave then, else the next seven o'clock that is allowed.

    Counted on the clock in Berlin, so that a night of changing clocks is no hour off.
    """
    here = moment.astimezone(BERLIN)
    day = here.date()
    if here.time() >= ENDS:
        day += timedelta(days=1)
    elif here.time() >= BEGINS and not is_quiet_day(day):
        return moment
    while is_quiet_day(day):
        day += timedelta(days=1)
    return datetime.combine(day, BEGINS, tzinfo=BERLIN).astimezone(moment.tzinfo)
