"""Write the daily figures; they cannot be made up after people are erased."""

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q

from members.models import Milestone, Onboarding
from members.queries.newcomers import given_up
from portal.common import clock
from portal.dashboards.models import Figure


@transaction.atomic
def write_figures() -> int:
    """Store today's numbers per Gliederung; a second run on a day replaces them."""
    today = clock.today()
    milestones = Milestone.objects.filter(onboarding=OuterRef("pk"))
    runs = Q(state=Onboarding.State.RUNNING)
    counted = (
        Onboarding.objects.filter(runs | given_up(today))
        .filter(person__gliederung__isnull=False, wave=None)
        .annotate(
            is_reached=Exists(milestones.filter(position=1, done_on__lte=F("due_on"))),
            is_late=Exists(milestones.filter(is_late_data=True)),
        )
        .values("person__gliederung")
        .annotate(
            newcomers=Count("pk", filter=runs),
            reached=Count("pk", filter=runs & Q(is_reached=True)),
            overdue=Count("pk", filter=runs & Q(next_due_on__lt=today)),
            stands_in=Count("pk", filter=runs & Q(responsible_stands_in=True)),
            unreached=Count("pk", filter=given_up(today)),
            late_data=Count("pk", filter=runs & Q(is_late=True)),
        )
    )
    figures = [
        Figure(day=today, gliederung_id=row["person__gliederung"], code=code, value=row[code])
        for row in counted
        for code in Figure.Code.values
    ]
    Figure.objects.filter(day=today).delete()
    Figure.objects.bulk_create(figures)
    return len(figures)
