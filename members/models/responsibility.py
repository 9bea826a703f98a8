"""Who stands in for whom: absences, and newcomers that somebody else has taken over."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q

from members.models.onboarding import Onboarding
from members.models.people import Person
from portal.common import clock
from portal.common.base import BaseModel
from portal.common.scope import ScopedManager


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def current(self, day: date | None = None) -> Self:
        day = day or clock.today()
        return self.filter(first_day__lte=day, last_day__gte=day)

    def unfinished(self) -> Self:
        return self.filter(last_day__gte=clock.today())


class Absence(BaseModel):
    """Days on which somebody cannot take care of newcomers; no reason is ever asked (R8)."""

    person = models.ForeignKey(
        Person, models.CASCADE, related_name="absences", verbose_name="Person"
    )
    first_day = models.DateField("von")
    last_day = models.DateField("bis")

    objects = ScopedManager.from_queryset(AbsenceQuerySet)()

    class Meta:
        verbose_name = "Abwesenheit"
        verbose_name_plural = "Abwesenheiten"
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="absence_ends_after_begin"
            )
        ]
        indexes = [models.Index(fields=["person", "last_day"], name="absence_current")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.first_day}–{self.last_day}"


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def live(self) -> Self:
        """What nobody has taken back, newest first: the first one holds."""
        return self.filter(undone_at=None).order_by("-made_at", "-pk")


class Assignment(BaseModel):
    """A human decided who looks after one newcomer; without it the office decides."""

    onboarding = models.ForeignKey(
        Onboarding, models.CASCADE, related_name="assignments", verbose_name="Neumitglied"
    )
    giver = models.ForeignKey(
        Person, models.SET_NULL, null=True, related_name="+", verbose_name="gab ab"
    )
    taker = models.ForeignKey(
        Person, models.SET_NULL, null=True, related_name="+", verbose_name="übernahm"
    )
    made_by = models.ForeignKey(
        Person, models.SET_NULL, null=True, related_name="+", verbose_name="von"
    )
    made_at = models.DateTimeField("am")
    undone_at = models.DateTimeField("zurückgenommen am", null=True, blank=True)
    # Many newcomers shared out in one go are taken back in one go (B12).
    batch = models.UUIDField(null=True, blank=True, editable=False, db_index=True)

    objects = ScopedManager.from_queryset(AssignmentQuerySet)()

    class Meta:
        verbose_name = "Zuteilung"
        verbose_name_plural = "Zuteilungen"
        indexes = [models.Index(fields=["onboarding", "-made_at"], name="assignment_newest")]

    def __str__(self) -> str:
        return f"{self.onboarding_id} → {self.taker_id}"
