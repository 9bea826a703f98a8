"""Whoever may see other people's data needs a second factor first (T6)."""

from collections.abc import Callable
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

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
    "common:healthz",
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
        if not user.needs_second_factor:
            return None
        if not user.has_second_factor:
            return redirect("mfa_activate_totp")
        if not _passed_in_this_session(request, user):
            return redirect_to_login(request.get_full_path(), reverse("mfa_reauthenticate"))
        return None


def _passed_in_this_session(request: HttpRequest, user: User) -> bool:
    """A session from before the factor or the office existed has only shown a password."""
    return any(record["method"] == "mfa" for record in get_authentication_records(request, user))
