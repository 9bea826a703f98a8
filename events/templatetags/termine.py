"""Times of events in templates."""

from datetime import datetime

from django import template

from events import texts, times
from events.models import Event

register = template.Library()
register.filter("event_when", texts.when)
register.filter("event_moment", texts.moment)


@register.filter
def event_time(event: Event) -> str:
    return f"{times.local(event.starts_at):%H:%M}"


@register.filter
def clock_time(at: datetime) -> str:
    return f"{at:%H:%M}"
