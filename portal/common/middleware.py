"""One log line, one transaction and one scope per request; headers on every answer."""

import time
import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.template.loader import render_to_string

from portal.common.scope import scope
from portal.common.views import healthz

log = structlog.get_logger("portal.request")
GetResponse = Callable[[HttpRequest], HttpResponse]
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()" for feature in ("camera", "geolocation", "microphone", "payment", "usb")
)


class RequestLogMiddleware:
    """Outermost: the page's name instead of its address, and nothing about who asked."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.monotonic()
        with structlog.contextvars.bound_contextvars(request_id=uuid.uuid4().hex):
            response = self.get_response(request)
            match = request.resolver_match
            if match or response.status_code >= 400:  # static files have no view
                log.info(
                    "request",
                    method=request.method,
                    route=match.view_name if match else "-",
                    status=response.status_code,
                    ms=round((time.monotonic() - began) * 1000),
                )
        return response


class HealthMiddleware:
    """Before sessions, host names and logins: a probe inside the container has none of them."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return healthz(request) if request.path == "/healthz" else self.get_response(request)


class RefuseMiddleware:
    """Before anything is read: what cannot be meant well costs nothing."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdigit() or int(length) > settings.MAX_REQUEST_BYTES:
            # No context, no database: the body is still on its way.
            return HttpResponse(render_to_string("errors/too_large.html"), status=413)
        if any("\x00" in value for value in request.COOKIES.values()):
            return HttpResponseBadRequest("Die Anfrage enthält ein Zeichen, das nicht erlaubt ist.")
        return self.get_response(request)


class RequestTransactionMiddleware:
    """Innermost: view *and* rendering share one transaction, undone on any 5xx.

    `ATOMIC_REQUESTS` would end before a TemplateResponse is rendered.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _has_nul(request):
            # Postgres cannot store NUL; without this a pasted byte would be a 500.
            return HttpResponseBadRequest("Die Anfrage enthält ein Zeichen, das nicht erlaubt ist.")
        # The session, not request.user: the user must be loaded inside the transaction.
        with scope("request", str(request.session.get("_auth_user_id", ""))):
            response = self.get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
        return response


def _has_nul(request: HttpRequest) -> bool:
    if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
        return True
    if request.method != "POST" or (request.content_type or "").startswith("text/"):
        return False
    return any("\x00" in value for values in request.POST.lists() for value in values[1])


class HeadersMiddleware:
    """What SecurityMiddleware and django-csp do not set."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response["Permissions-Policy"] = PERMISSIONS_POLICY
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        # Every page may show who is a member; no browser, proxy or back button keeps it.
        response.setdefault("Cache-Control", "private, no-store")
        return response
