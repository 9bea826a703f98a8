"""What the first talk found out about a newcomer (domain.md B9); the newcomer sees it at once."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from members.models import Onboarding, Person
from portal.common import audit
from portal.common.errors import DomainError

OF_ONBOARDING = ("motives", "expectations")
OF_PERSON = ("skills", "time_budget", "wish")


@transaction.atomic
def save(onboarding: Onboarding, told: Mapping[str, Any], by: Person) -> None:
    """Store the answers that were given now; every other stays as it is."""
    onboarding = Onboarding.objects.select_for_update(of=("self",)).get(pk=onboarding.pk)
    if onboarding.state == Onboarding.State.CLOSED:
        raise DomainError("Hier ist nichts mehr offen. Es wurde nichts eingetragen.")
    person = Person.objects.select_for_update(of=("self",)).get(pk=onboarding.person_id)
    _write(onboarding, told, OF_ONBOARDING)
    _write(person, told, OF_PERSON)
    if "topics" in told:
        person.topics.set(told["topics"])
    if told:
        audit.record("first_talk.told", by.pk, person, list(told))


def _write(row: Onboarding | Person, told: Mapping[str, Any], names: tuple[str, ...]) -> None:
    changed = [name for name in names if name in told]
    for name in changed:
        setattr(row, name, told[name])
    if changed:
        row.save(update_fields=changed)
