"""Newcomers who can be shared out, and who may take them (B12)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from members.models import Amt, Assignment, Gliederung, Onboarding, Person, User
from members.queries.responsible import ResponsiblePeople

MOST = 200


@dataclass(frozen=True, slots=True)
class Taker:
    """Somebody with an office there who is not away."""

    pk: UUID
    name: str
    office: str


def shareable(user: User, gliederung: Gliederung | None) -> QuerySet[Onboarding]:
    """Newcomers of one Gliederung; without one, all for whom somebody only stands in."""
    found = Onboarding.objects.visible_to(user).running()
    found = found.filter(person__gliederung__in=user.gliederungen("onboarding.act"))
    if gliederung:
        found = found.filter(person__gliederung=gliederung)
    else:
        found = found.filter(Q(responsible_stands_in=True) | Q(responsible=None))
    rows = found.select_related("person__gliederung", "responsible")
    return rows.order_by("person__gliederung__name", "person__sort_name", "pk")


def takers(onboardings: Iterable[Onboarding]) -> list[Taker]:
    """Everybody who may take at least one of these, with two queries."""
    people = ResponsiblePeople()
    places = {o.person.gliederung for o in onboardings if o.person.gliederung}
    aemter: dict[UUID, Amt] = {}
    for place in sorted(places, key=lambda place: (place.name, place.path)):
        for amt in people.over(place):
            aemter.setdefault(amt.person_id, amt)
    found = Person.objects.in_bulk(aemter)
    offices = [
        Taker(pk, found[pk].full_name, f"{amt.get_kind_display()}, {amt.gliederung.name}")
        for pk, amt in aemter.items()
    ]
    return sorted(offices, key=lambda taker: (taker.office, taker.name))


def chosen(user: User, pks: Collection[UUID]) -> QuerySet[Onboarding]:
    """Of what was ticked, what this user may share out."""
    found = Onboarding.objects.visible_to(user).running().filter(pk__in=pks)
    return found.filter(person__gliederung__in=user.gliederungen("onboarding.act"))


def own_batch(user: User, batch: UUID) -> QuerySet[Assignment]:
    """Of one sharing out, what this user did and still may decide about."""
    here = user.gliederungen("onboarding.act")
    mine = Assignment.objects.live().filter(batch=batch, made_by=user.person_id)
    return mine.filter(onboarding__person__gliederung__in=here)


def shared(user: User, batch: UUID) -> list[tuple[str, int]]:
    """Who got how many in one go that this user did, and has not taken back."""
    rows = own_batch(user, batch).order_by()
    counted = rows.values("taker").annotate(count=Count("pk")).values_list("taker", "count")
    numbers = dict(counted)
    people = Person.objects.filter(pk__in=numbers).order_by("sort_name", "pk")
    return [(person.full_name, numbers[person.pk]) for person in people]
