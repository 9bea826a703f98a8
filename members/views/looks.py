"""Who looked at whose data: for the person it is about, and for staff when it was very many."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from members.forms.looks import ReleaseForm
from members.http import UserRequest, require
from members.models import LookStop
from members.queries import looks as query
from members.queries import my_data
from members.reauth import recently_confirmed
from members.services import looks as service
from portal.common.errors import DomainError


@require_GET
def mine(request: UserRequest) -> HttpResponse:
    """„Wer deine Daten angesehen hat“ (Art. 15): one's own, and nobody else's."""
    found = query.seen_by(my_data.load(request.user.person_id))
    return render(request, "members/looks.html", {"looked": found, "months": query.TOLD_MONTHS})


def _stop(request: UserRequest, pk: Any) -> LookStop:
    found = get_object_or_404(query.stops(), pk=pk)
    if not service.may_see(request.user, found):
        raise Http404
    return found


@require_GET
def stop(request: UserRequest, pk: Any) -> HttpResponse:
    """One day on which somebody was stopped: who, how many, and what was done about it."""
    found = _stop(request, pk)
    releases = list(found.releases.select_related("made_by").order_by("made_at"))
    context = {
        "stop": found,
        "aemter": found.viewer.aemter.active().select_related("gliederung__level"),
        "seen": query.seen_on(found),
        "releases": releases,
        "may_release": service.may_release(request.user, found) and service.is_open(found),
        "may_settle": service.may_settle(request.user, found),
        "may_note": any(
            row.told_id == request.user.person_id and row.seen_at is None for row in releases
        ),
    }
    return render(request, "members/look_stop.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@recently_confirmed
def release(request: UserRequest, pk: Any) -> HttpResponse:
    """Let somebody see as many again today, with a reason that a second person reads."""
    found = _stop(request, pk)
    require(service.may_release(request.user, found))
    form = ReleaseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = service.release(found, request.user.person, form.cleaned_data["reason"])
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            told = made.told.full_name if made.told else "eine zweite Person"
            messages.success(request, f"Freigegeben. {told} bekommt Bescheid.")
            return redirect("members:look_stop", pk=found.pk)
    context = {"stop": found, "form": form, "is_me": found.viewer_id == request.user.person_id}
    return render(request, "members/look_release.html", context)


@require_POST
def act(request: UserRequest, pk: Any, verb: str) -> HttpResponse:
    """One tap: it is settled, or the second person has read why it was released."""
    found, me = _stop(request, pk), request.user.person
    if verb == "geklaert":
        require(service.may_settle(request.user, found))
        service.settle(found, me)
        messages.success(request, "Danke. Das ist geklärt.")
    elif verb == "gesehen":
        service.mark_seen(found, me)
        messages.success(request, "Danke fürs Hinsehen.")
    else:
        raise Http404
    return redirect("members:look_stop", pk=found.pk)
