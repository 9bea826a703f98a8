"""Who hears of a newcomer, rung by rung: for each Gliederung the offices in their order (R6)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet

from members.models import Absence, Amt, Gliederung, Membership
from members.models.users import SECOND_FACTORS
from members.queries.responsible import STANDS_IN
from portal.common.models import AddressTrouble

Kind = Amt.Kind


@dataclass(frozen=True, slots=True)
class Chains:
    """In the order in which they are asked; nobody twice in one chain."""

    firsts: tuple[UUID, ...]  # who calls
    flinta: tuple[UUID, ...]  # who calls somebody who wants a woman or FLINTA* person (R13)
    ups: tuple[UUID, ...]  # who hears of it on the day it is due
    lates: tuple[UUID, ...]  # who hears of it a week later
    chairs: tuple[UUID, ...]  # whose task a step of the Vorsitz is
    offices: tuple[UUID, ...]  # whose task a step of the Geschäftsstelle is


def reachable(aemter: QuerySet[Amt], today: date) -> QuerySet[Amt]:
    """Of these offices the ones whose holder reads a mail today: not away, address known.

    Whose exit has come has left, even while beat is away that would write it down at night.
    """
    away = Absence.objects.filter(first_day__lte=today, last_day__gte=today)
    resting = AddressTrouble.objects.filter(paused_at__isnull=False)
    leaving = Membership.objects.filter(has_ended=False, left_on__lte=today)
    return aemter.exclude(
        Q(person__email="")
        | Q(person__in=leaving.values("person"))
        | Q(person__in=away.values("person"))
        | Q(person__in=resting.values("recipient_key"))
    )


def answering(aemter: QuerySet[Amt], today: date) -> QuerySet[Amt]:
    """Of these offices the ones whose holder reads of a task today, and can settle it (A4)."""
    factor = Authenticator.objects.filter(
        user__person=OuterRef("person"), user__is_active=True, type__in=SECOND_FACTORS
    )
    return reachable(aemter, today).filter(Exists(factor))


def over(aemter: QuerySet[Amt], path: str) -> QuerySet[Amt]:
    """Of these offices the ones at a Gliederung or above; `path` is its column in the row around.

    For use in a subquery.
    """
    place: Any = ExpressionWrapper(OuterRef(path), output_field=CharField())
    return aemter.annotate(place=place).filter(place__startswith=F("gliederung__path"))


def chains_of_all(today: date) -> dict[UUID, Chains]:
    """Return the chains of every Gliederung; whoever is away is left out of all of them."""
    by_path: dict[str, list[Amt]] = {}
    held = reachable(Amt.objects.active(today).filter(kind__in=STANDS_IN), today)
    held = held.annotate(is_flinta=F("person__is_flinta")).select_related("gliederung")
    for amt in held.order_by("beginn", "id"):
        by_path.setdefault(amt.gliederung.path, []).append(amt)
    nodes = Gliederung.objects.only("id", "path")
    return {node.pk: chains([by_path.get(p, ()) for p in node.ancestor_paths]) for node in nodes}


def chains(levels: Sequence[Sequence[Any]]) -> Chains:
    """Return the chains from the offices of one Gliederung and of all above, nearest first.

    Each ends with everybody else who looks after newcomers there: somebody always hears of it.
    """
    firsts = _in_order(levels, STANDS_IN)
    chairs = _in_order(levels, (Kind.VORSITZ,))
    offices = _in_order(levels, (Kind.GESCHAEFTSSTELLE,))
    fitting = {amt.person_id for level in levels for amt in level if amt.is_flinta}
    return Chains(
        firsts=firsts,
        # If nobody fits, the office, to find somebody.
        flinta=tuple(who for who in firsts if who in fitting) or offices,
        ups=_once(_in_order(levels, (Kind.VORSITZ, Kind.GESCHAEFTSSTELLE)), firsts),
        # The office before whoever chairs, however far up it is.
        lates=_once(offices, chairs, firsts),
        chairs=chairs,
        offices=offices,
    )


def _once(*parts: Iterable[UUID]) -> tuple[UUID, ...]:
    return tuple(dict.fromkeys(who for part in parts for who in part))


def _in_order(levels: Iterable[Iterable[Amt]], kinds: Sequence[Amt.Kind]) -> tuple[UUID, ...]:
    return _once(
        amt.person_id
        for level in levels
        for amt in sorted(
            (amt for amt in level if amt.kind in kinds),
            key=lambda amt: kinds.index(Kind(amt.kind)),
        )
    )
