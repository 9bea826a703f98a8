"""What waits for whoever leads an event (R6)."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from events import times
from events.models import CheckItem, Event, Registration
from events.services import mailing
from members.capabilities import kinds_granting
from members.models import Amt, User
from members.models.people import former_member
from portal.common import clock
from portal.common.todos import Todo, register

REPORT_WITHIN = timedelta(days=3)
ASKED_FOR = timedelta(days=14)
AHEAD = timedelta(days=3)
TOLD_WITHIN = timedelta(days=7)
FEW, THIN_WITHIN = 3, timedelta(days=5)


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


def _thin(today: date) -> Any:
    """Soon, for newcomers, and hardly anybody has said yes; or nobody is left to lead it."""
    coming = Registration.objects.filter(event=OuterRef("pk"), state__in=Registration.HOLDING)
    number = coming.order_by().values("event").annotate(number=Count("pk")).values("number")
    rows = Event.objects.filter(
        state=Event.State.PUBLISHED,
        needs_registration=True,
        kind__is_for_newcomers=True,
        starts_at__gt=clock.now(),
        starts_at__lt=clock.now() + THIN_WITHIN,
    )
    return rows.annotate(number=Coalesce(Subquery(number), 0)).filter(number__lt=FEW)


def of_thin(today: date) -> Collection[UUID]:
    return set(_thin(today).filter(responsible__isnull=False).values_list("responsible", flat=True))


@register("event-thin", of_thin)
def thin(user: User, today: date) -> Iterable[Todo]:
    """Five days before: call the ones who have not answered."""
    for event in _thin(today).filter(responsible=user.person_id).order_by("starts_at", "pk"):
        came = "niemand" if event.number == 0 else "erst eine Person"
        came = came if event.number < 2 else f"erst {event.number}"
        yield Todo(
            key=f"event-thin:{event.pk}",
            kind="event-thin",
            title=f"{event.title}: {came} angemeldet. Ruf noch jemanden an?",
            due_on=times.local(event.starts_at).date() - timedelta(days=1),
            url=reverse("events:prepare", args=[event.pk]),
        )


def _leaderless(today: date) -> Any:
    """Coming, and whoever answered for it is gone."""
    gone = former_member(OuterRef("responsible"))
    rows = Event.objects.filter(state=Event.State.PUBLISHED, starts_at__gt=clock.now())
    return rows.filter(Q(responsible=None) | Q(gone))


def of_leaderless(today: date) -> Collection[UUID]:
    paths = {
        path
        for event in _leaderless(today).select_related("gliederung")
        for path in event.gliederung.ancestor_paths
    }
    held = Amt.objects.active(today).filter(
        gliederung__path__in=paths, kind__in=kinds_granting("events.manage")
    )
    return set(held.values_list("person", flat=True))


@register("event-leaderless", of_leaderless)
def leaderless(user: User, today: date) -> Iterable[Todo]:
    """Whoever opens it and saves answers for it from then on."""
    rows = _leaderless(today).filter(gliederung__in=user.gliederungen("events.manage"))
    for event in rows.order_by("starts_at", "pk"):
        yield Todo(
            key=f"event-leaderless:{event.pk}",
            kind="event-leaderless",
            title=f"Wer kümmert sich um „{event.title}“?",
            due_on=min(today + AHEAD, times.local(event.starts_at).date()),
            url=reverse("events:edit", args=[event.pk]),
        )


def _calls(today: date) -> Any:
    """Somebody without e-mail has to hear soon of a free place, a new time, or that it is off."""
    lately = clock.now() - TOLD_WITHIN
    news = Q(event__state=Event.State.CANCELLED) | Q(event__sequence__gt=0)
    concerned = Q(state__in=mailing.CONCERNED, event__changed_at__gt=lately) & news
    rows = Registration.objects.filter(
        Q(state=Registration.State.OFFERED) | concerned,
        person__email="",
        event__starts_at__gt=clock.now(),
        event__starts_at__lt=clock.now() + TOLD_WITHIN,
    )
    return rows.select_related("person", "event")


def of_calls(today: date) -> Collection[UUID]:
    found = _calls(today).filter(event__responsible__isnull=False)
    return set(found.values_list("event__responsible", flat=True))


@register("event-call", of_calls)
def calls(user: User, today: date) -> Iterable[Todo]:
    """Post would come too late (R1)."""
    found = _calls(today).filter(event__responsible=user.person_id)
    for own in found.order_by("event__starts_at", "pk"):
        what = "abgesagt" if own.event.is_cancelled else "geändert"
        what = "ein Platz ist frei" if own.state == Registration.State.OFFERED else what
        yield Todo(
            key=f"event-call:{own.pk}:{own.event.sequence}:{own.state}",
            kind="event-call",
            title=f"Ruf {own.first_name} an: {own.event.title}, {what}",
            due_on=today,
            url=reverse("events:participants", args=[own.event_id]),
            person=str(own.person),
        )


def _items(today: date) -> Any:
    rows = CheckItem.objects.filter(done_on=None, due_on__lte=today + AHEAD)
    # What was to be done before is over with the event; what comes after it stays.
    still = Q(event__ends_at__gte=clock.now()) | Q(due_on__gt=F("event__ends_at__date"))
    return rows.filter(still, event__state=Event.State.PUBLISHED)


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
