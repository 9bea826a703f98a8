"""For parts of pages that show who is away and who handed on, wherever they are included."""

from typing import Any

from django import template

from members.models import Absence, Assignment, Onboarding

register = template.Library()


@register.simple_tag(takes_context=True)
def my_absence(context: Any) -> Absence | None:
    """The days the reader is away, if today is one of them."""
    person = context["request"].user.person_id
    return Absence.objects.current().filter(person=person).order_by("-last_day").first()


@register.simple_tag(takes_context=True)
def handed_on_by_me(context: Any, onboarding: Onboarding) -> bool:
    """Was the reader the last one who handed this newcomer on?"""
    person = context["request"].user.person_id
    if onboarding.responsible_id == person:
        return False
    newest = Assignment.objects.live().filter(onboarding=onboarding).first()
    return newest is not None and newest.giver_id == person
