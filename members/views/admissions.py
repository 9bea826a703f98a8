"""„Aufnahmen“: applications with their month, and one tap that decides (B6)."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from members import admission as clock_of
from members import policies
from members.forms.interest import AdmissionForm
from members.http import UserRequest, require
from members.models import Membership
from members.queries import admissions as query
from members.services import admissions as service
from portal.common import clock
from portal.common.errors import DomainError

ROWS_PER_PAGE = 50


@require_GET
def admission_list(request: UserRequest) -> HttpResponse:
    """What is open, the oldest first; then what was decided in the last two weeks."""
    require(policies.can_welcome(request.user))
    page = Paginator(query.in_order(request.user), ROWS_PER_PAGE)
    context = {
        "page": page.get_page(request.GET.get("page")),
        "may_enter": policies.can_edit_people(request.user),
    }
    return render(request, "members/admission_list.html", context)


@require_http_methods(["GET", "POST"])
def admission(request: UserRequest, pk: Any) -> HttpResponse:
    """One application: who, since when, until when; POST admits on the chosen day."""
    membership = get_object_or_404(query.visible(request.user), pk=pk)
    may_decide = policies.can_decide_admission(request.user, membership.person)
    require(request.method == "GET" or may_decide)
    applied_on = membership.applied_on or clock.today()  # a query of applications only
    proposed = clock_of.proposed_day(applied_on, clock.today())
    form = AdmissionForm(request.POST or None, initial={"day": proposed})
    if request.method == "POST" and form.is_valid():
        try:
            admitted = service.admit(membership, form.cleaned_data["day"], request.user.person)
        except service.AlreadyDecided as refusal:
            messages.error(request, str(refusal))
            return redirect("members:admission", membership.pk)
        except DomainError as refusal:
            form.add_error("day", str(refusal))
        else:
            messages.success(request, _answer(admitted))
            return redirect("members:admission", membership.pk)
    context = _facts(request, membership) | {"form": form, "may_decide": may_decide}
    return render(request, "members/admission.html", context)


def _facts(request: UserRequest, membership: Membership) -> dict[str, Any]:
    applied_on = membership.applied_on or clock.today()
    return {
        "membership": membership,
        "person": membership.person,
        "last_day": clock_of.deemed_on(applied_on),
        "is_deemed": clock_of.is_deemed(applied_on, clock.today()),
        "is_open": not membership.joined_on and not membership.has_ended,
        "newcomer_url": _newcomer_url(request, membership),
    }


def _newcomer_url(request: UserRequest, membership: Membership) -> str:
    running = membership.person.onboardings.running().first() if membership.joined_on else None
    return reverse("members:newcomer", args=[running.pk]) if running else ""


def _answer(membership: Membership) -> str:
    person = membership.person
    if not person.onboardings.running().exists():
        return f"{person.full_name} ist Mitglied, ohne Fristen: Der Eintritt ist länger her."
    if person.gliederung is None:
        return f"{person.full_name} ist Mitglied. Bitte ordne noch den Ortsverein zu."
    way = "per E-Mail" if person.email else "als Brief"
    return f"{person.full_name} ist Mitglied. Das Willkommen geht {way} hinaus."


@require_POST
def admission_act(request: UserRequest, pk: Any, verb: str) -> HttpResponse:
    """Refuse, or take a decision back."""
    membership = get_object_or_404(query.visible(request.user), pk=pk)
    require(policies.can_decide_admission(request.user, membership.person))
    try:
        if verb == "ablehnen":
            service.refuse(membership, request.user.person)
            messages.success(request, "Eingetragen: nicht aufgenommen. Es geht keine Post hinaus.")
        elif verb == "zuruecknehmen":
            service.undo(membership, request.user.person)
            messages.success(request, "Zurückgenommen. Der Antrag ist wieder offen.")
        else:
            raise Http404
    except DomainError as refusal:
        messages.error(request, str(refusal))
    return redirect("members:admission", membership.pk)
