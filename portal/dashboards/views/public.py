"""The way home, and the pages everybody may read."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from members.models import User
from members.policies import can_coordinate_mentoring, can_read_audit
from members.queries.trusted import trusted_people


@login_not_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The public start page; signed-in people go to their own home."""
    if not isinstance(request.user, User):
        return render(request, "dashboards/start.html")
    if request.user.sees_whole_district:
        return redirect("dashboards:uebersicht")
    if request.user.can("onboarding.act"):
        return redirect("dashboards:heute")
    if can_coordinate_mentoring(request.user):
        return redirect("members:mentoring")
    if can_read_audit(request.user):
        return redirect("dashboards:data_protection")
    return redirect("dashboards:mein_start")


@login_not_required
@require_GET
def help_page(request: HttpRequest) -> HttpResponse:
    """Whom to call; who is signed in also sees who listens when something went wrong (R13)."""
    context = {}
    if isinstance(request.user, User):
        context["trusted"] = trusted_people(request.user.district.phone)
    return render(request, "dashboards/help.html", context)


def _public(template: str) -> Any:
    @login_not_required
    @require_GET
    def page(request: HttpRequest) -> HttpResponse:
        return render(request, f"dashboards/{template}.html")

    return page


imprint = _public("imprint")
