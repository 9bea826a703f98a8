"""Reports out of a tandem: for the two people who were told, and for nobody else (T24)."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from members import policies, seen
from members.http import UserRequest, require
from members.models import TandemReport
from members.services import tandem_reports as service


@require_GET
def tandem_reports(request: UserRequest) -> HttpResponse:
    """Who needs a call today; what is settled stays readable for its time."""
    require(policies.can_read_reports(request.user))
    found = TandemReport.objects.told_to(request.user).select_related(
        "reporter",
        "tandem__newcomer",
        "tandem__mentor",
        "tandem__second",
        "first_told",
        "second_told",
    )
    rows = list(found.order_by("closed_on", "-created_at"))
    seen.note((one.reporter_id for one in rows), close=True)
    context = {
        "open": [one for one in rows if one.closed_on is None],
        "closed": [one for one in rows if one.closed_on is not None],
    }
    return render(request, "members/tandem_reports.html", context)


@require_POST
def tandem_report_close(request: UserRequest, pk: Any) -> HttpResponse:
    require(policies.can_read_reports(request.user))
    report = get_object_or_404(TandemReport.objects.told_to(request.user).open(), pk=pk)
    service.close(report, request.user.person)
    messages.success(request, "Als geklärt vermerkt.")
    return redirect("members:tandem_reports")
