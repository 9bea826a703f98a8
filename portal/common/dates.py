"""Days as people say them."""

from datetime import date

from portal.common import clock

WEEKDAYS = ("Mo.", "Di.", "Mi.", "Do.", "Fr.", "Sa.", "So.")
LONG_WEEKDAYS = (
    "Montag",
    "Dienstag",
    "Mittwoch",
    "Donnerstag",
    "Freitag",
    "Samstag",
    "Sonntag",
)
MONTHS = (
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
)


def day(value: date) -> str:
    """„Do., 24.12.“; with the year unless it is this or a nearby one."""
    text = f"{WEEKDAYS[value.weekday()]}, {value:%d.%m.}"
    return text if abs((value - clock.today()).days) < 200 else f"{text}{value:%Y}"


def long_day(value: date) -> str:
    """„3. Dezember“; with the year when it is not this one."""
    text = f"{value.day}. {MONTHS[value.month - 1]}"
    return text if value.year == clock.today().year else f"{text} {value.year}"


def due(value: date) -> str:
    """„fällig seit Samstag“, „heute“, „bis Do., 26.11.“"""
    days = (value - clock.today()).days
    if days == 0:
        return "heute"
    if days > 0:
        return f"bis {day(value)}"
    if days >= -6:
        return f"fällig seit {LONG_WEEKDAYS[value.weekday()]}"
    return f"fällig seit {day(value)}"


def urgency(value: date) -> str:
    """Return "late", "soon" (ten days) or "calm", the word behind the colour."""
    days = (value - clock.today()).days
    if days < 0:
        return "late"
    return "soon" if days <= 10 else "calm"
