"""What staff do with rows of the outbox: try again, stop, print letters, tick them as sent."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.common import audit, clock
from portal.common.errors import DomainError
from portal.common.outbox import addresses, capping, kinds, render
from portal.common.outbox.models import OutgoingMail
from portal.common.outbox.services import nudge, refusal

MOST_LETTERS = 100
STOPPED = "angehalten von der Geschäftsstelle"
State, Channel = OutgoingMail.State, OutgoingMail.Channel


class AlreadyDone(DomainError):
    """Somebody else, or the machine, was faster."""


def _locked(pk: UUID) -> OutgoingMail:
    return OutgoingMail.objects.select_for_update().get(pk=pk)


@transaction.atomic
def retry(
    pk: UUID, by: UUID, *, may_double: bool = False, address: str | None = None
) -> OutgoingMail:
    """Queue what failed once more, with fresh tries; as a letter if the address rests.

    `address` is the one known today. Nobody knows whether an uncertain one arrived, so that
    needs a second yes.
    """
    mail = _locked(pk)
    if mail.state not in (State.FAILED, State.UNCERTAIN):
        raise AlreadyDone("Das ist schon erledigt: Diese Nachricht wartet nicht auf dich.")
    if kinds.is_login(mail.kind):
        raise DomainError("Codes und Links zum Anmelden fordert die Person selbst neu an.")
    if mail.state == State.UNCERTAIN and not may_double:
        raise DomainError(
            "Vielleicht ist diese Mail schon angekommen. "
            "Bestätige bitte, dass sie ein zweites Mal kommen darf."
        )
    mail.address = mail.address if address is None else address
    mail.channel = addresses.channel_for(mail.address)
    mail.state, mail.reason = State.QUEUED, ""
    mail.retried_from, mail.not_before = mail.attempts, clock.now()
    mail.bounced_at = mail.counted_at = None
    mail.save()
    audit.record("mail.retried", by, mail)
    nudge()
    return mail


@transaction.atomic
def stop(pk: UUID, by: UUID) -> None:
    """Take what still waits out of the outbox; what is being sent right now cannot be stopped.

    Who it was stands in the audit log only: the row belongs to its recipient.
    """
    mail = _locked(pk)
    if mail.state != State.QUEUED:
        raise AlreadyDone("Zu spät: Diese Nachricht wartet nicht mehr.")
    mail.state, mail.reason = State.DROPPED, STOPPED
    mail.capped_until = None
    mail.save(update_fields=["state", "reason", "capped_until"])
    audit.record("mail.stopped", by, mail)


# --- Letters --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Printed:
    """What became of a wish to print."""

    batch: UUID
    letters: int
    # Recipient and reason: not needed any more, held back, or just printed by somebody else.
    left_out: tuple[tuple[UUID, str], ...]


@transaction.atomic
def print_letters(pks: Iterable[UUID], by: UUID) -> Printed:
    """Put waiting letters into one batch; each is in one batch only, whoever prints at once."""
    wanted = set(pks)
    if len(wanted) > MOST_LETTERS:
        raise DomainError(f"Bitte höchstens {MOST_LETTERS} Briefe auf einmal.")
    rows = OutgoingMail.objects.select_for_update().filter(
        pk__in=wanted, channel=Channel.LETTER, state=State.QUEUED, batch=None
    )
    batch, found = uuid.uuid4(), list(rows.order_by("id"))
    if not found:
        raise AlreadyDone("Hier gibt es nichts mehr zu drucken: Diese Briefe warten nicht mehr.")
    printed = {row.pk for row in found if _into_batch(row, batch)}
    if printed:
        audit.record("letters.printed", by, count=len(printed))
    gone = OutgoingMail.objects.filter(pk__in=wanted.difference(row.pk for row in found))
    left_out = [(row.recipient_key, row.reason) for row in found if row.pk not in printed]
    left_out += [(key, "wartet nicht mehr") for key in gone.values_list("recipient_key", flat=True)]
    return Printed(batch, len(printed), tuple(left_out))


def _into_batch(row: OutgoingMail, batch: UUID) -> bool:
    kind = kinds.find(row.kind)
    if kind is None:
        return False
    reason = refusal(row, kind)
    if reason:
        row.state, row.reason = State.DROPPED, reason
    elif until := capping.held_until(row, kind):
        row.not_before = row.capped_until = until
        row.reason = capping.REASON
    else:
        row.batch, row.printed_at, row.reason = batch, clock.now(), ""
        row.capped_until = None
    row.save(update_fields=["state", "reason", "not_before", "capped_until", "batch", "printed_at"])
    return row.batch == batch


@transaction.atomic
def tick(pks: Iterable[UUID], on: date, by: UUID) -> int:
    """The letters are in the post box since `on`; a second tick changes nothing."""
    if on > clock.today():
        raise DomainError("Das Datum liegt in der Zukunft.")
    rows = OutgoingMail.objects.select_for_update().filter(
        pk__in=list(pks), channel=Channel.LETTER, state=State.QUEUED, batch__isnull=False
    )
    count = 0
    for row in rows.order_by("id"):
        kind = kinds.find(row.kind)
        if row.printed_at and on < timezone.localdate(row.printed_at):
            raise DomainError("Das Datum liegt vor dem Tag, an dem gedruckt wurde.")
        row.state, row.sent_at, row.ticked_at = State.SENT, _noon(on), clock.now()
        row.body = render.write(row, kind).kept if kind and kind.keep_body else ""
        row.save(update_fields=["state", "sent_at", "ticked_at", "body"])
        count += 1
    if count:
        audit.record("letters.sent", by, count=count)
    return count


def _noon(day: date) -> datetime:
    """Nobody notes the hour; noon is on the right day in every time zone of Europe."""
    return timezone.make_aware(datetime.combine(day, time(12)))


@transaction.atomic
def untick(batch: UUID, by: UUID) -> int:
    """Take a tick back on the day it was made."""
    rows = OutgoingMail.objects.select_for_update().filter(batch=batch, state=State.SENT)
    today = [r for r in rows if r.ticked_at and timezone.localdate(r.ticked_at) == clock.today()]
    if not today:
        raise DomainError("Zurücknehmen geht nur am selben Tag.")
    for row in today:
        row.state, row.sent_at, row.ticked_at, row.body = State.QUEUED, None, None, ""
        row.save(update_fields=["state", "sent_at", "ticked_at", "body"])
    audit.record("letters.unticked", by, count=len(today))
    return len(today)


@transaction.atomic
def back_to_waiting(pk: UUID, by: UUID, *, address: str | None = None) -> OutgoingMail:
    """A printed letter never left: it waits again, as a mail if there is an address by now.

    `address` is the one known today.
    """
    row = _locked(pk)
    if row.state != State.QUEUED or row.batch is None:
        raise AlreadyDone("Dieser Brief ist schon erledigt.")
    row.batch = row.printed_at = None
    row.address = row.address if address is None else address
    row.channel = addresses.channel_for(row.address)
    row.save(update_fields=["batch", "printed_at", "address", "channel"])
    audit.record("letters.unprinted", by, row)
    nudge()
    return row
