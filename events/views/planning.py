"""Plan an event in a few taps, change it, call it off, and say afterwards how it was."""

from contextlib import suppress
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from events import policies, queries, texts, times
from events.forms import CancelForm, CheckItemForm, EventForm, NewEventForm, ReportForm
from events.models import CheckItem, Event, EventKind, EventReport
from events.services import events as service
from events.services import reporting
from events.views.termine import visible
from members.http import UserRequest, require
from portal.common.errors import DomainError
from portal.common.scope import scope


@require_GET
@scope("system:events")
def kinds(request: UserRequest) -> HttpResponse:
    """What shall it be?"""
    require(policies.can_plan(request.user))
    return render(
        request, "events/kinds.html", {"kinds": EventKind.objects.filter(is_offered=True)}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@scope("system:events")
def new(request: UserRequest, code: str) -> HttpResponse:
    """Day, time, place; the rest comes from the kind and from last time."""
    require(policies.can_plan(request.user))
    kind = get_object_or_404(EventKind, code=code, is_offered=True)
    before = _last_time(request, kind)
    event = _template(kind, before)
    form = NewEventForm(
        request.POST or None, instance=event, user=request.user, initial=_proposed(before, request)
    )
    if request.method == "POST" and form.is_valid():
        if not policies.can_plan_for(request.user, event.gliederung):
            raise PermissionDenied
        try:
            service.create(form.save(commit=False), request.user.person, form.repeat)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Angekündigt. Alles Weitere kannst du jederzeit ergänzen.")
            return redirect("events:event", event.pk)
    context = {"form": form, "kind": kind, "before": before}
    return render(request, "events/new.html", context)


def _last_time(request: UserRequest, kind: EventKind) -> Event | None:
    """Of one's own Gliederung: another's place and link are no template."""
    own = request.user.person.gliederung_id
    found = queries.led_by(request.user).filter(
        kind=kind, gliederung=own, state=Event.State.PUBLISHED
    )
    return found.order_by("-starts_at").first()


def _template(kind: EventKind, before: Event | None) -> Event:
    """What the kind says, and what was true last time."""
    if before:
        start, end = before.starts_at, before.ends_at
        return service.copy(before, start, end)
    audience = Event.Audience.NEWCOMERS if kind.is_for_newcomers else Event.Audience.MEMBERS
    return Event(
        kind=kind,
        title=kind.name,
        audience=audience,
        needs_registration=kind.needs_registration,
    )


def _proposed(before: Event | None, request: UserRequest) -> dict[str, Any]:
    """Place and hour of last time; a day that was asked for."""
    said: dict[str, Any] = {"gliederung": request.user.person.gliederung_id}
    if before:
        start = times.local(before.starts_at)
        said |= {"begins": start.time(), "gliederung": before.gliederung_id}
    with suppress(ValueError):
        said["day"] = date.fromisoformat(request.GET.get("tag", ""))
    return said


def led(request: UserRequest, pk: Any) -> Event:
    """The event for whoever leads it; 404 for who does not see it, 403 for who may not."""
    found: Event = visible(request, pk)
    require(policies.can_lead(request.user, found))
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@scope("system:events")
def edit(request: UserRequest, pk: Any) -> HttpResponse:
    event = led(request, pk)
    form = EventForm(request.POST or None, instance=event, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            service.change(form.save(commit=False), form.changed, request.user.person)
            form.save_m2m()
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            said = "Gespeichert."
            if form.moved:
                said += " Alle Angemeldeten bekommen Bescheid."
            messages.success(request, said)
            return redirect("events:event", event.pk)
    return render(request, "events/edit.html", {"form": form, "event": event})


@require_http_methods(["GET", "HEAD", "POST"])
@scope("system:events")
def cancel(request: UserRequest, pk: Any) -> HttpResponse:
    """Call it off; everybody registered hears of it."""
    event = led(request, pk)
    form = CancelForm(request.POST or None, event=event, user=request.user)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        number = service.cancel(
            event, said["reason"], request.user.person, following=said.get("following", False)
        )
        what = "Abgesagt" if number == 1 else f"{number} Termine abgesagt"
        if number:
            messages.success(request, f"{what}. Alle Angemeldeten bekommen Bescheid.")
        return redirect("events:event", event.pk)
    context = {"form": form, "event": event, "when": texts.when(event), "people": event.taken}  # type: ignore[attr-defined]
    return render(request, "events/cancel.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@scope("system:events")
def prepare(request: UserRequest, pk: Any) -> HttpResponse:
    """The kit: what to do until when, how the evening goes, whom to expect; POST adds a task."""
    event = led(request, pk)
    form = CheckItemForm(request.POST or None, instance=CheckItem(event=event))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Steht auf der Liste.")
        return redirect("events:prepare", event.pk)
    minutes, blocks = 0, []
    for length, text in event.kind.blocks():
        begins = times.local(event.starts_at + timedelta(minutes=minutes))
        blocks.append((begins, length, text))
        minutes += length
    context = {
        "event": event,
        "form": form,
        "when": texts.when(event),
        "items": event.checklist.select_related("owner").order_by("done_on", "due_on", "pk"),
        "blocks": blocks,
        "turnout": queries.turnout(event),
        "to_invite": queries.to_invite(event).count() if event.kind.is_for_newcomers else 0,
        "report": EventReport.objects.filter(event=event).first(),
    }
    return render(request, "events/prepare.html", context)


@require_POST
@scope("system:events")
def tick(request: UserRequest, pk: Any, item: Any) -> HttpResponse:
    event = led(request, pk)
    found = get_object_or_404(CheckItem, pk=item, event=event)
    if request.POST.get("erledigt") == "mache-ich":
        service.take(found, request.user.person)
    else:
        service.tick(found, request.user.person, done=request.POST.get("erledigt") != "nein")
    return redirect("events:prepare", event.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@scope("system:events")
def report(request: UserRequest, pk: Any) -> HttpResponse:
    """Two minutes: how many, what about, what next time."""
    event = led(request, pk)
    if not event.is_over:
        messages.info(request, "Der Bericht kommt nach dem Termin.")
        return redirect("events:prepare", event.pk)
    written = EventReport.objects.filter(event=event).first()
    form = ReportForm(
        request.POST or None,
        instance=written or EventReport(event=event),
        initial={} if written else reporting.counted(event),
    )
    if request.method == "POST" and form.is_valid():
        reporting.write(form.save(commit=False), request.user.person)
        messages.success(request, "Danke, das war schon alles.")
        return redirect("events:prepare", event.pk)
    return render(request, "events/report.html", {"form": form, "event": event})
