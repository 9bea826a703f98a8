"""The clock of an application (B6): who decides, decides; this only counts. Pure: no Django."""

from datetime import date, timedelta

from members.deadlines import add_months

REMINDED_AFTER = timedelta(days=21)


def reminded_from(applied_on: date) -> date:
    """From this day on the Vorsitz is reminded, every day until it is decided."""
    return applied_on + REMINDED_AFTER


def deemed_on(applied_on: date) -> date:
    """The last day on which the Vorstand may decide; after it somebody counts as admitted."""
    return add_months(applied_on, 1)


def is_deemed(applied_on: date, today: date) -> bool:
    return today > deemed_on(applied_on)


def step(applied_on: date, today: date) -> int:
    """0 while nobody is reminded, then one more each day."""
    return max(0, (today - reminded_from(applied_on)).days + 1)


def proposed_day(applied_on: date, today: date) -> date:
    """Which day of joining is most likely right: today, or the day the month ended."""
    return min(today, deemed_on(applied_on))


def over_since(today: date) -> date:
    """Everybody who applied before this day counts as admitted today."""
    days = (today - timedelta(days=days) for days in range(40, 0, -1))
    return next(day for day in days if not is_deemed(day, today))
