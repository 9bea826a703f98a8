"""The request as views see it behind LoginRequiredMiddleware, who makes it, and who may go on."""

from contextlib import suppress
from uuid import UUID

from allauth.account.internal.flows.login import record_authentication
from django.contrib.auth import login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from members.models import User


class UserRequest(HttpRequest):
    user: User


def sign_in(request: HttpRequest, user: User, method: str) -> None:
    """Sign in without allauth's pages, and write down how for whoever asks again."""
    login(request, user)
    record_authentication(request, user, method=method, email=user.email)


def require(allowed: bool) -> None:
    """What is visible but not allowed is 403; raises PermissionDenied."""
    if not allowed:
        raise PermissionDenied


def posted_ids(request: HttpRequest, name: str, most: int = 200) -> list[UUID]:
    """What was ticked, once each; anything that is no id is nothing that could be ticked."""
    found = []
    for value in request.POST.getlist(name)[:most]:
        with suppress(ValueError):
            found.append(UUID(value))
    return list(dict.fromkeys(found))
