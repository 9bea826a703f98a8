"""Write to the outbox, and drain it so that nothing is lost and nothing doubled."""

import logging
import smtplib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import get_connection
from django.db import transaction
from django.db.models import Q

from portal.common import clock
from portal.common.jobs import enqueue
from portal.common.outbox import kinds, render
from portal.common.outbox.models import OutgoingMail
from portal.common.outbox.probe import mail_probe
from portal.common.scope import scope

logger = logging.getLogger(__name__)
BACKOFF_MINUTES = (1, 5, 15, 60, 240, 720)
BODY_KEPT = timedelta(days=14)
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


def _due(now: datetime) -> Q:
    fresh = Q(state=State.QUEUED, not_before__lte=now)
    orphaned = Q(state=State.SENDING, lease_until__lte=now)
    return Q(channel=OutgoingMail.Channel.MAIL) & (fresh | orphaned)


@dataclass(frozen=True, slots=True)
class Claim:
    mail: OutgoingMail
    outcome_unknown: bool  # an earlier holder died between DATA and its commit


def _claim() -> Claim | None:
    """Lease the next due row to this process; other processes skip it."""
    with scope("system:outbox"):
        now = clock.now()
        mail = (
            OutgoingMail.objects.select_for_update(skip_locked=True)
            .filter(_due(now))
            .order_by("not_before", "id")
            .first()
        )
        if mail is None:
            return None
        unknown = mail.state == State.SENDING
        mail.state = State.SENDING
        mail.lease_until = now + timedelta(seconds=settings.OUTBOX_LEASE_SECONDS)
        mail.attempts += 1
        mail.save(update_fields=["state", "lease_until", "attempts"])
        return Claim(mail, unknown)


def _finish(mail: OutgoingMail, state: str, **values: Any) -> None:
    """Write the outcome, but only while we still hold the lease we took."""
    with scope("system:outbox"):
        OutgoingMail.objects.filter(
            pk=mail.pk, state=State.SENDING, attempts=mail.attempts
        ).update(state=state, lease_until=None, **values)


def _retry_later(mail: OutgoingMail, reason: str) -> None:
    if mail.attempts > len(BACKOFF_MINUTES):
        _finish(mail, State.FAILED, reason=reason)
        return
    pause = timedelta(minutes=BACKOFF_MINUTES[mail.attempts - 1])
    _finish(mail, State.QUEUED, reason=reason, not_before=clock.now() + pause)


def _already_taken(claim: Claim) -> bool | None:
    """Was the message accepted before? None: nobody can tell."""
    if not claim.outcome_unknown:
        return False
    probe = mail_probe()
    return probe.accepted(claim.mail.message_id) if probe else None


def _refusal(mail: OutgoingMail, kind: kinds.MailKind) -> str | None:
    if mail.expires_at and mail.expires_at <= clock.now():
        return "Frist abgelaufen"
    return kind.may_send(mail)


def _rendered(mail: OutgoingMail) -> render.Rendered | None:
    """Render with what is true now; drop the row if it must not go out any more."""
    kind = kinds.get(mail.kind)
    with scope("system:outbox"):
        reason = _refusal(mail, kind)
        rendered = None if reason else render.render(mail, kind)
    if reason:
        _finish(mail, State.DROPPED, reason=reason)
    return rendered


def _smtp_failure(mail: OutgoingMail, error: Exception) -> None:
    """Sort an SMTP error into: again later, never again, or unknown (the lease decides)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = max(code for code, _ in error.recipients.values())
    elif isinstance(error, smtplib.SMTPResponseException):
        code = error.smtp_code
    elif isinstance(error, smtplib.SMTPServerDisconnected | TimeoutError):
        return  # it may have been accepted: stays leased, the probe is asked afterwards
    else:
        _retry_later(mail, "Mailserver nicht erreichbar")
        return
    if 500 <= code < 600:
        _finish(mail, State.FAILED, reason=f"vom Mailserver abgelehnt ({code})")
    else:
        _retry_later(mail, f"Mailserver antwortet {code}")


def _deliver(claim: Claim, connection: Any) -> None:
    mail, kind = claim.mail, kinds.get(claim.mail.kind)
    taken = _already_taken(claim)
    if taken:
        _finish(mail, State.SENT, sent_at=clock.now(), reason="")
        return
    if taken is None and kind.bulk:
        _finish(mail, State.UNCERTAIN, reason="Abbruch beim Versand, Zustellung ungewiss")
        return
    rendered = _rendered(mail)
    if rendered is None:
        return
    rendered.message.connection = connection
    try:
        rendered.message.send()
    except (smtplib.SMTPException, OSError) as error:
        connection.close()
        _smtp_failure(mail, error)
        return
    body = rendered.kept if kind.keep_body else ""
    _finish(mail, State.SENT, sent_at=clock.now(), reason="", body=body)


def drain(limit: int = 500) -> int:
    """Send what is due, one row at a time; returns how many rows were taken in hand."""
    connection = get_connection()
    handled = 0
    try:
        while handled < limit and (claim := _claim()):
            handled += 1
            try:
                _deliver(claim, connection)
            except Exception:
                # One broken row must not stop everybody else's mail.
                logger.exception("Mail %s of kind %s broke", claim.mail.pk, claim.mail.kind)
                _retry_later(claim.mail, "Fehler beim Erstellen")
    finally:
        connection.close()
    if handled == limit:
        with transaction.atomic():
            nudge()
    return handled


def forget_bodies() -> int:
    """Blank the kept text of everything sent more than 14 days ago."""
    with scope("system:outbox"):
        return (
            OutgoingMail.objects.filter(sent_at__lt=clock.now() - BODY_KEPT)
            .exclude(body="")
            .update(body="")
        )
