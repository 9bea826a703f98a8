"""When somebody is reminded. Pure: no Django, no clock, no database."""

from datetime import date, timedelta

# The rungs (B7, R2). A thing once named is named again only when its step rises.
ARRIVED, SOON, DUE, LATE = range(4)
SOON_BEFORE = timedelta(days=10)
LATE_AFTER = timedelta(days=7)
# Whoever is reported upwards has seen the same sentence so long before.
WARNED_BEFORE = timedelta(days=7)


def step(
    due_on: date, today: date, *, from_arrival: bool = False, put_off: bool = False
) -> int | None:
    """Return the rung reached today; None while there is nothing to say.

    `from_arrival`: named from its first day on, not only when the end comes near.
    `put_off`: a later day is agreed; that spares reminders before the end, never the end itself.
    """
    if today >= due_on + LATE_AFTER:
        return LATE
    if today >= due_on:
        return DUE
    if put_off:
        return None
    if today >= due_on - SOON_BEFORE:
        return SOON
    return ARRIVED if from_arrival else None
