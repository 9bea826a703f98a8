"""Which files were taken out of the portal, what for, and whether they are gone again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from members.models import Person, User
from portal.common import clock, exports
from portal.common.models import ExportRun


@dataclass(frozen=True, slots=True)
class Past:
    """One file; `who` is empty when that person is not in the portal any more."""

    run: ExportRun
    title: str
    who: str
    is_mine: bool

    @property
    def is_late(self) -> bool:
        today: date = clock.today()
        return self.run.deleted_at is None and self.run.delete_on <= today


def past() -> QuerySet[ExportRun]:
    return ExportRun.objects.order_by("-made_at", "pk")


def with_people(user: User, runs: Iterable[ExportRun]) -> list[Past]:
    runs = list(runs)
    people = Person.objects.visible_to(user).in_bulk({run.made_by for run in runs})
    return [
        Past(
            run,
            exports.title(run.code),
            people[run.made_by].full_name if run.made_by in people else "",
            run.made_by == user.person_id,
        )
        for run in runs
    ]


def offered(user: User) -> list[exports.Export]:
    """What this user's offices let out."""
    return [export for export in exports.all_exports() if user.can(export.capability)]
