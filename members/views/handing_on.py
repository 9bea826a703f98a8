"""„Kann jemand anders anrufen?“: one newcomer goes to somebody else, and back."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from members import policies
from members.http import UserRequest
from members.models import Onboarding
from members.services import assignments as service
from portal.common.errors import DomainError


def _get(request: UserRequest, pk: Any) -> Onboarding:
    visible = Onboarding.objects.visible_to(request.user).select_related("person__gliederung")
    onboarding = get_object_or_404(visible, pk=pk)
    # A newcomer sees the own onboarding on "Mein Start", not through the volunteers' pages.
    if not policies.can_log_contact(request.user, onboarding):
        raise Http404
    return onboarding


@require_http_methods(["GET", "HEAD", "POST"])
def hand_on(request: UserRequest, pk: Any) -> HttpResponse:
    """Hand on without a reason; the page it leads to can take it back."""
    onboarding = _get(request, pk)
    if request.method == "POST":
        try:
            taker = service.hand_on(onboarding, request.user.person)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            name = onboarding.person.first_name
            messages.success(request, f"Danke. Um {name} kümmert sich jetzt {taker.full_name}.")
    return redirect("members:newcomer", onboarding.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def hand_back(request: UserRequest, pk: Any) -> HttpResponse:
    """It works out after all."""
    onboarding = _get(request, pk)
    if request.method == "POST":
        try:
            service.take_back(onboarding, request.user.person)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"{onboarding.person.first_name} ist wieder bei dir.")
    return redirect("members:newcomer", onboarding.pk)
