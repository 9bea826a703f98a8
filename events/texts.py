"""How an event's time and place read in a sentence."""

from datetime import datetime

from events import times
from events.models import Event
from portal.common.dates import LONG_WEEKDAYS, long_day


def moment(at: datetime) -> str:
    local = times.local(at)
    return f"{_day(local)}, {local:%H:%M} Uhr"


def _day(local: datetime) -> str:
    return f"{LONG_WEEKDAYS[local.weekday()]}, {long_day(local.date())}"


def when(event: Event) -> str:
    """„Dienstag, 8. Dezember, 19:00 bis 21:00 Uhr“, or both days."""
    start, end = times.local(event.starts_at), times.local(event.ends_at)
    if start.date() != end.date():
        return f"{moment(event.starts_at)} bis {moment(event.ends_at)}"
    return f"{_day(start)}, {start:%H:%M} bis {end:%H:%M} Uhr"


def where(event: Event, *, with_link: bool = False) -> str:
    """Place and address; the link of an online meeting only for who is registered."""
    parts = [event.place, event.address]
    if event.is_online:
        parts.append(event.online_url if with_link else "online")
    return ", ".join(part for part in parts if part)
