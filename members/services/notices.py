"""What was done to somebody's way in is told to the owner, at once and by mail."""

from typing import Any
from uuid import uuid4

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from django.dispatch import receiver

from members.capabilities import GRANTING
from members.models import Amt, Person, User
from portal.common.outbox import services as outbox

FACTOR_ADDED = "account.factor_added"
ADDRESS_CHANGED = "account.address_changed"


@receiver(authenticator_added, dispatch_uid="members.factor_added")
def factor_added(user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    """Recovery codes come along with the first factor and are not worth a second mail."""
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        _tell(FACTOR_ADDED, user.person, user.email, str(authenticator.pk))


def address_changes(person: Person) -> None:
    """Called before the new address is stored: who holds an office is told at the old one (R30)."""
    before = Person.objects.get(pk=person.pk).email
    if not before or before.lower() == person.email.lower():
        return
    if Amt.objects.unfinished().filter(person=person, kind__in=GRANTING).exists():
        _tell(ADDRESS_CHANGED, person, before, uuid4().hex)


def _tell(kind: str, person: Person, address: str, once: str) -> None:
    outbox.queue(
        outbox.Draft(
            kind=kind,
            recipient_key=person.pk,
            address=address,
            dedupe_key=f"{kind}:{once}",
            ids={"person": str(person.pk)},
        )
    )
