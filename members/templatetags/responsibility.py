"""For parts of pages that show who is away, wherever they are included."""

from typing import Any

from django import template

register = template.Library()


@register.simple_tag(takes_context=True)
def my_absence(context: Any) -> Any:
    """Until when the reader is away, if today is such a day; read with the offices."""
    held = context["request"].user.current_aemter
    return next((amt for amt in held if amt.away_until), None)
