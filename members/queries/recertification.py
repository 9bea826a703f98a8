"""Once a quarter somebody looks at every office that opens something: does it still hold? (T3)"""

from datetime import date
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Greatest

from members.capabilities import GRANTING
from members.deadlines import add_months
from members.models import Amt, User
from members.queries import offices
from portal.common import clock


def quarter_begins(today: date | None = None) -> date:
    today = today or clock.today()
    return date(today.year, today.month - (today.month - 1) % 3, 1)


def due_on() -> date:
    """By the end of the quarter's first month."""
    return add_months(quarter_begins(), 1)


def unchecked(user: User) -> QuerySet[Amt]:
    """Offices of this user's district that nobody has given, renewed or checked this quarter."""
    looked_at: Any = Greatest(F("beginn"), F("recertified_on"), F("renewed_on"))
    running = Amt.objects.running().filter(kind__in=GRANTING)
    return (
        offices.offices(user)
        .filter(pk__in=running.values("pk"), is_pending=False)
        .alias(looked_at=looked_at)
        .filter(looked_at__lt=quarter_begins())
    )


def left_to(user: User) -> QuerySet[Amt]:
    """Of these, what this user can tick: never an own office."""
    return unchecked(user).exclude(person=user.person_id)
