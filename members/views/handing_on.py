"""„Kann jemand anders anrufen?“: one newcomer goes to somebody else, and back."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from members.http import UserRequest
from members.services import assignments as service
from members.views.call_sheet import get_newcomer
from portal.common.errors import DomainError


@require_http_methods(["GET", "HEAD", "POST"])
def hand_on(request: UserRequest, pk: Any) -> HttpResponse:
    """Hand on without a reason; the page it leads to can take it back."""
    onboarding = get_newcomer(request, pk)
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
    onboarding = get_newcomer(request, pk)
    if request.method == "POST":
        try:
            service.take_back(onboarding, request.user.person)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"{onboarding.person.first_name} ist wieder bei dir.")
    return redirect("members:newcomer", onboarding.pk)
