"""Applications somebody may see, and what of all that waits for this user."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import TruncDate

from members import admission
from members.models import Amt, Gliederung, Interest, Membership, User
from members.models.interest import applications
from members.queries import transfers
from portal.common import clock

# So long a decision stays on the page, to be taken back.
JUST_DECIDED = timedelta(days=14)


def visible(user: User) -> QuerySet[Membership]:
    """Open applications, and those decided lately, of everybody this user takes care of."""
    lately = Q(applied_on__isnull=False, decided_on__gte=clock.today() - JUST_DECIDED)
    found = Membership.objects.filter(applications() | lately)
    if not user.sees_whole_district:
        acts = Gliederung.objects.where(user, can="onboarding.act")
        found = found.filter(person__gliederung__in=acts)
    return found.select_related("person__gliederung__level")


def in_order(user: User) -> QuerySet[Membership]:
    """What is open first, the oldest on top; then what was decided."""
    return visible(user).order_by(F("decided_on").desc(nulls_first=True), "applied_on", "pk")


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits for this user, whatever it is about."""

    kind: str
    pk: UUID
    person: UUID | None
    name: str
    day: date  # applied, confirmed, sent in, or begun on


APPLICATION, INTEREST, HELD = "admission", "interest", "interest-held"
TRANSFER = "transfer"


def waiting_for(user: User, today: date) -> Iterator[Waiting]:
    """Who comes in or changes and waits for this user, with one query; none without an office."""
    if not user.can("onboarding.act"):
        return
    parts = [_to_call(user), _to_agree(user)]
    if user.can("admission.decide"):
        parts.append(_to_decide(user, today))
    if user.sees_whole_district:
        parts.append(_held())
    first, *others = parts
    for kind, pk, person, given, family, day in first.union(*others, all=True):
        yield Waiting(kind, pk, person, given or family, day)


def _columns(rows: QuerySet[Any], kind: str, names: str, day: Any) -> QuerySet[Any, Any]:
    return rows.order_by().values_list(
        Value(kind), "pk", "person_id", f"{names}given_name", f"{names}family_name", day
    )


def _to_call(user: User) -> QuerySet[Any, Any]:
    mine = Interest.objects.filter(
        state=Interest.State.CONFIRMED, responsible=user.person_id, talked_on=None
    )
    return _columns(mine, INTEREST, "", TruncDate("confirmed_at"))


def _to_decide(user: User, today: date) -> QuerySet[Any, Any]:
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
    return _columns(due, APPLICATION, "person__", F("applied_on"))


def _to_agree(user: User) -> QuerySet[Any, Any]:
    waiting = transfers.waiting_for(user)
    return _columns(waiting, TRANSFER, "person__", TruncDate("started_at"))


def _held() -> QuerySet[Any, Any]:
    """One row stands for all of them."""
    held = Interest.objects.filter(state=Interest.State.HELD)
    return _columns(held, HELD, "", TruncDate("created_at"))[:1]
