"""Who calls somebody that filled in „Ich will mitmachen“."""

from uuid import UUID

from django.db import transaction
from django.db.models import Q

from members.models import District, Interest, Person
from members.queries.responsible import ResponsiblePeople


def responsible_for(person: Person, finder: ResponsiblePeople) -> UUID | None:
    """The nearest office; where somebody belongs nowhere yet, the district's."""
    return finder.find(person.gliederung or District.current().gliederung).person_id


@transaction.atomic
def find_responsibles(whose: Q | None = None) -> None:
    """Every night: whoever waits for a call depends on nobody whose office has ended."""
    finder = ResponsiblePeople()
    waiting = Interest.objects.filter(state=Interest.State.CONFIRMED)
    for interest in waiting.filter(whose or Q()).select_related("person__gliederung"):
        found = responsible_for(interest.person, finder) if interest.person else None
        if found != interest.responsible_id:
            # Not saved: somebody may erase or move it on meanwhile.
            waiting.filter(pk=interest.pk).update(responsible=found)
