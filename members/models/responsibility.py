"""Who stands in for whom: absences, and newcomers that somebody else has taken over."""

from django.db import models
from django.db.models import F, Q

from members.models.onboarding import Onboarding
from members.models.people import Person
from portal.common.base import BaseModel
from portal.common.scope import ScopedManager


class Absence(BaseModel):
    """Days on which somebody cannot take care of newcomers; no reason is ever asked (R8)."""

    person = models.ForeignKey(
        Person, models.CASCADE, related_name="absences", verbose_name="Person"
    )
    first_day = models.DateField("von")
    last_day = models.DateField("bis")

    objects = ScopedManager()

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

    objects = ScopedManager()

    class Meta:
        verbose_name = "Zuteilung"
        verbose_name_plural = "Zuteilungen"
        indexes = [models.Index(fields=["onboarding", "-made_at"], name="assignment_newest")]

    def __str__(self) -> str:
        return f"{self.onboarding_id} → {self.taker_id}"
