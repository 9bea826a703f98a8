"""Filters and tags for all templates."""

from typing import Any
from urllib.parse import urlencode

from django import template

from portal.common import dates

register = template.Library()
register.filter("day", dates.day)
register.filter("long_day", dates.long_day)
register.filter("due", dates.due)
register.filter("urgency", dates.urgency)


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """Look a key up in a mapping; "" when it is not there."""
    return mapping.get(key, "")


@register.simple_tag(takes_context=True)
def with_query(context: Any, **changes: Any) -> str:
    """Return the current query string with some parameters changed."""
    query = context["request"].GET.dict() | changes
    return "?" + urlencode({key: value for key, value in query.items() if value not in ("", None)})
