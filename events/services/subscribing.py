"""The personal calendar address: made once, shown once, revoked in one tap (T20)."""

import hashlib
import secrets

from django.db import transaction

from events.models import CalendarFeed
from members.models import Person
from portal.common import audit, clock

BYTES = 32


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def make(person: Person, *, neutral: bool) -> str:
    """Give a new address and end the old one; returns the token, which is stored nowhere."""
    token = secrets.token_urlsafe(BYTES)
    CalendarFeed.objects.update_or_create(
        person=person,
        defaults={"token_hash": _hash(token), "made_on": clock.today(), "is_neutral": neutral},
    )
    audit.record("calendar.made", person.pk, person)
    return token


@transaction.atomic
def revoke(person: Person) -> bool:
    if not CalendarFeed.objects.filter(person=person).delete()[0]:
        return False
    audit.record("calendar.revoked", person.pk, person)
    return True


def find(token: str) -> CalendarFeed | None:
    """The feed behind an address, as long as its owner may sign in."""
    rows = CalendarFeed.objects.select_related("person")
    return rows.filter(token_hash=_hash(token), person__user__is_active=True).first()
