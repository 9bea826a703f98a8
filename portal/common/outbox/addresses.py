"""Addresses from which mail comes back: after the second time people get letters instead."""

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from portal.common import audit, clock
from portal.common.outbox import kinds
from portal.common.outbox.models import AddressTrouble, OutgoingMail

PAUSED_AFTER = 2
PAUSED = "Die Adresse ruht, weil Mails zurückkamen. Es wird ein Brief."
Channel, State = OutgoingMail.Channel, OutgoingMail.State


def is_paused(address: str) -> bool:
    return AddressTrouble.objects.filter(address=address.lower(), paused_at__isnull=False).exists()


def channel_for(address: str) -> str:
    """Return how to reach somebody: by mail if the address works, else by letter."""
    return Channel.MAIL if address and not is_paused(address) else Channel.LETTER


@transaction.atomic
def count_hard_bounce(mail: OutgoingMail) -> AddressTrouble:
    """Write down that mail came back; the second time the address rests."""
    trouble, _ = AddressTrouble.objects.get_or_create(
        address=mail.address.lower(),
        defaults={"recipient_key": mail.recipient_key, "last_at": clock.now()},
    )
    trouble = AddressTrouble.objects.select_for_update().get(pk=trouble.pk)
    trouble.hard_bounces += 1
    trouble.last_at = clock.now()
    if trouble.hard_bounces >= PAUSED_AFTER and trouble.paused_at is None:
        trouble.paused_at = clock.now()
        _waiting(trouble.address).update(channel=Channel.LETTER, reason=PAUSED)
        _write_on_paper(trouble.address)
        audit.record("address.paused", None, trouble)
    trouble.save()
    return trouble


def _write_on_paper(address: str) -> None:
    """What people have to know and did not get by mail becomes a letter (R1)."""
    duties = [
        kind.code
        for kind in kinds.all_kinds()
        if kind.mail_class is kinds.MailClass.DUTY and not kind.mail_only
    ]
    OutgoingMail.objects.filter(
        address__iexact=address, kind__in=duties, state=State.FAILED, bounced_at__isnull=False
    ).update(state=State.QUEUED, channel=Channel.LETTER, reason=PAUSED)


def _waiting(address: str) -> QuerySet[OutgoingMail]:
    """What waits for this address; login mails go where they were asked for."""
    queued = OutgoingMail.objects.filter(address__iexact=address, state=State.QUEUED)
    return queued.exclude(kind__startswith=kinds.LOGIN).exclude(kind__in=kinds.never_letters())


@transaction.atomic
def unpause(trouble: AddressTrouble, by: UUID) -> None:
    """Somebody says that the address works: letters not yet printed become mails again."""
    trouble = AddressTrouble.objects.select_for_update().get(pk=trouble.pk)
    trouble.hard_bounces, trouble.paused_at = 0, None
    trouble.save(update_fields=["hard_bounces", "paused_at"])
    unprinted = _waiting(trouble.address).filter(channel=Channel.LETTER, batch__isnull=True)
    unprinted.update(channel=Channel.MAIL, reason="")
    audit.record("address.unpaused", by, trouble)
