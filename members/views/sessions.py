"""„Wo ich angemeldet bin“: one's own devices, seen by nobody else (R31)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from members.http import UserRequest
from members.services import sessions


@require_GET
def devices(request: UserRequest) -> HttpResponse:
    found = sessions.signed_in(request.user, request.session.session_key)
    return render(request, "members/sessions.html", {"devices": found})


@require_POST
def end(request: UserRequest) -> HttpResponse:
    """Sign one other device out, or all of them."""
    mark = request.POST.get("mark", "")
    if mark:
        sessions.end(request.user, mark)
        messages.success(request, "Das Gerät ist abgemeldet.")
    else:
        sessions.end_all(request.user, but=request.session.session_key)
        messages.success(request, "Alle anderen Geräte sind abgemeldet.")
    return redirect("members:sessions")
