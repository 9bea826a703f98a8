"""Who comes: the list at the door, name tags, and inviting whoever is new."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from events import policies, queries, texts
from events.models import Registration
from events.services import doors, inviting, places, sheets, talking
from events.views.planning import led
from members.http import UserRequest, require
from portal.common import audit
from portal.common.errors import DomainError
from portal.common.scope import scope

CAME = {"ja": True, "nein": False, "offen": None}


@require_GET
@scope("system:events")
def participants(request: UserRequest, pk: Any) -> HttpResponse:
    """First names, needs and questions; ticked at the door or afterwards (R12)."""
    event = led(request, pk)
    rows = list(queries.participants(event))
    context = {
        "event": event,
        "when": texts.when(event),
        "coming": [one for one in rows if one.has_place],
        "waiting": [one for one in rows if not one.has_place],
        "seats": event.taken,  # type: ignore[attr-defined]
        "came": sum(one.seats for one in rows if one.came),
        "may_tick": places.may_tick(event),
    }
    return render(request, "events/participants.html", context)


@require_POST
@scope("system:events")
def mark(request: UserRequest, pk: Any, registration: Any) -> HttpResponse:
    event = led(request, pk)
    own = get_object_or_404(Registration, pk=registration, event=event)
    try:
        places.mark(own, CAME.get(request.POST.get("da", "")), request.user.person)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    return redirect("events:participants", event.pk)


@require_POST
@scope("system:events")
def talked(request: UserRequest, pk: Any, registration: Any) -> HttpResponse:
    """Turning up counts as the talk that was promised (F1)."""
    event = led(request, pk)
    own = get_object_or_404(Registration, pk=registration, event=event)
    try:
        talking.count_as_talk(own, request.user)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Gespräch mit {own.first_name} eingetragen.")
    return redirect("events:participants", event.pk)


@require_GET
@scope("system:events")
def sheet(request: UserRequest, pk: Any) -> HttpResponse:
    """List and name tags on paper."""
    event = led(request, pk)
    pdf = sheets.pdf(event, [one for one in queries.participants(event) if one.has_place])
    audit.record("event.list_printed", request.user.person_id, event)
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = 'attachment; filename="liste.pdf"'
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@scope("system:events")
def arrive(request: UserRequest, token: str) -> HttpResponse:
    """The code at the door leads here: „Ich bin da“."""
    event = doors.find(token)
    if event is None:
        raise Http404
    if request.method == "POST" and doors.is_open(event):
        try:
            places.arrive(event, request.user.person, request.user.person)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, "Schön, dass du da bist!")
        return redirect("events:event", event.pk)
    context = {"event": event, "when": texts.when(event), "is_open": doors.is_open(event)}
    return render(request, "events/arrive.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@scope("system:events")
def invite(request: UserRequest, pk: Any) -> HttpResponse:
    """Everybody new since last time, with one tap (F2)."""
    event = led(request, pk)
    require(policies.can_plan_for(request.user, event.gliederung))
    people = queries.to_invite(event)
    if request.method == "POST":
        number = inviting.invite(event, people, request.user.person)
        said = "Eine Person ist" if number == 1 else f"{number} Menschen sind"
        messages.success(request, f"{said} eingeladen.")
        return redirect("events:prepare", event.pk)
    by_way = inviting.ways(people)
    context = {"event": event, "when": texts.when(event), "ways": by_way}
    return render(request, "events/invite.html", context)
