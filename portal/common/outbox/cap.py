"""How much unasked mail one person gets (people.md R7, domain.md B8); pure arithmetic."""

from collections.abc import Iterable
from datetime import datetime, timedelta

FIRST_DAYS = timedelta(days=30)
APART = timedelta(days=7)
WINDOW = timedelta(days=30)
MOST = 2


def next_allowed(now: datetime, welcomed: datetime | None, sent: Iterable[datetime]) -> datetime:
    """Return `now`, or the first later moment at which one more unasked mail is all right.

    In the first 30 days after the welcome a week lies between any two; after them there are at
    most two in any 30 days.
    """
    earlier = sorted(sent)
    moment = now
    while True:
        later = _pushed(moment, welcomed, [at for at in earlier if at <= moment])
        if later <= moment:
            return moment
        moment = later


def _pushed(moment: datetime, welcomed: datetime | None, before: list[datetime]) -> datetime:
    if welcomed and moment < welcomed + FIRST_DAYS:
        newest = max([welcomed, *before])
        return max(moment, newest + APART)
    recent = [at for at in before if at > moment - WINDOW]
    return moment if len(recent) < MOST else recent[-MOST] + WINDOW
