"""Change of Ortsverein: begin it, agree, carry it out."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from members import policies
from members.forms.imports import GliederungForm
from members.http import UserRequest
from members.models import Onboarding, Person, Transfer
from members.queries.transfers import sorted_for
from members.services import transfers as service
from portal.common.errors import DomainError

ROWS_PER_PAGE = 30
State = Transfer.State
WAITS_FOR_OFFICE = "Jetzt vollzieht die Geschäftsstelle den Wechsel."
STEPS = {
    "abgeben": service.give,
    "aufnehmen": service.take,
    "vollziehen": service.complete,
    "ablehnen": service.refuse,
    "zurueckziehen": service.withdraw,
    "rueckgaengig": service.undo,
}


@require_GET
def transfers(request: UserRequest) -> HttpResponse:
    """Every change this user has a say in: open ones first."""
    if not policies.can_see_transfers(request.user):
        raise PermissionDenied
    page = Paginator(sorted_for(request.user), ROWS_PER_PAGE).get_page(request.GET.get("page"))
    urls = _pages_of_people(request, page)
    rows = [
        (transfer, _steps(request, transfer), urls.get(transfer.person_id)) for transfer in page
    ]
    return render(request, "members/transfer_list.html", {"page": page, "rows": rows})


def _steps(request: UserRequest, transfer: Transfer) -> list[str]:
    undo = ["rueckgaengig"] if service.may_be_undone(transfer) else []
    may = [step for step in undo if policies.may_ever(request.user, transfer, step)]
    return policies.transfer_steps(request.user, transfer) + may


def _pages_of_people(request: UserRequest, page: Page[Transfer]) -> dict[UUID, str]:
    """Where this user may read on about whom, with one query."""
    people = [transfer.person_id for transfer in page]
    if policies.can_see_people(request.user):
        visible = Person.objects.visible_to(request.user).filter(pk__in=people)
        return {
            pk: reverse("members:person", args=[pk]) for pk in visible.values_list("pk", flat=True)
        }
    known = Onboarding.objects.visible_to(request.user).filter(person__in=people)
    pairs = known.order_by("started_on").values_list("person", "pk")
    return {person: reverse("members:newcomer", args=[pk]) for person, pk in pairs}


@require_http_methods(["GET", "POST"])
def start(request: UserRequest, pk: Any) -> HttpResponse:
    """Say where somebody goes; the other side is asked."""
    people = Person.objects.visible_to(request.user).select_related("gliederung__level")
    person = get_object_or_404(people, pk=pk)
    # Newcomers see themselves, but this page is not for them.
    if not policies.can_start_transfer(request.user, person):
        raise Http404
    form = GliederungForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        gives = not policies.can_edit_people(request.user)
        to = form.cleaned_data["gliederung"]
        try:
            transfer = service.start(person, to, request.user.person, gives=gives)
        except DomainError as refusal:
            form.add_error("gliederung", str(refusal))
        else:
            messages.success(request, f"Der Wechsel ist begonnen. {_next(request, transfer)}")
            return redirect("members:transfers")
    return render(request, "members/transfer_form.html", {"person": person, "form": form})


@require_POST
def step(request: UserRequest, pk: Any, step: str) -> HttpResponse:
    """One step of one change."""
    if step not in STEPS:
        raise Http404
    visible = Transfer.objects.visible_to(request.user).select_related(
        "person", "from_gliederung", "to_gliederung"
    )
    transfer = get_object_or_404(visible, pk=pk)
    if not policies.may_ever(request.user, transfer, step):
        raise PermissionDenied
    try:
        STEPS[step](transfer, request.user.person)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        transfer = get_object_or_404(visible, pk=pk)  # the service wrote into its own copy
        messages.success(request, _next(request, transfer))
    return redirect("members:transfers")


def _next(request: UserRequest, transfer: Transfer) -> str:
    """Say what was reached and whose turn it is now."""
    name = transfer.person.full_name
    ended = {
        State.DONE: f"{name} gehört jetzt zu {transfer.to_gliederung}.",
        State.REFUSED: f"Der Wechsel von {name} ist abgelehnt.",
        State.WITHDRAWN: f"Der Wechsel von {name} ist zurückgezogen.",
    }
    if not transfer.is_open:
        return ended[State(transfer.state)]
    by_office = policies.can_edit_people(request.user)
    if transfer.state == State.TAKEN:
        said = "Beide Seiten haben zugesagt."
        return f"{said} {'Jetzt vollziehst du den Wechsel.' if by_office else WAITS_FOR_OFFICE}"
    side = transfer.asked_side.name if transfer.asked_side else ""
    if by_office:
        return f"Jetzt fragst du {side}. Hat {side} ja gesagt, trag es hier ein."
    return f"Jetzt sagt {side} zu."
