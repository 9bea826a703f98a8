"""The way of the Parteibuch to the newcomer (B4)."""

from django.db import transaction

from members.models import Milestone, Onboarding, Person, Step
from members.services.onboarding.ending import settle, tick
from portal.common import audit, clock
from portal.common.errors import DomainError


@transaction.atomic
def hand_over(milestone: Milestone, by: Person) -> None:
    """The Parteibuch was given to the newcomer. A second tap changes nothing."""
    # The same lock as in log_contact: both look at all milestones afterwards.
    onboarding = Onboarding.objects.select_for_update().get(pk=milestone.onboarding_id)
    milestone = onboarding.milestones.get(pk=milestone.pk)
    if milestone.kind != Step.Kind.HANDOVER:
        raise DomainError("Das ist ein Gespräch. Bitte trag ein, wie es war.")
    if milestone.state == Milestone.State.DONE:
        return
    if milestone.state == Milestone.State.VOID:
        raise DomainError("Das ist nicht mehr nötig.")
    tick(milestone, clock.today())
    settle(onboarding)
    audit.record("milestone.handed_over", by.pk, milestone, ["state", "done_on"])
