"""Where somebody is signed in, and ending that."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.crypto import salted_hmac

from members.models import Session, User
from portal.common import audit, clock


@dataclass(frozen=True, slots=True)
class SignedIn:
    """One device of one's own; `mark` stands for the session's key, which is a secret."""

    mark: str
    device: str
    since: datetime | None
    active_on: date | None
    is_this: bool


def _mark(key: str) -> str:
    return salted_hmac("session", key, algorithm="sha256").hexdigest()[:20]


def signed_in(user: User, this: str | None) -> list[SignedIn]:
    """Return the devices of a user, this one first."""
    rows = Session.objects.filter(user=user, expire_date__gt=clock.now()).order_by("-active_on")
    found = [
        SignedIn(_mark(row.pk), row.device, row.since, row.active_on, row.pk == this)
        for row in rows
    ]
    return sorted(found, key=lambda one: not one.is_this)


@transaction.atomic
def end(user: User, mark: str) -> bool:
    """Sign one device out; False if there is none with this mark."""
    for key in Session.objects.filter(user=user).values_list("pk", flat=True):
        if _mark(key) == mark:
            Session.objects.filter(pk=key).delete()
            audit.record("session.ended", user.person_id, user)
            return True
    return False


@transaction.atomic
def end_all(user: User, but: str | None = None) -> int:
    """Sign every device out, except the one with the key `but`."""
    return Session.objects.filter(user=user).exclude(pk=but or "").delete()[0]
