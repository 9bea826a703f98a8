"""Share out many newcomers in one go, and take that back as one (B12)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from members import policies
from members.http import UserRequest, posted_ids, require
from members.models import Gliederung
from members.queries import sharing
from members.services import assignments as service
from portal.common.errors import DomainError


def _gliederung(request: UserRequest) -> Gliederung | None:
    """The Ortsverein of the address, if the user looks after newcomers there."""
    wanted = request.GET.get("ov", "")
    if not wanted:
        return None
    acts = request.user.gliederungen("onboarding.act")
    found = next((place for place in acts if str(place.pk) == wanted), None)
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "POST"])
def share_out(request: UserRequest) -> HttpResponse:
    """Tick newcomers, tick who takes them: one button does it."""
    require(policies.can_see_transfers(request.user))
    place = _gliederung(request)
    ticked = posted_ids(request, "neumitglied", sharing.MOST)
    takers, refused = posted_ids(request, "person", sharing.MOST), ""
    if request.method == "POST":
        try:
            chosen = sharing.chosen(request.user, ticked)
            done = service.share_out(chosen, takers, request.user.person)
        except DomainError as refusal:
            refused = str(refusal)
        else:
            return redirect("members:shared_out", done.batch)
    found = sharing.shareable(request.user, place)
    rows = list(found[: sharing.MOST])
    context = {
        "gliederung": place,
        "rows": rows,
        "count": found.count(),
        "most": sharing.MOST,
        "takers": sharing.takers(rows),
        "ticked": ticked,
        "chosen": takers,
        "refused": refused,
        "tick_all": request.method == "GET" and request.GET.get("alle") == "ja",
    }
    return render(request, "members/share_out.html", context)


@require_GET
def shared_out(request: UserRequest, batch: Any) -> HttpResponse:
    """Who got how many, and the way back."""
    require(policies.can_see_transfers(request.user))
    rows = sharing.shared(request.user, batch)
    if not rows:
        raise Http404
    context = {"rows": rows, "batch": batch, "count": sum(count for _, count in rows)}
    return render(request, "members/shared_out.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def share_undo(request: UserRequest, batch: Any) -> HttpResponse:
    """Take the whole sharing out back."""
    require(policies.can_see_transfers(request.user))
    if request.method == "POST":
        try:
            undone, kept = service.take_back_batch(
                sharing.own_batch(request.user, batch), request.user.person
            )
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            stay = f" {kept} bleiben, weil dort schon etwas geschehen ist." if kept else ""
            messages.success(request, f"Zurückgenommen: {undone}.{stay}")
    return redirect("members:share_out")
