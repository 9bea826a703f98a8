"""Once a quarter somebody looks at every office that opens something: does it still hold? (T3)"""

from datetime import date, timedelta
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Greatest

from members.capabilities import GRANTING
from members.deadlines import add_months
from members.models import Amt, Gliederung, User
from members.queries import offices
from portal.common import clock


def quarter_begins(today: date | None = None) -> date:
    today = today or clock.today()
    return date(today.year, today.month - (today.month - 1) % 3, 1)


def due_on() -> date:
    """By the end of the quarter's first month."""
    return add_months(quarter_begins(), 1)


def _not_looked_at_since(day: date) -> QuerySet[Amt]:
    """Running offices that open something, and that nobody has given, renewed or checked since."""
    looked_at: Any = Greatest(F("beginn"), F("recertified_on"), F("renewed_on"))
    running = Amt.objects.running().filter(kind__in=GRANTING, is_pending=False)
    return running.annotate(looked_at_on=looked_at).filter(looked_at_on__lt=day)


def unchecked(user: User) -> QuerySet[Amt]:
    """Offices of this user's district that are still to be checked this quarter."""
    waiting = _not_looked_at_since(quarter_begins()).values("pk")
    return offices.offices(user).filter(pk__in=waiting)


def missed(user: User, can: str) -> QuerySet[Amt]:
    """Offices that a whole quarter passed by; they go on, and whoever watches over it sees them."""
    last_quarter = quarter_begins(quarter_begins() - timedelta(days=1))
    return (
        _not_looked_at_since(last_quarter)
        .filter(gliederung__in=Gliederung.objects.where(user, can=can))
        .select_related("person", "gliederung__level")
        .order_by("looked_at_on", "gliederung__name", "pk")
    )


def left_to(user: User) -> QuerySet[Amt]:
    """Of these, what this user can tick: never an own office."""
    return unchecked(user).exclude(person=user.person_id)
