"""Requests about people's own data: those that wait first, the nearest day on top."""

from datetime import timedelta

from django.db.models import Case, F, IntegerField, QuerySet, Value, When

from members.models import Person, RightsRequest, User
from portal.common import clock

SHOWN_FOR = timedelta(days=90)
# From here on a date is near.
SOON = timedelta(days=7)
State = RightsRequest.State


def in_order(user: User) -> QuerySet[RightsRequest]:
    """What waits; then what was answered in the last three months. Nothing one stops alone."""
    since = clock.today() - SHOWN_FOR
    found = RightsRequest.objects.visible_to(user).select_related("person")
    found = found.filter(state=State.OPEN) | found.filter(answered_on__gt=since, objection="")
    waits = Case(
        When(state=State.OPEN, then=Value(0)), default=Value(1), output_field=IntegerField()
    )
    return found.order_by(waits, F("answered_on").desc(nulls_first=True), "due_on", "pk")


def of_person(person: Person) -> list[RightsRequest]:
    """Everything this person ever asked, the newest first."""
    return list(person.rights_requests.order_by("-created_at", "pk"))


def standing(person: Person) -> set[str]:
    """What this person has objected to and what is stopped."""
    held = RightsRequest.objects.standing().filter(person=person)
    return set(held.values_list("objection", flat=True))
