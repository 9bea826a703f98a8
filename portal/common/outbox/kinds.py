"""The registry of everything the portal may ever send (people.md R7)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from portal.common.outbox.models import OutgoingMail


class MailClass(Enum):
    """Why a person gets it: asked for it, has to know it, or is invited to something."""

    REQUESTED = "angefordert"
    DUTY = "Pflicht"
    INVITATION = "Einladung"


@dataclass(frozen=True, slots=True)
class MailKind:
    """One kind of message.

    `context` turns the row into template variables when it is sent; `may_send` returns None, or
    the German reason why it must not go out any more. `secrets` names context variables that are
    blanked in what is kept. `bulk` mails are not repeated when it is unknown whether the relay
    took them; single mails are, with the same Message-ID.
    """

    code: str
    title: str
    template: str
    recipient: str
    reason: str
    mail_class: MailClass
    counts_for_cap: bool
    context: Callable[[OutgoingMail], Mapping[str, Any]]
    may_send: Callable[[OutgoingMail], str | None]
    secrets: tuple[str, ...] = ()
    keep_body: bool = True
    bulk: bool = False


_kinds: dict[str, MailKind] = {}


def register(kind: MailKind) -> MailKind:
    """Make a kind known; each code once."""
    if kind.code in _kinds:
        raise ValueError(f"mail kind {kind.code} is registered twice")
    _kinds[kind.code] = kind
    return kind


def get(code: str) -> MailKind:
    """Return the kind; KeyError for an unregistered one, so that it can never be queued."""
    return _kinds[code]


def find(code: str) -> MailKind | None:
    """Return the kind of a row; None when newer code has written it."""
    return _kinds.get(code)


def all_kinds() -> tuple[MailKind, ...]:
    return tuple(_kinds[code] for code in sorted(_kinds))
