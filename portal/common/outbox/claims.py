"""The state machine of a row that is being sent: lease it, write its outcome, give it back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q

from portal.common import clock
from portal.common.outbox.models import OutgoingMail
from portal.common.scope import scope

BACKOFF_MINUTES = (1, 5, 15, 60, 240, 720)
SCOPE = "system:outbox"
IN_DOUBT = "Abbruch beim Versand, Zustellung ungewiss"
State = OutgoingMail.State


@dataclass(slots=True)
class Claim:
    """A row leased to this process.

    `in_doubt`: an earlier holder may have handed it over and died before writing that down.
    Such a row never goes back to "queued", because from there it would be sent unasked.
    """

    mail: OutgoingMail
    in_doubt: bool

    @property
    def is_worn_out(self) -> bool:
        """More tries than waits: enough."""
        return self.mail.tries > len(BACKOFF_MINUTES)


def _due(now: datetime) -> Q:
    fresh = Q(state=State.QUEUED, not_before__lte=now)
    orphaned = Q(state=State.SENDING, lease_until__lte=now)
    return Q(channel=OutgoingMail.Channel.MAIL) & (fresh | orphaned)


def _lease() -> datetime:
    return clock.now() + timedelta(seconds=settings.OUTBOX_LEASE_SECONDS)


def claim_next() -> Claim | None:
    """Lease the next due row to this process; other processes skip it."""
    with scope(SCOPE):
        mail = (
            OutgoingMail.objects.select_for_update(skip_locked=True)
            .filter(_due(clock.now()))
            .order_by("not_before", "id")
            .first()
        )
        if mail is None:
            return None
        claim = Claim(mail, in_doubt=mail.state == State.SENDING)
        mail.state = State.SENDING
        mail.lease_until = _lease()
        mail.attempts += 1  # also the number by which a holder knows that the lease is still its
        mail.save(update_fields=["state", "lease_until", "attempts"])
        return claim


def _update(claim: Claim, **values: Any) -> bool:
    """Write, but only while we still hold the lease we took; returns whether we did."""
    held = {"pk": claim.mail.pk, "state": State.SENDING, "attempts": claim.mail.attempts}
    with scope(SCOPE):
        return OutgoingMail.objects.filter(**held).update(**values) == 1


def renew(claim: Claim) -> bool:
    """Take the full lease again before handing over; False if somebody else has the row."""
    return _update(claim, lease_until=_lease())


def finish(claim: Claim, state: str, reason: str = "", **values: Any) -> None:
    """Write the outcome."""
    _update(claim, state=state, reason=reason, lease_until=None, **values)


def give_up(claim: Claim, reason: str) -> None:
    """Nothing more will be tried; somebody should look at it."""
    finish(claim, State.UNCERTAIN if claim.in_doubt else State.FAILED, reason)


def retry_later(claim: Claim, reason: str) -> None:
    """Wait longer after each try, and give up after the last."""
    if claim.is_worn_out:
        give_up(claim, reason)
        return
    _wait(claim, BACKOFF_MINUTES[claim.mail.tries - 1], reason, claim.mail.attempts)


def postpone(claim: Claim, reason: str) -> None:
    """Nothing could be tried at all, so this does not count as an attempt."""
    _wait(claim, BACKOFF_MINUTES[0], reason, claim.mail.attempts - 1)


def give_back(claim: Claim, reason: str, **values: Any) -> None:
    """Not now, or not like this: queued again, and that was no try."""
    finish(claim, State.QUEUED, reason, attempts=claim.mail.attempts - 1, **values)


def _wait(claim: Claim, minutes: int, reason: str, attempts: int) -> None:
    until = clock.now() + timedelta(minutes=minutes)
    if claim.in_doubt:
        _update(claim, lease_until=until, reason=reason, attempts=attempts)
    else:
        finish(claim, State.QUEUED, reason, not_before=until, attempts=attempts)


def leave_in_doubt(claim: Claim, *, can_ask: bool) -> None:
    """The connection broke while handing over: the lease runs on, then the probe is asked.

    Where nobody can be asked, one repetition is the risk we take; a second one is not.
    """
    was_in_doubt, claim.in_doubt = claim.in_doubt, True
    if claim.is_worn_out or (was_in_doubt and not can_ask):
        give_up(claim, IN_DOUBT)
    elif claim.mail.tries > 1:
        retry_later(claim, IN_DOUBT)
