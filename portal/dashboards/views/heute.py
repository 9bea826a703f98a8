"""*Heute*: the Ansprechperson's page."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from members.http import UserRequest
from members.queries.newcomers import heute
from portal.common import clock
from portal.common.todos import todos_for


@require_GET
def heute_page(request: UserRequest) -> HttpResponse:
    """Whom to call this week: three at most, and then it is enough (R8)."""
    if not request.user.can("onboarding.act"):
        raise PermissionDenied
    context = {
        "day": heute(request.user),
        # What concerns places waits behind the door *Mitmachen*: 12 queries are the limit here.
        "others": todos_for(request.user, leave_out=("call", "meldung", "ort")),
        "greeting": clock.greeting(),
        "today": clock.today(),
    }
    return render(request, "dashboards/heute.html", context)
