"""Who holds which office, what is missing for it, and where nobody does."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, Q, QuerySet

from members.capabilities import GRANTING, shows_others
from members.models import Amt, Gliederung, User
from members.models.people import former_member
from members.models.users import SECOND_FACTORS
from portal.common import clock

Kind = Amt.Kind
SOON = timedelta(days=60)
VERY_SOON = timedelta(days=14)


def offices(user: User) -> QuerySet[Amt]:
    """Offices this user may manage, each with what `missing` asks for."""
    factors = Authenticator.objects.filter(user__person=OuterRef("person"), type__in=SECOND_FACTORS)
    return (
        Amt.objects.filter(gliederung__in=Gliederung.objects.where(user, can="org.manage"))
        .select_related("person", "gliederung__level", "granted_by", "confirmed_by")
        .annotate(
            has_login=Exists(User.objects.filter(person=OuterRef("person"))),
            has_factor=Exists(factors),
            has_left=former_member(OuterRef("person")),
        )
        .order_by("gliederung__name", "kind", "beginn", "pk")
    )


def incomplete(rows: QuerySet[Amt]) -> QuerySet[Amt]:
    """Of these, the offices that should grant something today and do not."""
    today = clock.today()
    return rows.filter(
        Q(is_pending=True)
        | Q(pledged_on=None)
        | Q(pledged_on__gt=today)
        | Q(trained_on=None)
        | Q(trained_on__gt=today)
        | Q(has_login=False)
        | Q(has_factor=False)
        | Q(has_left=True),
        pk__in=Amt.objects.running(today).values("pk"),
        kind__in=GRANTING,
    )


def missing(amt: Amt) -> list[str]:
    """Say what keeps an annotated office from granting anything; nothing for one that does."""
    return list(_missing(amt)) if shows_others(amt.kind) and not amt.is_over else []


def _missing(amt: Amt) -> Iterator[str]:
    today = clock.today()
    if amt.is_pending:
        yield "Bestätigung durch eine zweite Person"
    if amt.pledged_on is None or amt.pledged_on > today:
        yield "Verpflichtung"
    if amt.trained_on is None or amt.trained_on > today:
        yield "Schulung"
    if amt.has_left:  # type: ignore[attr-defined]  # annotated by `offices`
        yield "Mitgliedschaft"
    if not amt.has_login:  # type: ignore[attr-defined]
        yield "Zugang"
    elif not amt.has_factor:  # type: ignore[attr-defined]
        yield "zweiter Faktor"


def ending_soon(rows: QuerySet[Amt], within: timedelta = SOON) -> QuerySet[Amt]:
    """Of these, the running offices whose last day lies within the next days."""
    today = clock.today()
    by = today + within + timedelta(days=1)
    return rows.filter(pk__in=Amt.objects.running(today).ending_by(by).values("pk"))


@dataclass(frozen=True, slots=True)
class Needing:
    """What staff have to settle: confirm what a colleague granted, renew what ends soon."""

    awaiting: list[Amt]
    ending: list[Amt]


def needing_somebody(user: User) -> Needing:
    """Find both with one query; nobody is asked to confirm an own grant or office."""
    unfinished = offices(user).filter(pk__in=Amt.objects.unfinished().values("pk"))
    ending = ending_soon(offices(user)).order_by().values("pk")
    found = list(unfinished.filter(Q(is_pending=True) | Q(pk__in=ending)))
    awaiting = [amt for amt in found if amt.can_be_confirmed_by(user.person_id)]
    soon = clock.today() + SOON
    return Needing(awaiting, [a for a in found if a.beginn <= clock.today() and a.last_day <= soon])


def taking_members(user: User) -> QuerySet[Gliederung]:
    """The open Gliederungen of the user's office to which people belong."""
    return Gliederung.objects.where(user, can="org.manage").open().filter(level__takes_members=True)


def without(rows: QuerySet[Gliederung], *kinds: str) -> QuerySet[Gliederung]:
    """Of these, where one of the kinds is vacant today."""
    vacant = Q()
    for kind in kinds:
        vacant |= ~Q(Exists(Amt.objects.active().filter(gliederung=OuterRef("pk"), kind=kind)))
    return rows.filter(vacant)
