"""Whoever may see other people's data needs a second factor first (T6)."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from members.models import User

# What remains reachable without it: enrolling, leaving, and what everybody may read.
ALLOWED = {
    "mfa_activate_totp",
    "mfa_reauthenticate",
    "account_reauthenticate",
    "account_logout",
    "dashboards:help",
    "dashboards:imprint",
    "dashboards:privacy",
    "dashboards:accessibility",
    "common:signed_link",
}


class SecondFactorMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        user = request.user
        if not isinstance(user, User) or request.resolver_match is None:
            return None
        if request.resolver_match.view_name in ALLOWED:
            return None
        if user.needs_second_factor and not user.has_second_factor:
            return redirect("mfa_activate_totp")
        return None
