"""Erase people so that nothing of them is left, and write down outside the database whom."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction

from members.models import Person
from portal.common import ledger
from portal.common.models import AddressTrouble, Consent, MailChoice, OutgoingMail


@transaction.atomic
def erase(people: Collection[UUID], rule: str) -> int:
    """Erase who exists of these; return how many. Unknown ids are ignored."""
    locked = Person.objects.select_for_update(of=("self",)).filter(pk__in=people).order_by("pk")
    found = list(locked.values_list("pk", flat=True))
    ledger.append(found, rule)
    for model in (OutgoingMail, AddressTrouble, MailChoice):
        model.objects.filter(recipient_key__in=found).delete()
    Consent.objects.filter(subject__in=found).delete()
    Person.objects.filter(pk__in=found).delete()
    return len(found)
