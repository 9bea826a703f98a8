"""Stop what waits for somebody, and let apps refuse a recipient whatever the kind."""

from collections.abc import Callable
from uuid import UUID

from django.db import transaction

from portal.common.outbox.models import OutgoingMail

Veto = Callable[[OutgoingMail], str | None]
_vetoes: list[Veto] = []


def veto(ask: Veto) -> Veto:
    """Register a question asked before every mail or letter: None, or why it must not go out."""
    _vetoes.append(ask)
    return ask


def refusal(mail: OutgoingMail) -> str | None:
    """Return the first reason why this recipient gets nothing at all."""
    return next((reason for ask in _vetoes if (reason := ask(mail))), None)


@transaction.atomic
def stop_all(recipient_key: UUID, reason: str) -> int:
    """Drop everything that still waits for this recipient; what is being sent now is not held."""
    waiting = OutgoingMail.objects.filter(
        recipient_key=recipient_key, state=OutgoingMail.State.QUEUED
    )
    return waiting.update(state=OutgoingMail.State.DROPPED, reason=reason)
