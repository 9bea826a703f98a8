"""*Übersicht*: what staff see first."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from members.http import UserRequest
from members.queries.newcomers import LISTS
from portal.common.todos import todos_for
from portal.dashboards import queries


@require_GET
def uebersicht(request: UserRequest) -> HttpResponse:
    """Staff: whom to call first, and whether newcomers are reached."""
    if not request.user.sees_whole_district:
        raise PermissionDenied
    context = {
        "overview": queries.overview(request.user, whole="alle" in request.GET),
        "lists": LISTS,
        # Shown on this page as numbers already; places wait in their own part of *Verwaltung*.
        "todos": todos_for(
            request.user, leave_out=("call", "not_arrived", "undecided", "import", "meldung", "ort")
        ),
    }
    return render(request, "dashboards/uebersicht.html", context)
