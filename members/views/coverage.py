"""*Abdeckung*: who looks after whom, what is vacant, and which offices still hold."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from members import policies
from members.http import UserRequest, posted_ids, require
from members.queries import coverage as queries
from members.queries import recertification, trusted
from members.services import recertification as service
from portal.common.errors import DomainError


@require_GET
def coverage(request: UserRequest) -> HttpResponse:
    """Per Gliederung who is there, what ends, and whom to ask whether it fits (R31)."""
    require(policies.can_manage_organisation(request.user))
    places = queries.places(request.user)
    context = {
        "places": places,
        "numbers": queries.numbers(places),
        "to_ask": list(queries.people_to_ask(request.user)),
        "trusted_missing": trusted.missing(),
        "unchecked": recertification.unchecked(request.user).count(),
        "missed": recertification.missed(request.user, "org.manage").count(),
    }
    return render(request, "members/coverage.html", context)


@require_http_methods(["GET", "POST"])
def recertify(request: UserRequest) -> HttpResponse:
    """Once a quarter: tick each office that still holds, or end it (T3)."""
    require(policies.can_manage_organisation(request.user))
    if request.method == "POST":
        try:
            count = service.confirm(posted_ids(request, "amt"), request.user)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            said = "Ein Amt ist" if count == 1 else f"{count} Ämter sind"
            messages.success(request, f"{said} für dieses Vierteljahr geprüft.")
        return redirect("members:recertify")
    aemter = list(recertification.unchecked(request.user))
    context = {
        "groups": queries.by_gliederung(aemter),
        "count": len(aemter),
        "due_on": recertification.due_on(),
    }
    return render(request, "members/recertify.html", context)
