"""Before what would hurt most in the wrong hands: is it still the same person (T2, T6)?"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from members import login_code
from members.http import UserRequest
from members.models import User
from members.services import signing_in

# A one-time code is told by somebody else: it lets in, and confirms nobody (R27).
WITHOUT_FACTOR = ("password", "code")
PENDING = "confirm_by_code"


def is_confirmed(request: UserRequest) -> bool:
    """Was the second factor, or for want of one the password or code, shown five minutes ago?"""
    counts = ("mfa",) if request.user.has_second_factor else WITHOUT_FACTOR
    since = time.time() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    records = get_authentication_records(request, request.user)
    return any(record["method"] in counts and record["at"] > since for record in records)


def recently_confirmed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Open the view only to somebody who has just confirmed; else ask, and come back.

    Put it on the page that shows the form, too: what was posted too late has to be sent again.
    """

    @wraps(view)
    def confirmed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if is_confirmed(cast(UserRequest, request)):
            return view(request, *args, **kwargs)
        query = urlencode({"next": _page_of(request)})
        return HttpResponseRedirect(f"{reverse('members:confirm')}?{query}")

    return confirmed


def _page_of(request: HttpRequest) -> str:
    """The page to come back to: after a POST the one that held the form."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    came_from = request.META.get("HTTP_REFERER", "")
    if url_has_allowed_host_and_scheme(came_from, allowed_hosts={request.get_host()}):
        return urlsplit(came_from)._replace(scheme="", netloc="").geturl()
    return request.path


def next_page(request: HttpRequest) -> str:
    """Where to go on: a page of this portal, never one of somebody else's site."""
    wanted = request.GET.get("next", "")
    is_ours = wanted and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_ours else reverse("dashboards:home")


def known_way(user: User) -> str:
    """Name allauth's page for what this user has; empty for who signs in by code only."""
    if user.has_second_factor:
        has_app = "totp" in user.second_factors
        return "mfa_reauthenticate" if has_app else "mfa_reauthenticate_webauthn"
    return "account_reauthenticate" if user.has_usable_password() else ""


def send_code(request: UserRequest) -> None:
    """Mail a code; the session keeps which outbox row it can be derived from."""
    mail_id = uuid4()
    signing_in.queue_for(request.user, signing_in.CODE, mail_id)
    until = time.time() + settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT
    request.session[PENDING] = {"mail": str(mail_id), "until": until}


def waits_for_code(request: UserRequest) -> bool:
    """Is a code under way that would still be taken?"""
    pending = request.session.get(PENDING)
    return pending is not None and time.time() < pending["until"]


def take_code(request: UserRequest, code: str) -> bool:
    """Accept the code that was mailed, once; how often one may try, says `limits`."""
    pending = request.session.get(PENDING)
    if not pending or not waits_for_code(request):
        return False
    right = login_code.derive(UUID(pending["mail"]))
    if not constant_time_compare(_plain(code), _plain(right)):
        return False
    del request.session[PENDING]
    record_authentication(request, request.user, method="code", email=request.user.email)
    return True


def _plain(code: str) -> str:
    return "".join(code.split()).replace("-", "").upper()


def confirm_in_demo(request: UserRequest) -> None:
    """The demo's people have neither password nor phone: there one tap stands for both."""
    method = "mfa" if request.user.has_second_factor else "password"
    record_authentication(request, request.user, method=method)
