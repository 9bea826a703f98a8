"""How long data take until they are here (B5): nobody in an Ortsverein can be blamed for that."""

from datetime import timedelta

from django.db.models import Aggregate, DurationField, F

from members.models import Onboarding, User


class Median(Aggregate):
    """The value in the middle, as Postgres computes it."""

    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


def median_days(user: User) -> int | None:
    """Return the median of the days between joining and arriving here; None without anybody.

    Who is welcomed anew did not come with late data.
    """
    newcomers = Onboarding.objects.visible_to(user).running().filter(wave=None)
    found: timedelta | None = newcomers.aggregate(median=Median(F("arrived_on") - F("started_on")))[
        "median"
    ]
    return None if found is None else round(found / timedelta(days=1))
