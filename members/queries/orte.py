"""The places one keeps, and whether they need a word."""

from django.db.models import Case, Count, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from members.models import Meldung, MitmachOrt, User
from members.models.mitmachen import GOOD_FOR
from portal.common import clock


def kept_by(user: User) -> QuerySet[MitmachOrt]:
    """Unconfirmed ones first, then what is in the catalogue, at last what is over."""
    today = clock.today()
    waiting = Meldung.objects.to_be_answered().filter(ort=OuterRef("pk")).order_by()
    over = Q(ends_on__lt=today)
    position = Case(
        When(over, then=Value(2)),
        When(confirmed_on__lte=today - GOOD_FOR, then=Value(0)),
        default=Value(1),
    )
    return (
        MitmachOrt.objects.kept_by(user)
        .select_related("gliederung", "kommune")
        .annotate(
            position=position,
            waiting=Coalesce(
                Subquery(waiting.values("ort").annotate(n=Count("pk")).values("n")), 0
            ),
        )
        .order_by("position", "title", "pk")
    )
