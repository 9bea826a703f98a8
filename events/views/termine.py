"""*Termine*: what is on, one event's page, and saying that one comes.

Pages of events read in a scope of their own: how many places are taken, and who leads an event
for others, lies outside one's reach. What a page shows is decided by `visible_to` and `can_lead`.
"""

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from events import policies, queries, texts
from events.forms import GuestForm, WishForm
from events.labels import ACCESS, EXTRAS
from events.models import Event, EventKind, Registration
from events.services import guests, places
from members.http import UserRequest
from members.labels import LANGUAGES
from members.models import Kommune
from portal.common import clock
from portal.common.errors import DomainError
from portal.common.scope import scope

ROWS_PER_PAGE = 20
FARTHEST_YEARS = 5
State = Registration.State


@login_not_required
@require_GET
@scope("system:events")
def termine(request: HttpRequest) -> HttpResponse:
    """What comes next, as a list or as a month; citizens see what is public."""
    user = request.user
    kommune, kind = request.GET.get("ort", ""), request.GET.get("art", "")
    rows = queries.narrowed(queries.shown_to(user), kommune, kind)
    is_month = request.GET.get("ansicht") == "monat"
    context: dict[str, Any] = {
        "kommune": kommune,
        "kind": kind,
        "kommunen": Kommune.objects.order_by("short_name"),
        "kinds": EventKind.objects.filter(is_offered=True),
        "is_narrowed": bool(kommune or kind),
        "is_month": is_month,
        "plans": user.is_authenticated and policies.can_plan(user),
        "own_states": queries.OWN_STATES,
    }
    if is_month:
        first = _month(request.GET.get("monat", "")) or queries.next_month(rows)
        context["month"] = queries.month(rows, first)
    else:
        page = Paginator(queries.coming(rows), ROWS_PER_PAGE).get_page(request.GET.get("page"))
        if user.is_authenticated:
            for one in page:
                one.fits_shift = queries.fits_shift(user.person, one)
        context["page"] = page
    return render(request, "events/termine.html", context)


def _month(text: str) -> date | None:
    """„2026-12“; anything else, or a time no calendar goes to, is none."""
    try:
        wanted = date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
    return wanted if abs(wanted.year - clock.today().year) <= FARTHEST_YEARS else None


def visible(request: HttpRequest, pk: Any) -> Any:
    """The event, or 404 for whoever does not see it."""
    return get_object_or_404(queries.shown_to(request.user), pk=pk)


@login_not_required
@require_GET
@scope("system:events")
def event(request: HttpRequest, pk: Any) -> HttpResponse:
    """When, where, for whom, and one tap to come."""
    found, user = visible(request, pk), request.user
    own = _own(request, found)
    leads = user.is_authenticated and policies.can_lead(user, found)
    knows_us = user.is_authenticated
    left = None if found.capacity is None else max(0, found.capacity - found.taken)
    context = {
        "event": found,
        "when": texts.when(found),
        "own": own,
        "left": left,
        "language": LANGUAGES.get(found.language, found.language),
        "access": [ACCESS[code] for code in found.access if code in ACCESS],
        "extras": [EXTRAS[code] for code in found.extras if code in EXTRAS],
        "topics": found.topics.all(),
        "co_hosts": found.co_hosts.select_related("level"),
        # The public page names nobody (T22).
        "greeters": [one.first_name for one in found.greeters.all()] if knows_us else [],
        "awareness": found.awareness.first_name if found.awareness and knows_us else "",
        "knows_link": bool(own and own.state == State.REGISTERED) or leads,
        "form": WishForm(instance=own) if user.is_authenticated else None,
        "leads": leads,
    }
    return render(request, "events/event.html", context)


def _own(request: HttpRequest, found: Event) -> Registration | None:
    if not request.user.is_authenticated:
        return None
    return Registration.objects.filter(event=found, person=request.user.person_id).first()


@require_POST
@scope("system:events")
def register(request: UserRequest, pk: Any) -> HttpResponse:
    """One tap; companions and needs may come with it."""
    found, person = visible(request, pk), request.user.person
    form = WishForm(request.POST, instance=Registration())
    if not form.is_valid():
        messages.error(request, "Bitte prüfe deine Angaben: Begleitung 0 bis 5, kurze Texte.")
        return redirect("events:event", found.pk)
    try:
        own = places.register(found, person, person, form.wish)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("events:event", found.pk)
    _say(request, found, own)
    return redirect("events:event", found.pk)


def _say(request: UserRequest, found: Event, own: Registration) -> None:
    if own.state == State.WAITING:
        messages.info(request, "Gerade ist alles voll. Du stehst auf der Warteliste.")
        return
    messages.success(request, "Du bist dabei. Bis bald!")
    if other := places.overlapping(found, request.user.person):
        messages.warning(
            request, f"Zur selben Zeit bist du angemeldet: {other.title}, {texts.when(other)}."
        )


@require_POST
@scope("system:events")
def unregister(request: UserRequest, pk: Any) -> HttpResponse:
    found = visible(request, pk)
    own = _own(request, found)
    if own is not None and places.cancel(found, own, request.user.person):
        messages.success(request, "Abgesagt. Danke, dass du Bescheid sagst.")
    return redirect("events:event", found.pk)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@scope("system:events")
def guest(request: HttpRequest, pk: Any) -> HttpResponse:
    """For whoever has no login; the answer is the same whatever the address is (T4)."""
    found = get_object_or_404(Event.objects.public().select_related("kind"), pk=pk)
    if not (found.is_open and found.needs_registration):
        return redirect("events:event", found.pk)
    form = GuestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            guests.ask(found, said["guest_name"], said["guest_email"], form.wish)
        except DomainError as refusal:
            messages.error(request, str(refusal))
            return redirect("events:event", found.pk)
        return render(request, "events/guest_asked.html", {"event": found})
    context = {"event": found, "when": texts.when(found), "form": form}
    return render(request, "events/guest.html", context)


@login_not_required
@require_GET
@scope("system:events")
def event_file(request: HttpRequest, pk: Any) -> HttpResponse:
    """One event for one's own calendar."""
    from events import feeds

    found = visible(request, pk)
    if found.state == Event.State.DRAFT:
        raise Http404
    return feeds.answer(request, found.title, [feeds.entry(found)], "termin.ics")
