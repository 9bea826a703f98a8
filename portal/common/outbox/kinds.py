"""The registry of everything the portal may ever send (people.md R7)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from portal.common.outbox.models import OutgoingMail
from portal.common.outbox.wording import Placeholder, Wording


class MailClass(Enum):
    """Why a person gets it: asked for it, has to know it, or is invited to something."""

    REQUESTED = "angefordert"
    DUTY = "Pflicht"
    INVITATION = "Einladung"


@dataclass(frozen=True, slots=True)
class MailKind:
    """One kind of message.

    `template` names the shipped texts below templates/mails; `placeholders` are all that a text
    may contain. `context` gives their values when the row leaves; `may_send` returns None, or the
    German reason why it must not go out any more. `secrets` names placeholders that are blanked
    in what is kept. `bulk` mails are not repeated when it is unknown whether the relay took them;
    single mails are, with the same Message-ID. `opens_first_days`: with this mail the first 30
    days begin, in which unasked mails keep a week's distance (B8). `keeps_quiet`: it never leaves
    between 21 and 7 o'clock, on a Sunday or a holiday, however long it had to wait.
    `mail_only`: it never becomes a letter, because it would be out of date on paper.
    `once`: its row keeps a second one away for good, so that it outlives the envelope's period.
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
    placeholders: tuple[Placeholder, ...] = ()
    secrets: tuple[str, ...] = ()
    keep_body: bool = True
    bulk: bool = False
    opens_first_days: bool = False
    keeps_quiet: bool = False
    mail_only: bool = False
    once: bool = False

    @property
    def is_capped(self) -> bool:
        """May it have to wait because this person got enough already?"""
        return self.counts_for_cap and self.mail_class is MailClass.INVITATION

    def problems(self, text: Wording) -> list[str]:
        """Return what is wrong beyond the rules for every text: nothing, mails are free."""
        return []


# The beginning of every code about signing in. These mails are the person's own business: they go
# where they were asked for, never as a letter, and nobody else sees or repeats them.
LOGIN = "account."
_kinds: dict[str, MailKind] = {}


def is_login(code: str) -> bool:
    return code.startswith(LOGIN)


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


def title(code: str) -> str:
    """Return what people call it; the code itself if newer code has written it."""
    kind = find(code)
    return kind.title if kind else code


def never_letters() -> list[str]:
    """Return the codes of what is dropped rather than printed, logins apart."""
    return [kind.code for kind in _kinds.values() if kind.mail_only]


def once() -> list[str]:
    """Return the codes of what nobody gets twice, however long ago it was."""
    return sorted(kind.code for kind in _kinds.values() if kind.once)


def all_kinds() -> tuple[MailKind, ...]:
    return tuple(_kinds[code] for code in sorted(_kinds))
