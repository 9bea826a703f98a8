"""What this app stores."""

from events.models.events import Event, Series
from events.models.feeds import CalendarFeed
from events.models.kinds import EventKind
from events.models.preparing import CheckItem, EventReport
from events.models.registrations import Registration

__all__ = [
    "CalendarFeed",
    "CheckItem",
    "Event",
    "EventKind",
    "EventReport",
    "Registration",
    "Series",
]
