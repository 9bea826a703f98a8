"""Who looks after a newcomer, and when that moves."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from members.models import Amt, District, Onboarding, Person
from members.queries.responsible import STANDS_IN, ResponsiblePeople
from portal.common import clock


def set_responsible(onboarding: Onboarding, people: ResponsiblePeople) -> None:
    gliederung = onboarding.person.gliederung
    assert gliederung is not None  # callers ask for decided people only
    found = people.find(gliederung, without=[onboarding.person_id])
    onboarding.responsible_id = found.person_id
    onboarding.responsible_stands_in = found.stands_in


@transaction.atomic
def reassign(people: Iterable[Person]) -> None:
    """Find the responsible person anew, after a move or a decision about the Ortsverein."""
    _reassign(Q(person__in=list(people)))


@transaction.atomic
def reassign_below(path: str) -> None:
    """The same for all newcomers of a Gliederung and below: an office or the tree changed."""
    _reassign(Q(person__gliederung__path__startswith=path))


def _reassign(whose: Q) -> None:
    finder = ResponsiblePeople()
    found = Onboarding.objects.running().filter(whose, person__gliederung__isnull=False)
    changed = []
    for onboarding in found.select_related("person__gliederung"):
        before = (onboarding.responsible_id, onboarding.responsible_stands_in)
        set_responsible(onboarding, finder)
        if before != (onboarding.responsible_id, onboarding.responsible_stands_in):
            changed.append(onboarding)
    Onboarding.objects.bulk_update(
        changed, ["responsible", "responsible_stands_in"], batch_size=500
    )


@transaction.atomic
def assign_fallback(onboardings: Iterable[Onboarding]) -> None:
    """Give newcomers whose Ortsverein is still unknown to the district's own office."""
    office = ResponsiblePeople().find(District.current().gliederung)
    Onboarding.objects.filter(pk__in=[o.pk for o in onboardings]).update(
        responsible=office.person_id, responsible_stands_in=True
    )


@transaction.atomic
def find_missing_responsibles() -> None:
    """Every night: nobody depends on an office that ended, or misses a new one."""
    running = Onboarding.objects.running().filter(person__gliederung__isnull=False)
    holding = Amt.objects.active().filter(kind__in=STANDS_IN, person=OuterRef("responsible"))
    # An office that was given for a later day begins; two days, should a night be missed.
    today = clock.today()
    beginning = Amt.objects.active().filter(
        kind__in=STANDS_IN,
        gliederung=OuterRef("person__gliederung"),
        beginn__gte=today - timedelta(days=1),
    )
    left_alone = running.filter(
        Q(responsible_stands_in=True) | ~Exists(holding) | Exists(beginning)
    )
    reassign([o.person for o in left_alone.select_related("person")])
