"""Somebody is told when the audit log is not as it was written (T30)."""

from django.db import transaction

from members.capabilities import kinds_granting
from members.models import Amt, District
from portal.common import audit_chain
from portal.common.models import AuditCheck
from portal.common.outbox import services as outbox

BROKEN = "members.audit_broken"


@transaction.atomic
def check() -> AuditCheck:
    """Walk the chain; what is newly broken is told once, to both offices that watch over it."""
    before = AuditCheck.objects.order_by("-pk").first()
    done = audit_chain.check()
    known = before is not None and (before.problem, before.position) == (
        done.problem,
        done.position,
    )
    if done.problem and not known:
        _tell(done)
    return done


def _tell(done: AuditCheck) -> None:
    kinds = {*kinds_granting("audit.read"), *kinds_granting("org.manage")}
    district = District.current().gliederung
    held = Amt.objects.active().filter(kind__in=kinds, gliederung__path__in=district.ancestor_paths)
    people = {amt.person for amt in held.select_related("person") if amt.person.email}
    outbox.queue(
        *(
            outbox.Draft(
                kind=BROKEN,
                recipient_key=person.pk,
                address=person.email,
                dedupe_key=f"{BROKEN}:{done.pk}:{person.pk}",
                ids={"person": str(person.pk), "check": str(done.pk)},
            )
            for person in people
        )
    )
