"""What waits for whoever leads an event (R6)."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.urls import reverse

from events import times
from events.models import CheckItem, Event
from members.models import User
from portal.common import clock
from portal.common.todos import Todo, register

REPORT_WITHIN = timedelta(days=3)
ASKED_FOR = timedelta(days=14)
AHEAD = timedelta(days=3)


def _reports(today: date) -> Any:
    """Over for at most two weeks, and nobody has said how it was."""
    since = clock.now() - ASKED_FOR
    rows = Event.objects.filter(state=Event.State.PUBLISHED, report=None, ends_at__gte=since)
    return rows.filter(ends_at__lt=clock.now())


def of_reports(today: date) -> Collection[UUID]:
    found = _reports(today).filter(responsible__isnull=False)
    return set(found.values_list("responsible", flat=True))


@register("event-report", of_reports)
def reports(user: User, today: date) -> Iterable[Todo]:
    for event in _reports(today).filter(responsible=user.person_id).order_by("ends_at", "pk"):
        yield Todo(
            key=f"event-report:{event.pk}",
            kind="event-report",
            title=f"Wie war es? Zwei Minuten Bericht: {event.title}",
            due_on=times.local(event.ends_at).date() + REPORT_WITHIN,
            url=reverse("events:report", args=[event.pk]),
        )


def _items(today: date) -> Any:
    rows = CheckItem.objects.filter(done_on=None, due_on__lte=today + AHEAD)
    return rows.filter(event__state=Event.State.PUBLISHED, event__ends_at__gte=clock.now())


def of_items(today: date) -> Collection[UUID]:
    found = _items(today).values_list("owner", "event__responsible")
    return {owner or responsible for owner, responsible in found if owner or responsible}


@register("event-item", of_items)
def items(user: User, today: date) -> Iterable[Todo]:
    """One's own, and what nobody has taken of an event one answers for."""
    me = user.person_id
    mine = Q(owner=me) | Q(owner=None, event__responsible=me)
    rows = _items(today).filter(mine).select_related("event")
    for item in rows.order_by("due_on", "pk"):
        yield Todo(
            key=f"event-item:{item.pk}",
            kind="event-item",
            title=f"{item.text} ({item.event.title})",
            due_on=item.due_on,
            url=reverse("events:prepare", args=[item.event_id]),
        )
