"""Error pages: what happened, what to do, no detail."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template import loader


def _page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    return render(request, "errors/error.html", {"title": title, "text": text}, status=status)


def _database_is_away(error: BaseException | None) -> bool:
    """Whether it began with a connection that is gone or could not be made."""
    while error is not None:
        if isinstance(error, OperationalError | InterfaceError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _not_now() -> HttpResponse:
    """The database is away or restarts: not broken, only not now."""
    text = loader.render_to_string("errors/500.html", {"title": "Wir sind gleich wieder da"})
    return HttpResponse(text, status=503, headers={"Retry-After": "10"})


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _database_is_away(exception):
        # A session that could not be saved arrives here as "deleted meanwhile".
        return _not_now()
    return HttpResponse(
        loader.render_to_string("errors/500.html", {"title": "Das haben wir nicht verstanden"}),
        status=400,
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 403, "Das darfst du hier nicht", "Dafür fehlt dir das passende Amt.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(
        request,
        404,
        "Diese Seite gibt es nicht",
        "Vielleicht ist der Link alt, oder die Seite ist nicht für dich bestimmt.",
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Without context processors: they need the database that may just have failed."""
    if _database_is_away(sys.exc_info()[1]):
        return _not_now()
    text = loader.render_to_string("errors/500.html", {"title": "Das hat nicht geklappt"})
    return HttpResponseServerError(text)
