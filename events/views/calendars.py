"""Calendar addresses to subscribe to."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from events import feeds
from events.models import CalendarFeed
from events.services import subscribing
from members.http import UserRequest
from members.models import Gliederung
from portal.common.scope import scope


@require_http_methods(["GET", "HEAD", "POST"])
@scope("system:events")
def subscribe(request: UserRequest) -> HttpResponse:
    """My calendar: a new address, shown once."""
    person, url = request.user.person, ""
    if request.method == "POST":
        token = subscribing.make(person, neutral=request.POST.get("neutral") == "ja")
        url = settings.BASE_URL + reverse("events:my_calendar", args=[token])
    context = {
        "feed": CalendarFeed.objects.filter(person=person).first(),
        "url": url,
        "gliederung": person.gliederung,
    }
    return render(request, "events/subscribe.html", context)


@require_POST
@scope("system:events")
def revoke(request: UserRequest) -> HttpResponse:
    if subscribing.revoke(request.user.person):
        messages.success(request, "Die Adresse gilt nicht mehr.")
    return redirect("events:subscribe")


@login_not_required
@require_safe
@scope("system:events")
def my_calendar(request: HttpRequest, token: str) -> HttpResponse:
    """What a calendar program asks for; whoever has the address reads it."""
    feed = subscribing.find(token)
    if feed is None:
        raise Http404
    entries = feeds.of_person(feed.person, neutral=feed.is_neutral)
    return feeds.answer(request, "Meine Termine", entries, "termine.ics")


@login_not_required
@require_safe
@scope("system:events")
def public_calendar(request: HttpRequest, pk: Any) -> HttpResponse:
    """What is public in a Gliederung and below."""
    found = get_object_or_404(Gliederung.objects.open(), pk=pk)
    return feeds.answer(request, str(found), feeds.of_gliederung(found), "termine.ics")
