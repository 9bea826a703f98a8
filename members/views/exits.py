"""Exits entered by hand, and put right."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from members import policies
from members.forms.entry import ExitForm
from members.http import UserRequest
from members.models import Membership, Person
from members.services import exits as service
from portal.common import clock
from portal.common.dates import long_day
from portal.common.errors import DomainError


def _get(request: UserRequest, pk: Any) -> Person:
    if not policies.can_edit_people(request.user):
        raise PermissionDenied
    return get_object_or_404(Person.objects.visible_to(request.user), pk=pk)


@require_http_methods(["GET", "POST"])
def record_exit(request: UserRequest, pk: Any) -> HttpResponse:
    """When and why; one that is entered already can be taken back here."""
    person = _get(request, pk)
    last = person.memberships.order_by("has_ended", "-left_on").first()
    form = ExitForm(request.POST or None, initial=_entered(last))
    if request.method == "POST" and form.is_valid():
        day, reason = form.cleaned_data["day"], form.cleaned_data["reason"]
        try:
            membership = service.record_exit(person, day, reason, request.user.person)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _answer(person, membership))
        return redirect("members:person", person.pk)
    context = {"person": person, "form": form, "membership": last}
    return render(request, "members/exit_form.html", context)


def _entered(membership: Membership | None) -> dict[str, Any]:
    """What stands there already, to be put right."""
    if membership is None or membership.left_on is None:
        return {"day": clock.today()}
    return {"day": membership.left_on, "reason": membership.left_reason}


def _answer(person: Person, membership: Membership) -> str:
    if membership.left_reason == Membership.LeftReason.DEATH:
        return "Eingetragen. Ab jetzt geht keine Nachricht mehr hinaus."
    day = long_day(membership.left_on) if membership.left_on else ""
    return f"Eingetragen: {person.full_name}, Austritt am {day}."


@require_POST
def reverse_exit(request: UserRequest, pk: Any) -> HttpResponse:
    """The exit was a mistake."""
    person = _get(request, pk)
    try:
        service.reverse_exit(person, request.user.person)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{person.full_name} ist wieder dabei, mit allem, was offen war.")
    return redirect("members:person", person.pk)
