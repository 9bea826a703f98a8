"""What waits for a user on the list "Zu tun", whatever it is about: one query for all of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import (
    CharField,
    Count,
    DateField,
    Exists,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    UUIDField,
    Value,
)
from django.db.models.functions import Cast, Coalesce, TruncDate

from members import admission
from members.models import Amt, District, Gliederung, Interest, Membership, Person, User
from members.models.interest import applications
from members.queries import coverage, recertification, transfers, win_back
from portal.common import retention
from portal.common.models import RetentionApproval

# Counted: one item however many they are.
MINE, MOVES, ASK, OFFICES, LEFT, HELD = "mine", "moves", "ask", "offices", "left", "held"
RULES = "rules"
# One item each, by name.
APPLICATION, INTEREST = "application", "interest"
Part = QuerySet[Any, Any]


@dataclass(frozen=True, slots=True)
class Waiting:
    """One row: `day` is the first of them, or when this one applied or was confirmed."""

    kind: str
    count: int
    day: date | None
    pk: UUID | None = None
    person: UUID | None = None
    name: str = ""


def waiting_for(user: User, today: date) -> Iterator[Waiting]:
    """Return what this user may settle; without an office nothing, and no query."""
    parts = [*_parts(user, today)]
    if not parts:
        return
    for kind, count, day, pk, person, given, family in parts[0].union(*parts[1:], all=True):
        yield Waiting(kind, count, day, pk, person, given or family)


def _parts(user: User, today: date) -> list[Part]:
    # Asked first without the district, to spare most users the query.
    approves = user.can("retention.approve")
    approves = approves and user.can("retention.approve", user.district.gliederung)
    rules = [_rules_to_approve(user)] if approves else []
    if not user.can("onboarding.act"):
        return rules
    moves = transfers.waiting_for(user)
    parts = [_counted(MINE, _mine(user), "looks_after"), _counted(MOVES, moves, day="started_at")]
    parts += [_to_call(user), *rules]
    if user.can("org.manage", user.district.gliederung):
        parts.append(_counted(ASK, coverage.to_ask(user)))
        parts.append(_counted(OFFICES, recertification.left_to(user)))
    if user.can("people.edit", user.district.gliederung):
        left = win_back.still_open().filter(person__in=Person.objects.visible_to(user))
        parts.append(_counted(LEFT, left, day="left_on"))
    if user.can("admission.decide"):
        parts.append(_to_decide(user, today))
    if user.sees_whole_district:
        held = Interest.objects.filter(state=Interest.State.HELD)
        parts.append(_counted(HELD, held, day="created_at"))
    return parts


def _rules_to_approve(user: User) -> Part:
    """Deletion rules that wait for this user's yes; the other yes is somebody else's."""
    current = [rule.fingerprint for rule in retention.rules()]
    said = RetentionApproval.objects.filter(
        Q(second_by__isnull=False) | Q(first_by=user.person_id), fingerprint__in=current
    )
    number = said.order_by().values(one=Value(1)).annotate(number=Count("pk")).values("number")
    missing = Value(len(current)) - Coalesce(Subquery(number), 0)
    nobody = Cast(Value(None), UUIDField())
    return (
        District.objects.alias(missing=missing)
        .filter(missing__gt=0)
        .values_list(
            Value(RULES, CharField()),
            missing,
            Cast(Value(None), DateField()),
            nobody,
            nobody,
            Value("", CharField()),
            Value("", CharField()),
        )
    )


def _mine(user: User) -> QuerySet[Any]:
    return coverage.overcommitted(coverage.ASK_YOURSELF).filter(pk=user.person_id)


def _counted(kind: str, rows: QuerySet[Any], what: str = "pk", day: str = "") -> Part:
    first: Any = _day(day) if day else Cast(Value(None), DateField())
    grouped = rows.order_by().annotate(part=Value(kind, CharField())).values("part")
    return grouped.annotate(
        number=Count(what, distinct=True),
        first=first,
        no_pk=Cast(Value(None), UUIDField()),
        no_person=Cast(Value(None), UUIDField()),
        no_given=Value("", CharField()),
        no_family=Value("", CharField()),
    ).values_list("part", "number", "first", "no_pk", "no_person", "no_given", "no_family")


def _day(name: str) -> Any:
    """The first day, of a column with moments or with days."""
    return Cast(Min(name), DateField()) if name.endswith("_on") else TruncDate(Min(name))


def _each(rows: QuerySet[Any], kind: str, names: str, day: Any) -> Part:
    return rows.order_by().values_list(
        Value(kind, CharField()),
        Value(1),
        day,
        "pk",
        "person_id",
        f"{names}given_name",
        f"{names}family_name",
    )


def _to_call(user: User) -> Part:
    mine = Interest.objects.filter(
        state=Interest.State.CONFIRMED, responsible=user.person_id, talked_on=None
    )
    return _each(mine, INTEREST, "", TruncDate("confirmed_at"))


def _to_decide(user: User, today: date) -> Part:
    """The Vorsitz from day 21 on; the office where there is none, and when the month is over."""
    due = Membership.objects.filter(
        applications(), applied_on__lte=today - admission.REMINDED_AFTER
    ).exclude(person=user.person_id)
    if user.sees_whole_district:
        chairs = Amt.objects.active().filter(
            kind=Amt.Kind.VORSITZ, gliederung=OuterRef("person__gliederung")
        )
        over = Q(applied_on__lt=admission.over_since(today))
        due = due.filter(over | ~Exists(chairs.exclude(person=OuterRef("person"))))
    else:
        own = Gliederung.objects.where(user, can="admission.decide")
        due = due.filter(person__gliederung__in=own)
    return _each(due, APPLICATION, "person__", F("applied_on"))
