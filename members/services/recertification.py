"""„Stimmt noch“: an office was looked at this quarter, by somebody who does not hold it (T3)."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction

from members.models import Amt, User
from members.queries import recertification
from members.services import organisation
from portal.common import audit, clock
from portal.common.errors import DomainError


@transaction.atomic
def confirm(pks: Collection[UUID], by: User) -> int:
    """Tick offices; one's own is left to somebody else."""
    organisation.lock()
    if Amt.objects.filter(pk__in=pks, person=by.person_id).exists():
        raise DomainError("Dein eigenes Amt prüft jemand anderes aus der Geschäftsstelle.")
    aemter = list(recertification.left_to(by).filter(pk__in=pks))
    if not aemter:
        raise DomainError("Das ist in diesem Vierteljahr schon geprüft.")
    Amt.objects.filter(pk__in=[amt.pk for amt in aemter]).update(recertified_on=clock.today())
    for amt in aemter:
        audit.record("amt.recertified", by.person_id, amt, ["recertified_on"])
    return len(aemter)
