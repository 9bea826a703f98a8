"""Before the views: limits at the doors (T4, T5), and the second factor behind them (T6)."""

from collections.abc import Callable
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from members import limits, seen, session_engine
from members.models import User
from members.services import looks
from portal.common.limits import LimitsDown
from portal.common.scope import scope

GetResponse = Callable[[HttpRequest], HttpResponse]

# What remains reachable without it: leaving, getting help, and what everybody may read.
OPEN = {
    "account_logout",
    "dashboards:help",
    "dashboards:imprint",
    "dashboards:privacy",
    "dashboards:privacy_citizens",
    "dashboards:accessibility",
    "common:signed_link",
    "common:healthz",
    "members:locked_out",
    "members:call_back",
    "members:one_time",
    "members:pulse",
}
# Setting up the first factor; closed to a session that has not passed an existing one.
ENROL = {
    "mfa_choose",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "account_reauthenticate",
}
PASS = {"mfa_reauthenticate", "mfa_reauthenticate_webauthn"}
# Whoever has a factor must have passed it to change factors, with or without an office.
MANAGE = {
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "members:passkey_rename",
    "members:passkey_remove",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
}


class LimitMiddleware:
    """Counts each POST at a door of `members.limits`; closed when nobody can count."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        name = request.resolver_match.view_name if request.resolver_match else ""
        if request.method != "POST" or name not in limits.DOORS:
            return None
        later = "members/interest_later.html" if limits.DOORS[name].is_public else ""
        try:
            too_many = limits.refused(request, name)
        except LimitsDown:
            return render(request, later or "members/limits_down.html", status=503)
        return render(request, later or "members/too_many.html", status=429) if too_many else None


class SessionNoteMiddleware:
    """Keeps "Wo ich angemeldet bin" true, and a pending login silent about whose it is."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        session_engine.note(request)
        session_engine.pad(request)
        return response


class SecondFactorMiddleware:
    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        user = request.user
        name = request.resolver_match.view_name if request.resolver_match else ""
        if not isinstance(user, User) or name in OPEN:
            return None
        if not user.needs_second_factor and name not in MANAGE:
            return None
        if not user.has_second_factor:
            needs = user.needs_second_factor and name not in ENROL
            return redirect("mfa_choose") if needs else None
        if name in PASS or _passed_in_this_session(request, user):
            return None
        return redirect_to_login(request.get_full_path(), reverse(_pass_page(user)))


def _pass_page(user: User) -> str:
    has_app = Authenticator.Type.TOTP in user.second_factors
    return "mfa_reauthenticate" if has_app else "mfa_reauthenticate_webauthn"


def _passed_in_this_session(request: HttpRequest, user: User) -> bool:
    """A session from before the factor or the office existed has only shown a password."""
    return any(record["method"] == "mfa" for record in get_authentication_records(request, user))


class LookMiddleware:
    """Whom a page shows to the holder of an office is written down before the page leaves (T2).

    A page that would show too many does not leave. Redirects and refusals show nobody.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with seen.collect() as found:
            response = self.get_response(request)
        if response.status_code != 200 or not found.people:
            return response
        user = request.user
        if not isinstance(user, User) or not _shows_others(user):
            return response
        others = found.people - {user.person_id}
        verdict = looks.record(user.person_id, others, found.close) if others else None
        return _stopped(request, user, verdict) if verdict and verdict.is_too_many else response


def _shows_others(user: User) -> bool:
    return user.needs_second_factor and user.has_second_factor


def _stopped(request: HttpRequest, user: User, verdict: looks.Verdict) -> HttpResponse:
    with scope("request", str(user.pk)):
        stop = looks.stop(user.person, verdict)
        may_release = looks.may_release(user, stop)
        context = {"stop": stop, "verdict": verdict, "may_release": may_release}
        return render(request, "members/looks_stop.html", context, status=429)
