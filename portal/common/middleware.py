"""One transaction and one scope per request; headers on every answer."""

from collections.abc import Callable

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.template.loader import render_to_string

from portal.common.scope import scope

GetResponse = Callable[[HttpRequest], HttpResponse]
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()" for feature in ("camera", "geolocation", "microphone", "payment", "usb")
)


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
