"""*Ausgetreten*: one attempt within 28 days, by the office (B10, R33)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from members import policies
from members.http import UserRequest, require
from members.models import Membership, Person
from members.queries import win_back as queries
from members.services import win_back as service
from portal.common.errors import DomainError

WAYS = {
    "angerufen": Membership.WinBack.CALLED,
    "geschrieben": Membership.WinBack.WRITTEN,
    "nicht-noetig": Membership.WinBack.NOT_NEEDED,
}
UNDO = "zuruecknehmen"
SAID = {
    "angerufen": "Danke für den Anruf. Ein zweites Mal fragen wir nicht.",
    "geschrieben": "Die Nachricht geht bald hinaus. Bis dahin kannst du sie zurücknehmen.",
    "nicht-noetig": "Eingetragen. Hier ist nichts mehr zu tun.",
    UNDO: "Zurückgenommen.",
}


@require_GET
def left(request: UserRequest) -> HttpResponse:
    """Who has left in the last 28 days, what was, and one tap for the one attempt."""
    require(policies.can_edit_people(request.user))
    rows = queries.rows(request.user)
    context = {
        "open": [row for row in rows if row["membership"].win_back_on is None],
        "done": [row for row in rows if row["membership"].win_back_on],
    }
    return render(request, "members/win_back.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def note(request: UserRequest, pk: Any, step: str) -> HttpResponse:
    """Note how it went, or take that back."""
    require(policies.can_edit_people(request.user))
    if step not in SAID:
        raise Http404
    if request.method == "POST":
        visible = Person.objects.visible_to(request.user)
        membership = get_object_or_404(Membership, pk=pk, person__in=visible)
        try:
            _do(membership, step, request.user.person)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, SAID[step])
    return redirect("members:win_back")


def _do(membership: Membership, step: str, by: Person) -> None:
    if step == UNDO:
        service.undo(membership, by)
    else:
        service.note(membership, WAYS[step], by)
