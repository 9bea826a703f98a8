"""Applications somebody may see, and what of all that waits for this user."""

from datetime import timedelta

from django.db.models import F, Q, QuerySet

from members.models import Gliederung, Membership, User
from members.models.interest import applications
from members.models.retention import held_people
from portal.common import clock

# So long a decision stays on the page, to be taken back.
JUST_DECIDED = timedelta(days=14)


def visible(user: User) -> QuerySet[Membership]:
    """Open applications, and those decided lately, of everybody this user takes care of."""
    lately = Q(applied_on__isnull=False, decided_on__gte=clock.today() - JUST_DECIDED)
    found = Membership.objects.filter(applications() | lately)
    if not user.sees_whole_district:
        acts = Gliederung.objects.where(user, can="onboarding.act")
        found = found.filter(person__gliederung__in=acts).exclude(person__in=held_people())
    return found.select_related("person__gliederung__level")


def in_order(user: User) -> QuerySet[Membership]:
    """What is open first, the oldest on top; then what was decided."""
    return visible(user).order_by(F("decided_on").desc(nulls_first=True), "applied_on", "pk")
