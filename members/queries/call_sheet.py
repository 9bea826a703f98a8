"""Small facts of the call sheet that come with the row itself: each would be a query of its own."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Subquery

from members.labels import MESSENGER
from members.models import Assignment, Membership, Person
from portal.common import consents


def facts() -> dict[str, Any]:
    """Annotations for an onboarding: may we write, when do they leave, what do they care about."""
    allowed = consents.given_for(MESSENGER).filter(subject=OuterRef("person"))
    held = Membership.objects.filter(person=OuterRef("person")).order_by("has_ended", "-joined_on")
    handed_on = Assignment.objects.live().filter(onboarding=OuterRef("pk"))
    return {
        "may_use_messenger": Exists(allowed),
        "leaves_on": Subquery(held.values("left_on")[:1]),
        "topic_names": topic_names(),
        "last_giver": Subquery(handed_on.values("giver")[:1]),
    }


def topic_names() -> ArraySubquery:
    """What the person of an onboarding cares about."""
    chosen = Person.topics.through.objects.filter(person=OuterRef("person"))
    return ArraySubquery(chosen.order_by("topic__position").values("topic__name"))
