"""Calendars: one's own behind a secret address, a Gliederung's public one, and a single event."""

import hashlib
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response

from events import texts
from events.calendar_file import Entry, calendar_file
from events.models import Event, Registration
from members.models import Gliederung, Person
from portal.common import clock

# What was, stays in the calendar for a while; a client that never deletes keeps it longer.
BACK = timedelta(days=60)
MOST = 500
State = Registration.State
MINE = (State.REGISTERED, State.OFFERED, State.WAITING)


def entry(event: Event, own: Registration | None = None, *, neutral: bool = False) -> Entry:
    """One event as calendars want it; no name of anybody, and neutral without its title (T20)."""
    waits = own is not None and own.state != State.REGISTERED
    title = "Termin" if neutral else f"{'Warteliste: ' if waits else ''}{event.title}"
    with_link = own is not None and not waits and not neutral
    return Entry(
        uid=f"{event.pk}@{settings.MAIL_DOMAIN}",
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        title=title,
        text="" if neutral else event.text,
        place="" if neutral else texts.where(event, with_link=with_link),
        url=settings.BASE_URL + reverse("events:event", args=[event.pk]),
        changed_at=event.changed_at,
        sequence=event.sequence,
        cancelled=event.is_cancelled,
    )


def of_person(person: Person, *, neutral: bool) -> list[Entry]:
    """What this person has said yes to, and is cancelled or moved since."""
    rows = Registration.objects.filter(
        person=person, state__in=MINE, event__ends_at__gte=clock.now() - BACK
    )
    rows = rows.exclude(event__state=Event.State.DRAFT).select_related("event")
    found = rows.order_by("event__starts_at", "event")[:MOST]
    return [entry(own.event, own, neutral=neutral) for own in found]


def of_gliederung(gliederung: Gliederung) -> list[Entry]:
    """What is public there and below."""
    below = Gliederung.objects.filter(path__startswith=gliederung.path)
    shared = Event.co_hosts.through._default_manager.filter(gliederung__in=below)
    rows = Event.objects.public().filter(
        Q(gliederung__in=below) | Q(pk__in=shared.values("event")), ends_at__gte=clock.now() - BACK
    )
    return [entry(event) for event in rows.order_by("starts_at", "pk")[:MOST]]


def answer(
    request: HttpRequest, name: str, entries: Iterable[Entry], filename: str
) -> HttpResponse:
    """The file, or nothing new: clients ask every few minutes (ETag)."""
    content = calendar_file(name, entries)
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    made = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    made["Content-Disposition"] = f'attachment; filename="{filename}"'
    response = get_conditional_response(request, etag=tag, response=made)
    assert response is not None  # the one that was made, or „not modified“
    response["ETag"] = tag
    response["X-Robots-Tag"] = "noindex"
    return response
