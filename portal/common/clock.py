"""The one source of time, so that a moved clock moves every rule."""

from datetime import date, datetime

from django.utils import timezone


def now() -> datetime:
    """Return the current moment (aware, UTC)."""
    return timezone.now()


def today() -> date:
    """Return the current day in Berlin."""
    return timezone.localdate()


def local_hour() -> int:
    """Return the hour of the day in Berlin, 0 to 23."""
    return timezone.localtime().hour
