"""The one source of time, so that a moved clock moves every rule."""

from datetime import date, datetime

from django.utils import timezone


def now() -> datetime:
    """Return the current moment (aware, UTC)."""
    return timezone.now()


def today() -> date:
    """Return the current day in Berlin."""
    return timezone.localdate()


def day_of(moment: datetime) -> date:
    """Return the day in Berlin to which a moment belongs."""
    return timezone.localdate(moment)


def greeting() -> str:
    """Return „Guten Morgen“, „Guten Tag“ or „Guten Abend“ by the hour in Berlin."""
    hour = timezone.localtime().hour
    if hour < 11:
        return "Guten Morgen"
    return "Guten Tag" if hour < 18 else "Guten Abend"
