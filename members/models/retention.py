"""Whose data must stay for now, and what remains of a membership when its person is erased."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from members.models.organisation import Gliederung
from portal.common import clock
from portal.common.base import BaseModel
from portal.common.scope import ScopedManager


class HoldQuerySet(models.QuerySet["Hold"]):
    def active(self) -> Self:
        """What holds today: not lifted, and its last day has not passed."""
        return self.filter(Q(until=None) | Q(until__gte=clock.today()), lifted_at=None)


class Hold(BaseModel):
    """Instead of being deleted, somebody's data are restricted for a while (BDSG § 35 Abs. 3)."""

    person = models.ForeignKey(
        "members.Person", models.CASCADE, related_name="holds", verbose_name="Person"
    )
    reason = models.CharField(
        "Grund", max_length=200, help_text="Zum Beispiel: Beitragsstreit, läuft beim Amtsgericht."
    )
    set_by = models.ForeignKey(
        "members.Person", models.SET_NULL, null=True, related_name="+", verbose_name="gesperrt von"
    )
    set_on = models.DateField("gesperrt am")
    until = models.DateField("bis", null=True, blank=True)
    lifted_at = models.DateTimeField("aufgehoben am", null=True, blank=True)

    objects = ScopedManager.from_queryset(HoldQuerySet)()

    class Meta:
        verbose_name = "Sperre"
        verbose_name_plural = "Sperren"
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(lifted_at=None),
                name="hold_one_a_person",
                violation_error_message="Für diese Person gibt es schon eine Sperre.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.set_on}"

    @property
    def is_active(self) -> bool:
        return self.lifted_at is None and (self.until is None or self.until >= clock.today())


class PastMembership(BaseModel):
    """A membership that is over, without the person: for reports that look back."""

    gliederung = models.ForeignKey(
        Gliederung, models.PROTECT, null=True, related_name="+", verbose_name="Gliederung"
    )
    # First days of months: the day itself could find somebody again.
    joined_in = models.DateField("Eintritt im Monat", null=True)
    left_in = models.DateField("Austritt im Monat")
    left_reason = models.CharField("Grund", max_length=10, blank=True)
    days_to_first_talk = models.PositiveIntegerField("Tage bis zum ersten Gespräch", null=True)
    days_to_parteibuch = models.PositiveIntegerField("Tage bis zum Parteibuch", null=True)
    days_to_second_talk = models.PositiveIntegerField("Tage bis zum zweiten Gespräch", null=True)

    class Meta:
        verbose_name = "frühere Mitgliedschaft"
        verbose_name_plural = "frühere Mitgliedschaften"

    def __str__(self) -> str:
        return f"{self.left_in:%Y-%m}"


def held_people() -> models.QuerySet[Any, Any]:
    """Ids of everybody whose data are restricted; a handful, so the database hashes them."""
    held = Hold._base_manager.filter(lifted_at=None).exclude(until__lt=clock.today())
    return held.values("person")
