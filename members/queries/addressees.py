"""Who can have something of a kind to do at all: asked once for everybody, before each is asked.

Naming somebody in vain costs a query; leaving somebody out would cost a reminder.
"""

from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from members import admission
from members.capabilities import kinds_granting
from members.models import (
    Amt,
    Gliederung,
    Interest,
    Meldung,
    Membership,
    Mentor,
    MitmachOrt,
    Onboarding,
    Pulse,
    Tandem,
    Transfer,
)
from members.models.interest import applications
from members.models.mitmachen import ASKED_BEFORE, GOOD_FOR
from members.queries import pulse, tandems, waiting

WHOLE_DISTRICT = {kind for right in waiting.DESK_RIGHTS for kind in kinds_granting(right)}


def of_moves(today: date) -> set[UUID]:
    """Who may have to answer for one side of a change, and the office."""
    moves = Transfer.objects.filter(state__in=[Transfer.State.OPEN, Transfer.State.GIVEN])
    sides = ("from_gliederung", "to_gliederung")
    either = [Q(pk__in=moves.order_by().values(side)) for side in sides]
    return of_desk(today) | _offices_over(either[0] | either[1], Amt.objects.active(today))


def of_interest(today: date) -> set[UUID]:
    """Who is to call somebody interested, and the office."""
    waiting = Interest.objects.filter(
        state=Interest.State.CONFIRMED,
        talked_on=None,
        responsible__isnull=False,
        person__no_contact_since=None,
    )
    return of_desk(today) | set(waiting.values_list("responsible", flat=True))


def of_applications(today: date) -> set[UUID]:
    """Who may have to decide on an application, and the office."""
    applied = Membership.objects.filter(
        applications(), applied_on__lte=today - admission.REMINDED_AFTER
    )
    places = Q(pk__in=applied.order_by().values("person__gliederung"))
    return of_desk(today) | _offices_over(places, Amt.objects.active(today))


def of_desk(today: date) -> set[UUID]:
    """Who looks after the whole district."""
    active = Amt.objects.active(today).filter(kind__in=WHOLE_DISTRICT)
    return set(active.values_list("person", flat=True))


def of_mentors(today: date) -> set[UUID]:
    """Mentors whose yes somebody waits for."""
    asked = Tandem.objects.filter(state=Tandem.State.ASKED)
    return {pk for pair in asked.values_list("mentor", "second") for pk in pair if pk}


def of_coordinators(today: date) -> set[UUID]:
    """Who coordinates the mentoring, if anything waits for a call there."""
    if not (tandems.needing_somebody(today).exists() or Mentor.objects.applied(today).exists()):
        return set()
    kinds = kinds_granting("mentoring.coordinate")
    return set(Amt.objects.active(today).filter(kind__in=kinds).values_list("person", flat=True))


def of_not_arrived(today: date) -> set[UUID]:
    """Whose newcomer has said „nicht angekommen“ and wants them to know."""
    told = Pulse.objects.filter(
        pulse.waits_for_talk(), onboarding__state=Onboarding.State.RUNNING
    ).order_by()
    return set(told.values_list("onboarding__responsible", flat=True)) - {None}


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
