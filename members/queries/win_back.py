"""Who has left and may be asked once, within 28 days, by the office (B10, R33)."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from members.models import Contact, Membership, Person, User
from portal.common import clock

WITHIN = timedelta(days=28)
Reason = Membership.LeftReason
# Nobody calls a family, or somebody the party itself did not want.
NEVER = (Reason.DEATH, Reason.EXPELLED, Reason.REFUSED)


def recently_left() -> QuerySet[Membership]:
    """Everybody who left within the 28 days and may be asked, or has been."""
    today = clock.today()
    others = Membership.objects.filter(person=OuterRef("person")).exclude(pk=OuterRef("pk"))
    in_the_way = Q(has_ended=False) | Q(left_reason__in=NEVER) | Q(win_back_on__isnull=False)
    return Membership.objects.filter(
        ~Exists(others.filter(in_the_way)),
        has_ended=True,
        left_on__lte=today,
        left_on__gte=today - WITHIN,
        person__no_contact_since=None,
    ).exclude(left_reason__in=NEVER)


def still_open() -> QuerySet[Membership]:
    return recently_left().filter(win_back_on=None)


def last_day(membership: Membership) -> date:
    assert membership.left_on is not None  # only who has left is listed
    return membership.left_on + WITHIN


def rows(user: User) -> list[dict[str, Any]]:
    """What the office needs for the one call: who, until when, why, and what was."""
    talked = Q(person__onboardings__contacts__result=Contact.Result.REACHED)
    found = (
        recently_left()
        .filter(person__in=Person.objects.visible_to(user))
        .select_related("person__gliederung", "win_back_by")
        .annotate(
            talks=Count("person__onboardings__contacts", filter=talked),
            last_talk=Max("person__onboardings__contacts__made_on", filter=talked),
        )
    )
    return [
        {
            "membership": membership,
            "person": membership.person,
            "until": last_day(membership),
            "days_left": (last_day(membership) - clock.today()).days,
        }
        for membership in found.order_by("left_on", "person__sort_name", "pk")
    ]
