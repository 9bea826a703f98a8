"""Who looks after a newcomer, and when that moves."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models, transaction
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, When

from members.models import Assignment, District, Gliederung, Onboarding, Person
from members.queries.responsible import Decided, Responsible, ResponsiblePeople
from portal.common import clock


def set_responsible(onboarding: Onboarding, people: ResponsiblePeople) -> None:
    """Find somebody for an arrival about whom nobody has decided anything yet."""
    gliederung = onboarding.person.gliederung
    assert gliederung is not None  # callers ask for decided people only
    wish = Decided(only_flinta=onboarding.person.prefers_flinta)
    found = people.find(gliederung, [onboarding.person_id], wish)
    onboarding.responsible_id = found.person_id
    onboarding.responsible_stands_in = found.stands_in
    onboarding.responsible_since = clock.today()


@transaction.atomic
def reassign(people: Iterable[Person]) -> None:
    """Find the responsible person anew, after a move or a decision about the Ortsverein."""
    _reassign(Q(person__in=[person.pk for person in people]))


@transaction.atomic
def reassign_below(path: str) -> None:
    """The same for all newcomers of a Gliederung and below: an office or the tree changed."""
    _reassign(Q(person__in=Person.objects.filter(gliederung__path__startswith=path)))


@transaction.atomic
def find_missing_responsibles() -> None:
    """Every night: nobody depends on who left, is away or has no office, or misses a new one."""
    _reassign(Q())


@transaction.atomic
def assign_fallback(onboardings: Iterable[Onboarding]) -> None:
    """Give newcomers whose Ortsverein is still unknown to the district's own office."""
    office = ResponsiblePeople().find(District.current().gliederung)
    Onboarding.objects.filter(pk__in=[o.pk for o in onboardings]).update(
        responsible=office.person_id, responsible_stands_in=True, responsible_since=clock.today()
    )


@dataclass(frozen=True, slots=True)
class _Group:
    """Newcomers for whom the answer is the same, and was the same."""

    gliederung: UUID | None
    now: Responsible
    own: UUID | None  # the newcomer, if they hold an office themselves
    decided: Decided
    is_decided: bool


def _reassign(whose: Q) -> None:
    """Group by everything the answer depends on; write one statement per group that changes."""
    finder = ResponsiblePeople()
    groups = [*_groups(whose, finder, is_decided=False), *_groups(whose, finder, is_decided=True)]
    places = Gliederung.objects.in_bulk({group.gliederung for group in groups} - {None})
    for group in groups:
        place = places.get(group.gliederung) if group.gliederung else _office_of(group)
        if place is None:
            continue
        found = finder.find(place, [group.own] if group.own else [], group.decided)
        if found != group.now:
            _write(_members(group, whose, finder), group.now, found)


def _office_of(group: _Group) -> Gliederung | None:
    """Whoever is at home nowhere yet gets the district's office, once it was given (day 3)."""
    return District.current().gliederung if group.now.person_id else None


def _running(whose: Q, finder: ResponsiblePeople, *, is_decided: bool) -> QuerySet[Any]:
    """Without joins, so that an update asks again about rows somebody has just changed."""
    live = Assignment.objects.live().filter(onboarding=OuterRef("pk"))
    exists = Exists(live.order_by())
    found: QuerySet[Any] = Onboarding.objects.running().filter(
        whose, exists if is_decided else ~exists
    )
    if is_decided:
        gave = live.filter(giver__isnull=False).order_by("giver").values("giver").distinct()
        found = found.annotate(taker=Subquery(live.values("taker")[:1]), givers=ArraySubquery(gave))
    own = When(person__in=finder.holders, then=F("person"))
    wish = Person.objects.filter(pk=OuterRef("person"), prefers_flinta=True)
    return found.annotate(
        own=Case(own, default=None, output_field=models.UUIDField()), only_flinta=Exists(wish)
    )


def _groups(whose: Q, finder: ResponsiblePeople, *, is_decided: bool) -> Iterator[_Group]:
    names = ["person__gliederung", "responsible", "responsible_stands_in", "own", "only_flinta"]
    names += ["taker", "givers"] if is_decided else []
    rows = _running(whose, finder, is_decided=is_decided).order_by().values_list(*names).distinct()
    for gliederung, responsible, stands_in, own, only_flinta, *rest in rows:
        taker, givers = (rest[0], tuple(rest[1])) if rest else (None, ())
        decided = Decided(taker, givers, only_flinta)
        yield _Group(gliederung, Responsible(responsible, stands_in), own, decided, is_decided)


def _members(group: _Group, whose: Q, finder: ResponsiblePeople) -> QuerySet[Any]:
    found = _running(whose, finder, is_decided=group.is_decided).filter(
        person__in=Person.objects.filter(gliederung=group.gliederung),
        responsible=group.now.person_id,
        responsible_stands_in=group.now.stands_in,
        own=group.own,
        only_flinta=group.decided.only_flinta,
    )
    if group.is_decided:
        found = found.filter(taker=group.decided.taker, givers=list(group.decided.givers))
    return found


def _write(members: QuerySet[Any], before: Responsible, found: Responsible) -> None:
    changes: dict[str, Any] = {"responsible_stands_in": found.stands_in}
    if before.person_id != found.person_id:
        changes |= {"responsible": found.person_id, "responsible_since": clock.today()}
    members.update(**changes)
