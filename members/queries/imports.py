"""How long ago the export was last brought in (R34)."""

from django.utils import timezone

from members.models import ImportRun
from portal.common import clock


def days_since_import() -> int | None:
    """Return the days since the last take-over that still holds; None before the first."""
    applied = ImportRun.objects.filter(state=ImportRun.State.APPLIED).order_by("-applied_at")
    last = applied.values_list("applied_at", flat=True).first()
    return (clock.today() - timezone.localdate(last)).days if last else None
