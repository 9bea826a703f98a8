"""Write to the outbox, and drain it so that nothing is lost and nothing doubled."""

import logging
import smtplib
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import get_connection
from django.db import transaction

from portal.common import clock, quiet
from portal.common.jobs import enqueue
from portal.common.outbox import addresses, capping, choices, claims, kinds, render, stopping
from portal.common.outbox.claims import Claim
from portal.common.outbox.models import OutgoingMail
from portal.common.outbox.probe import mail_probe
from portal.common.scope import scope

logger = logging.getLogger(__name__)
# Well below the hard limit of a task, however slowly the server answers.
ROUND_SECONDS = 600.0
NIGHT = "wartet: nachts, sonntags und an Feiertagen kommt keine Post von uns"
State = OutgoingMail.State


@dataclass(frozen=True, slots=True)
class Draft:
    """What a caller wants sent; no text, only ids."""

    kind: str
    recipient_key: uuid.UUID
    address: str
    dedupe_key: str
    ids: Mapping[str, str]
    channel: str = OutgoingMail.Channel.MAIL
    not_before: datetime | None = None
    expires_at: datetime | None = None
    id: uuid.UUID | None = None


def _row(draft: Draft, now: datetime) -> OutgoingMail:
    kinds.get(draft.kind)
    pk = draft.id or uuid.uuid4()
    return OutgoingMail(
        id=pk,
        kind=draft.kind,
        channel=draft.channel,
        recipient_key=draft.recipient_key,
        address=draft.address,
        dedupe_key=draft.dedupe_key,
        ids=dict(draft.ids),
        message_id=f"<{pk.hex}@{settings.MAIL_DOMAIN}>",
        created_at=now,
        not_before=draft.not_before or now,
        expires_at=draft.expires_at,
    )


@transaction.atomic
def queue(*drafts: Draft) -> int:
    """Put drafts into the outbox; one whose `dedupe_key` exists is skipped. Returns rows given."""
    now = clock.now()
    rows = [_row(draft, now) for draft in drafts]
    OutgoingMail.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2000)
    nudge()
    return len(rows)


def nudge() -> None:
    """Wake the mail worker once after this transaction, however many rows it wrote."""
    connection = transaction.get_connection()
    waiting = {getattr(entry[1], "nudge", False) for entry in connection.run_on_commit}
    if True in waiting:
        return

    def wake() -> None:
        enqueue("portal.common.drain_outbox")

    wake.nudge = True  # type: ignore[attr-defined]  # marks the callback for the line above
    transaction.on_commit(wake, robust=True)


def _is_settled_by_the_past(claim: Claim, kind: kinds.MailKind) -> bool:
    """Find out what became of an interrupted try; True when there is nothing left to send."""
    if not claim.in_doubt:
        return False
    probe = mail_probe()
    if probe and probe.accepted(claim.mail.message_id):
        claims.finish(claim, State.SENT, sent_at=clock.now())
        return True
    claim.in_doubt = probe is None
    if (claim.in_doubt and kind.bulk) or claim.mail.tries > len(claims.BACKOFF_MINUTES) + 1:
        claims.give_up(claim, claims.IN_DOUBT)
        return True
    return False


def refusal(mail: OutgoingMail, kind: kinds.MailKind) -> str | None:
    """Return why this must not go out any more, in German; None if it may."""
    if mail.expires_at and mail.expires_at <= clock.now():
        return "Frist abgelaufen"
    return stopping.refusal(mail) or kind.may_send(mail)


def _rendered(claim: Claim, kind: kinds.MailKind) -> render.Rendered | None:
    """Render with what is true now; drop the row if it must not go out any more."""
    mail = claim.mail
    if not render.is_one_address(mail.address):
        claims.give_up(claim, "Adresse ungültig")
        return None
    with scope(claims.SCOPE):
        reason = refusal(mail, kind)
        held = not reason and _is_held(claim, kind)
        rendered = None if reason or held else render.render(mail, kind)
    if reason:
        claims.finish(claim, State.UNCERTAIN if claim.in_doubt else State.DROPPED, reason)
    return rendered


def _is_held(claim: Claim, kind: kinds.MailKind) -> bool:
    """Does it wait for a better moment, or go by letter? Then it is back in the queue."""
    if claim.in_doubt:
        return False
    mail = claim.mail
    if not (kind.mail_only or kinds.is_login(mail.kind)) and addresses.is_paused(mail.address):
        letter = OutgoingMail.Channel.LETTER
        claims.give_back(claim, addresses.PAUSED, channel=letter)
        return True
    if choices.wants_paper(mail):
        claims.give_back(claim, choices.BY_LETTER, channel=OutgoingMail.Channel.LETTER)
        return True
    if kind.keeps_quiet and settings.QUIET_HOURS and _is_night(claim):
        return True
    until = capping.held_until(mail, kind)
    if until:
        claims.give_back(claim, capping.REASON, not_before=until, capped_until=until)
    return until is not None


def _is_night(claim: Claim) -> bool:
    """Is it a time at which nobody is written to? Then the row waits for its end."""
    now = clock.now()
    until = quiet.next_allowed(now)
    if until > now:
        claims.give_back(claim, NIGHT, not_before=until)
    return until > now


def _smtp_code(error: Exception) -> int | None:
    """Return the server's answer; None if it gave none and may have taken the message."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return int(max(code for code, _ in error.recipients.values()))
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code
    return None


def _smtp_failure(claim: Claim, error: Exception) -> None:
    """Sort what went wrong into: again later, never again, or unknown."""
    code = _smtp_code(error)
    # A refused sender is our mistake and not the mail's: that is repaired and tried again.
    about_us = isinstance(error, smtplib.SMTPSenderRefused | smtplib.SMTPHeloError)
    if code is None:
        claims.leave_in_doubt(claim, can_ask=mail_probe() is not None)
    elif 500 <= code < 600 and not about_us:
        claim.in_doubt = False
        claims.give_up(claim, f"vom Mailserver abgelehnt ({code})")
    else:
        claims.retry_later(claim, f"Mailserver antwortet {code}")


def _prepared(claim: Claim, kind: kinds.MailKind) -> render.Rendered | None:
    """Return what is to be handed over; None if the row has found its end without that."""
    try:
        return None if _is_settled_by_the_past(claim, kind) else _rendered(claim, kind)
    except Exception:
        # One broken row must not stop everybody else's mail.
        logger.exception("Mail %s of kind %s broke", claim.mail.pk, claim.mail.kind)
        claims.retry_later(claim, "Fehler beim Erstellen")
        return None


class _ServerAwayError(Exception):
    """Nobody's mail can be sent now."""


def _connect(claim: Claim, connection: Any) -> bool:
    """Connect and sign in where needed; returns whether the row is still ours after that.

    What goes wrong here leaves no doubt about any mail: nothing was handed over.
    """
    try:
        is_new = connection.open()
    except (smtplib.SMTPException, OSError) as error:
        connection.close()
        claims.postpone(claim, "Mailserver nicht erreichbar")
        raise _ServerAwayError(type(error).__name__) from error
    # Connecting may have eaten the lease.
    return claims.renew(claim) if is_new else True


def _deliver(claim: Claim, connection: Any) -> None:
    """Bring one row to its next state."""
    kind = kinds.find(claim.mail.kind)
    if kind is None:
        claims.retry_later(claim, "Art unbekannt")  # queued by newer code than this
        return
    rendered = _prepared(claim, kind)
    if rendered is None or not _connect(claim, connection):
        return
    rendered.message.connection = connection
    try:
        rendered.message.send()
    except (smtplib.SMTPException, OSError) as error:
        connection.close()
        _smtp_failure(claim, error)
        return
    body = rendered.kept if kind.keep_body else ""
    claims.finish(claim, State.SENT, sent_at=clock.now(), body=body)


def _deliver_or_leave(claim: Claim, connection: Any) -> None:
    """Whatever breaks around handing over leaves the row leased: it may have been sent."""
    try:
        _deliver(claim, connection)
    except _ServerAwayError:
        raise
    except Exception:
        logger.exception("Mail %s of kind %s is in doubt", claim.mail.pk, claim.mail.kind)
        connection.close()


def drain(limit: int = 500) -> int:
    """Send what is due, one row at a time; returns how many rows were taken in hand."""
    connection = get_connection()
    handled = 0
    ends_at = time.monotonic() + ROUND_SECONDS
    try:
        while handled < limit and time.monotonic() < ends_at:
            claim = claims.claim_next()
            if claim is None:
                return handled
            handled += 1
            _deliver_or_leave(claim, connection)
    except _ServerAwayError as error:
        logger.warning("The mail server cannot be used: %s", error)
        return handled  # beat tries again
    finally:
        connection.close()
    with transaction.atomic():
        nudge()
    return handled


@transaction.atomic
def readdress(recipient_key: uuid.UUID, address: str) -> None:
    """Let what still waits for somebody go to their new address, or become a letter without one.

    Login mails stay where they were asked for.
    """
    # A letter that is printed lies on somebody's desk and goes out on paper.
    waiting = OutgoingMail.objects.select_for_update().filter(
        recipient_key=recipient_key, state=State.QUEUED, batch=None
    )
    channel = addresses.channel_for(address)
    if channel == OutgoingMail.Channel.LETTER:
        # These ask themselves, when they leave, whether their address still holds.
        waiting = waiting.exclude(kind__in=kinds.never_letters())
    waiting.exclude(kind__startswith=kinds.LOGIN).update(address=address, channel=channel)
