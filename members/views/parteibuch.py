"""The Parteibuch: its steps on the call sheet, and all of them on one page for the office."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from members import policies
from members.forms.parteibuch import HandOverForm, OrderForm
from members.http import UserRequest, require
from members.models import Milestone
from members.queries import parteibuecher
from members.services import onboarding as service
from members.views.call_sheet import get_newcomer
from portal.common.errors import DomainError

ROWS_PER_PAGE = 50


def _order(milestone: Milestone, request: UserRequest) -> str:
    ordered = service.order([milestone.pk], request.user.person)
    return f"{milestone.title}: bestellt." if ordered else "Das ist schon bestellt."


def _receive(milestone: Milestone, request: UserRequest) -> str:
    service.receive(milestone, request.user.person)
    return f"{milestone.title}: liegt jetzt bei euch."


def _take_back(milestone: Milestone, request: UserRequest) -> str:
    return service.take_step_back(milestone, request.user.person)


STEPS = {"bestellt": _order, "eingegangen": _receive, "zurueck": _take_back}


@require_POST
def step(request: UserRequest, pk: Any, milestone: Any, step: str) -> HttpResponse:
    """Ordered, in the Ortsverein, or the last step taken back: one tap each."""
    onboarding = get_newcomer(request, pk)
    found = get_object_or_404(onboarding.milestones, pk=milestone)
    if step not in STEPS:
        raise Http404
    try:
        messages.success(request, STEPS[step](found, request))
    except DomainError as refusal:
        messages.error(request, str(refusal))
    return redirect("members:newcomer", onboarding.pk)


@require_POST
def hand_over(request: UserRequest, pk: Any, milestone: Any) -> HttpResponse:
    """The Parteibuch is in the newcomer's hands."""
    onboarding = get_newcomer(request, pk)
    found = get_object_or_404(onboarding.milestones, pk=milestone)
    form = HandOverForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(form.errors["occasion"][0]))
        return redirect("members:newcomer", onboarding.pk)
    try:
        service.hand_over(found, request.user.person, form.cleaned_data["occasion"])
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{found.title}: eingetragen.")
    return redirect("members:newcomer", onboarding.pk)


@require_http_methods(["GET", "POST"])
def parteibuecher_page(request: UserRequest) -> HttpResponse:
    """All that are not handed over yet; what is not ordered can be ordered together."""
    require(policies.can_edit_people(request.user))
    code = request.GET.get("liste", parteibuecher.FIRST)
    if code not in parteibuecher.LISTS:
        raise Http404
    if request.method == "POST":
        return _order_many(request)
    found = parteibuecher.waiting(request.user, code)
    page = Paginator(found, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "list": parteibuecher.LISTS[code],
        "lists": parteibuecher.LISTS.values(),
    }
    return render(request, "members/parteibuecher.html", context)


def _order_many(request: UserRequest) -> HttpResponse:
    form = OrderForm(
        request.POST, milestones=parteibuecher.waiting(request.user, parteibuecher.FIRST)
    )
    if not form.is_valid():
        messages.error(request, form.refusal())
        return redirect("members:parteibuecher")
    chosen = [milestone.pk for milestone in form.cleaned_data["milestones"]]
    count = service.order(chosen, request.user.person)
    books = "1 Parteibuch ist" if count == 1 else f"{count} Parteibücher sind"
    messages.success(request, f"{books} als bestellt eingetragen.")
    return redirect("members:parteibuecher")
