"""Does every Ortsverein have somebody, and does it fit them at the moment? (A3, R31)"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from members.models import (
    Absence,
    Amt,
    Assignment,
    Contact,
    Gliederung,
    Milestone,
    Onboarding,
    Person,
    Step,
    User,
)
from members.models.retention import held_people
from members.models.users import SECOND_FACTORS
from members.queries import offices
from members.queries.responsible import STANDS_IN
from portal.common import clock

# The person concerned reads the sentence a week before anybody else does.
ASK_YOURSELF = timedelta(days=7)
ASK_THEM = timedelta(days=14)
# What a newcomer said something in.
ANSWERED = (Contact.Result.REACHED, Contact.Result.CALL_BACK)


@dataclass(slots=True)
class Place:
    """One Gliederung that takes members, and who looks after newcomers there."""

    gliederung: Gliederung
    newcomers: int
    ansprechperson: list[Amt] = field(default_factory=list)
    stellvertretung: list[Amt] = field(default_factory=list)
    ending: list[Amt] = field(default_factory=list)
    ending_very_soon: bool = False

    @property
    def vacancies(self) -> int:
        return (not self.ansprechperson) + (not self.stellvertretung)


def places(user: User) -> list[Place]:
    """Every Gliederung with members, those with a gap and with newcomers first: three queries."""
    found = offices.taking_members(user).select_related("level")
    newcomers = _newcomers(user)
    by_place = {g.pk: Place(g, newcomers.get(g.pk, 0)) for g in found}
    held = Amt.objects.active().filter(kind__in=STANDS_IN, gliederung__in=list(by_place))
    today = clock.today()
    for amt in held.select_related("person").order_by("beginn", "pk"):
        place = by_place[amt.gliederung_id]
        if amt.kind == Amt.Kind.ANSPRECHPERSON:
            place.ansprechperson.append(amt)
        elif amt.kind == Amt.Kind.STELLVERTRETUNG:
            place.stellvertretung.append(amt)
        if amt.last_day <= today + offices.SOON:
            place.ending.append(amt)
            place.ending_very_soon |= amt.last_day <= today + offices.VERY_SOON
    for place in by_place.values():
        place.ending.sort(key=lambda amt: amt.last_day)
    return sorted(by_place.values(), key=_gaps_first)


def _gaps_first(place: Place) -> tuple[int, int, int, str]:
    ending = 2 - bool(place.ending) - place.ending_very_soon
    return (
        -place.vacancies,
        -place.newcomers if place.vacancies else 0,
        ending,
        place.gliederung.name,
    )


def _newcomers(user: User) -> dict[UUID, int]:
    running = Onboarding.objects.visible_to(user).running().order_by()
    counted = running.values("person__gliederung").annotate(count=Count("pk"))
    return dict(counted.values_list("person__gliederung", "count"))


def _waiting(since: timedelta) -> QuerySet[Onboarding]:
    """Newcomers whose talk has been open so long, with the same person responsible all the time."""
    today = clock.today()
    day = today - since
    # A later talk may take its time until it is due; the first one is waited for at once.
    promised = Milestone.objects.open().filter(
        Q(position=1) | Q(due_on__lte=today),
        onboarding=OuterRef("pk"),
        kind=Step.Kind.CONTACT,
        opens_on__lte=day,
    )
    # A day agreed with the newcomer is care; a day that was only put off is not.
    agreed = Contact.objects.filter(
        onboarding=OuterRef("pk"), follow_up_on=OuterRef("follow_up_on"), result__in=ANSWERED
    )
    return (
        Onboarding.objects.running()
        .filter(
            Q(asked_for_call_at__lte=clock.now() - since)
            | Q(Exists(promised), arrived_on__lte=day),
            Q(follow_up_on=None) | Q(follow_up_on__lte=today) | ~Exists(agreed),
            responsible_since__lte=day,
            person__no_contact_since=None,
        )
        .exclude(person__in=held_people())
    )


def overcommitted(since: timedelta) -> QuerySet[Any]:
    """Who has neither logged nor handed on for so long, once per newcomer who waits.

    Read from what people wrote down; logins and reading are nobody's business (R31).
    """
    today = clock.today()
    me = OuterRef("pk")
    logged = Contact.objects.filter(made_by=me, made_on__gt=today - since)
    handed_on = Assignment.objects.filter(giver=me, made_at__gt=clock.now() - since)
    return Person.objects.filter(
        ~Exists(logged),
        ~Exists(handed_on),
        ~Exists(Absence.objects.current().filter(person=me)),
        Exists(Amt.objects.active().filter(person=me, kind__in=STANDS_IN)),
        looks_after__in=_waiting(since),
    )


def all_to_ask_themselves() -> dict[UUID, int]:
    """Who is asked whether it fits at the moment and how many wait for them: one query for all."""
    factor = Authenticator.objects.filter(
        user__person=OuterRef("pk"), user__is_active=True, type__in=SECOND_FACTORS
    )
    asked = overcommitted(ASK_YOURSELF).filter(Exists(factor)).order_by().values("pk")
    return dict(asked.annotate(waiting=Count("looks_after")).values_list("pk", "waiting"))


def to_ask(user: User) -> QuerySet[Any]:
    """Of these, whom staff call and ask whether it fits at the moment."""
    visible = Person.objects.visible_to(user).exclude(pk=user.person_id)
    return overcommitted(ASK_THEM).filter(pk__in=visible)


def people_to_ask(user: User) -> QuerySet[Any]:
    """The same, each once, with how many wait."""
    found = to_ask(user).select_related("gliederung").annotate(waiting=Count("looks_after"))
    return found.order_by("sort_name", "pk")


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the page says first."""

    places: int
    covered: int
    without_ansprechperson: int
    without_stellvertretung: int
    ending: int


def numbers(found: Sequence[Place]) -> Numbers:
    def count(wanted: Iterable[object]) -> int:
        return sum(1 for one in wanted if one)

    return Numbers(
        places=len(found),
        covered=count(not place.vacancies for place in found),
        without_ansprechperson=count(not place.ansprechperson for place in found),
        without_stellvertretung=count(not place.stellvertretung for place in found),
        ending=sum(len(place.ending) for place in found),
    )


def by_gliederung(aemter: Iterable[Amt]) -> list[tuple[Gliederung, list[Amt]]]:
    """Offices under their Gliederung, in the order they come."""
    groups: dict[Gliederung, list[Amt]] = defaultdict(list)
    for amt in aemter:
        groups[amt.gliederung].append(amt)
    return list(groups.items())
