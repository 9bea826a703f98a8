"""Hold an unasked mail back while its reader has had enough."""

from datetime import datetime

from django.db.models import Q

from portal.common import clock
from portal.common.locks import lock_for_transaction
from portal.common.outbox import cap, kinds
from portal.common.outbox.kinds import MailKind
from portal.common.outbox.models import OutgoingMail

REASON = "gebremst: Die Person hat gerade genug Post von uns"
State = OutgoingMail.State


def held_until(mail: OutgoingMail, kind: MailKind) -> datetime | None:
    """Return when this may go out instead of now, or None and count it as on its way.

    Two mails to one person that leave at the same time ask one after the other.
    """
    if not kind.is_capped:
        return None
    lock_for_transaction(f"cap:{mail.recipient_key}")
    now = clock.now()
    # One that left while we asked has left by now, whatever its clock said.
    counted = [min(at, now) for at in _counted(mail)]
    allowed = cap.next_allowed(now, _welcomed(mail), counted)
    if allowed > now:
        return allowed
    OutgoingMail.objects.filter(pk=mail.pk).update(counted_at=now, capped_until=None)
    return None


def _welcomed(mail: OutgoingMail) -> datetime | None:
    codes = [kind.code for kind in kinds.all_kinds() if kind.opens_first_days]
    own = OutgoingMail.objects.filter(recipient_key=mail.recipient_key, kind__in=codes)
    newest = own.filter(state=State.SENT).order_by("-sent_at").first()
    return newest.sent_at if newest else None


def _counted(mail: OutgoingMail) -> list[datetime]:
    """When this person got, or is just getting, what counts."""
    codes = [kind.code for kind in kinds.all_kinds() if kind.counts_for_cap]
    leaving = Q(state__in=[State.SENDING, State.UNCERTAIN]) | Q(batch__isnull=False)
    on_its_way = leaving & Q(counted_at__isnull=False)
    others = OutgoingMail.objects.filter(
        on_its_way | Q(state=State.SENT), recipient_key=mail.recipient_key, kind__in=codes
    ).exclude(pk=mail.pk)
    return [at for row in others if (at := row.sent_at or row.counted_at)]
