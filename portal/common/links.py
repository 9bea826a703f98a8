"""Signed links: a mail leads to a page that shows (GET) and acts only on a button (POST).

Mail scanners open links by GET, so GET never changes anything.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse


@dataclass(frozen=True, slots=True)
class LinkAction:
    """What a signed link may do: `describe` and `act` get the id in the link.

    `describe` returns the question shown, or None when there is nothing left to do;
    `act` returns the sentence shown afterwards.
    """

    code: str
    button: str
    lives: timedelta
    describe: Callable[[str], str | None]
    act: Callable[[str], str]


class LinkInvalid(Exception):
    """Forged, damaged, too old, or of an unknown kind."""


_actions: dict[str, LinkAction] = {}


def register(action: LinkAction) -> LinkAction:
    if action.code in _actions:
        raise ValueError(f"link action {action.code} is registered twice")
    _actions[action.code] = action
    return action


def signed_url(code: str, subject: str) -> str:
    """Return the absolute address of the confirmation page."""
    if code not in _actions:
        raise KeyError(code)
    token = signing.dumps([code, subject], salt="link", compress=False)
    return settings.BASE_URL + reverse("common:signed_link", args=[token])


def resolve(token: str) -> tuple[LinkAction, str]:
    """Return the action and the id in the link; raises LinkInvalid."""
    try:
        code, subject = signing.loads(token, salt="link")
        action = _actions[code]
        signing.loads(token, salt="link", max_age=action.lives)
    except (signing.BadSignature, KeyError, ValueError, TypeError) as error:
        raise LinkInvalid from error
    return action, subject
