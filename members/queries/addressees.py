"""Who can have something of a kind to do at all: asked once for everybody, before each is asked.

Naming somebody in vain costs a query; leaving somebody out would cost a reminder.
"""

from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from members import admission
from members.capabilities import kinds_granting
from members.models import Amt, Gliederung, Interest, Meldung, Membership, MitmachOrt, Transfer
from members.models.interest import applications
from members.models.mitmachen import ASKED_BEFORE, GOOD_FOR
from members.queries import coverage

RIGHTS = ("people.view", "people.edit", "org.manage", "retention.approve")
WHOLE_DISTRICT = {kind for right in RIGHTS for kind in kinds_granting(right)}


def of_waiting(today: date) -> set[UUID]:
    """Whose turn something of members.queries.waiting may be."""
    active = Amt.objects.active(today)
    asked = coverage.overcommitted(coverage.ASK_YOURSELF).order_by()
    interested = Interest.objects.filter(
        state=Interest.State.CONFIRMED, talked_on=None, responsible__isnull=False
    )
    applied = Membership.objects.filter(
        applications(), applied_on__lte=today - admission.REMINDED_AFTER
    )
    moves = Transfer.objects.filter(state__in=[Transfer.State.OPEN, Transfer.State.GIVEN])
    places = (
        Q(pk__in=applied.values("person__gliederung"))
        | Q(pk__in=moves.values("from_gliederung"))
        | Q(pk__in=moves.values("to_gliederung"))
    )
    return (
        set(asked.values_list("pk", flat=True).distinct())
        | set(interested.values_list("responsible", flat=True))
        | set(active.filter(kind__in=WHOLE_DISTRICT).values_list("person", flat=True))
        | _offices_over(places, active)
    )


def of_meldungen(today: date) -> set[UUID]:
    """Who may have to answer somebody who asked for a place."""
    waiting = Meldung.objects.to_be_answered().order_by()
    hosts = set(waiting.values_list("ort__host", flat=True)) - {None}
    places = Q(pk__in=waiting.values("ort__gliederung"))
    return hosts | _offices_over(places, Amt.objects.active(today))


def of_places(today: date) -> set[UUID]:
    """Who may be asked whether a place still exists."""
    old = MitmachOrt.objects.going_on().filter(confirmed_on__lte=today - GOOD_FOR + ASKED_BEFORE)
    hosts = set(old.order_by().values_list("host", flat=True)) - {None}
    places = Q(pk__in=old.order_by().values("gliederung"))
    return hosts | _offices_over(places, Amt.objects.active(today))


def _offices_over(places: Q, active: QuerySet[Amt]) -> set[UUID]:
    """Everybody with an office there or above."""
    found = Gliederung.objects.filter(places).only("path")
    paths = {path for place in found for path in place.ancestor_paths}
    if not paths:
        return set()
    return set(active.filter(gliederung__path__in=paths).values_list("person", flat=True))
