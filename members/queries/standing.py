"""How it stands with looking after newcomers, for the list "Zu tun": one query for all of it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, DateTimeField, Min, QuerySet, Value
from django.db.models.functions import Cast
from django.utils import timezone

from members.models import Person, User
from members.queries import coverage, recertification, transfers, win_back
from portal.common import clock

MINE, MOVES, ASK, OFFICES, LEFT = "mine", "moves", "ask", "offices", "left"
NO_DAY: Any = Cast(Value(None), DateTimeField())


@dataclass(frozen=True, slots=True)
class Standing:
    my_newcomers: int
    moves: int
    first_move_on: date | None
    to_ask: int
    unchecked: int
    left: int
    days_left: int  # for the first of those who left


def standing(user: User) -> Standing:
    """Count what this user may settle; what the user may not, is nothing."""
    parts = [
        _part(MINE, _mine(user), Count("looks_after")),
        _part(MOVES, transfers.waiting_for(user), Count("pk"), Min("started_at")),
    ]
    if user.can("org.manage", user.district.gliederung):
        parts.append(_part(ASK, coverage.to_ask(user), Count("pk", distinct=True)))
        parts.append(_part(OFFICES, recertification.left_to(user), Count("pk")))
    if user.can("people.edit", user.district.gliederung):
        visible = win_back.still_open().filter(person__in=Person.objects.visible_to(user))
        parts.append(_part(LEFT, visible, Count("pk"), Cast(Min("left_on"), DateTimeField())))
    found = {
        code: (count, first and timezone.localdate(first)) for code, count, first in _all(parts)
    }
    number = {code: found.get(code, (0, None))[0] for code in (MINE, MOVES, ASK, OFFICES, LEFT)}
    first_left: date | None = found.get(LEFT, (0, None))[1]
    return Standing(
        my_newcomers=number[MINE],
        moves=number[MOVES],
        first_move_on=found.get(MOVES, (0, None))[1],
        to_ask=number[ASK],
        unchecked=number[OFFICES],
        left=number[LEFT],
        days_left=(first_left + win_back.WITHIN - clock.today()).days if first_left else 0,
    )


def _mine(user: User) -> QuerySet[Any]:
    return coverage.overcommitted(coverage.ASK_YOURSELF).filter(pk=user.person_id)


def _part(code: str, rows: QuerySet[Any], count: Any, day: Any = NO_DAY) -> QuerySet[Any]:
    grouped = rows.order_by().annotate(part=Value(code)).values("part")
    return grouped.annotate(number=count, first=day).values_list("part", "number", "first")


def _all(parts: list[QuerySet[Any]]) -> QuerySet[Any]:
    return parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
