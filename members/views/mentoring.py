"""Mentor proposals for the people who coordinate: compute, look, take over. No names (R14).

Whoever coordinates reaches nobody by name, so these pages read in a scope of their own.
"""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from members import policies
from members.forms.mentoring import WeightsForm, as_fields
from members.http import UserRequest
from members.labels import WEIGHTS
from members.models import MatchingRun, MatchProposal, PairRule
from members.services import mentoring as service
from portal.common.errors import DomainError
from portal.common.scope import scope

State = MatchingRun.State
MOST_RULES = 100


def _require(request: UserRequest) -> None:
    if not policies.can_coordinate_mentoring(request.user):
        raise PermissionDenied


@require_GET
@scope("system:mentoring")
def mentoring(request: UserRequest) -> HttpResponse:
    """The proposals that hold now, or a preview beside them."""
    _require(request)
    open_runs = MatchingRun.objects.filter(state__in=[State.PREVIEW, State.CURRENT, State.QUEUED])
    newest = {run.state: run for run in open_runs.order_by("created_at")}
    preview, current = newest.get(State.PREVIEW), newest.get(State.CURRENT)
    shown = preview or current
    proposals = MatchProposal.objects.filter(run=shown).select_related(
        "onboarding__person__gliederung", "mentor__person__gliederung"
    )
    matched = proposals.filter(mentor__isnull=False).order_by("-score", "pk")
    reasons = (
        proposals.filter(mentor__isnull=True)
        .values("explanation")
        .annotate(people=Count("pk"))
        .order_by("-people", "explanation")
    )
    context = {
        "current": current,
        "preview": preview,
        "shown": shown,
        "waiting": State.QUEUED in newest,
        "changes": service.changes_against_current(preview) if preview else None,
        "weights": _changed_weights(preview) if preview else [],
        "page": Paginator(matched.annotate(is_fixed=_is_fixed()), 20).get_page(
            request.GET.get("page")
        ),
        "reasons": reasons,
        "rules": PairRule.objects.select_related(
            "newcomer__gliederung", "mentor__gliederung"
        ).order_by("-made_at")[:MOST_RULES],
    }
    return render(request, "members/mentoring.html", context)


@require_POST
@scope("system:mentoring")
def mentoring_preview(request: UserRequest) -> HttpResponse:
    """Start a run whose result is shown before it holds."""
    _require(request)
    service.request_run(request.user.person, preview=True, weights=service.weights_shown())
    messages.info(request, "Die Vorschau wird gerechnet. Das dauert nur einen Moment.")
    return redirect("members:mentoring")


def _is_fixed() -> Exists:
    held = PairRule.objects.filter(kind=PairRule.Kind.FIXED)
    pair = {"newcomer": OuterRef("onboarding__person"), "mentor": OuterRef("mentor__person")}
    return Exists(held.filter(**pair))


def _changed_weights(preview: MatchingRun) -> list[tuple[str, int, int]]:
    """What counts differently in the preview: label, points now, points then."""
    now, then = as_fields(service.weights_now()), as_fields(service.weights_of(preview))
    return [(WEIGHTS[name], now[name], then[name]) for name in WEIGHTS if now[name] != then[name]]


@require_http_methods(["GET", "HEAD", "POST"])
@scope("system:mentoring")
def mentoring_weights(request: UserRequest) -> HttpResponse:
    """How much each shared fact counts; other numbers hold after a look at what they change."""
    _require(request)
    form = WeightsForm(request.POST or None, weights=service.weights_shown())
    if request.method == "POST" and form.is_valid():
        service.request_run(request.user.person, preview=True, weights=form.weights)
        messages.info(
            request,
            "Die Vorschau mit diesen Gewichten wird gerechnet. "
            "Sie gelten erst, wenn du sie übernimmst.",
        )
        return redirect("members:mentoring")
    return render(request, "members/mentoring_weights.html", {"form": form})


@require_POST
@scope("system:mentoring")
def mentoring_accept(request: UserRequest, pk: Any) -> HttpResponse:
    _require(request)
    try:
        service.make_current(get_object_or_404(MatchingRun, pk=pk), request.user.person)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Die Vorschläge gelten jetzt.")
    return redirect("members:mentoring")
