"""The roof owns figures only: numbers without persons, which survive every erasure."""

from django.db import models

from members.models import Gliederung
from portal.common.base import BaseModel


class Figure(BaseModel):
    """One number of one Gliederung on one day."""

    class Code(models.TextChoices):
        NEWCOMERS = "newcomers", "Neumitglieder"
        REACHED = "reached", "rechtzeitig erreicht"
        OVERDUE = "overdue", "überfällig"
        STANDS_IN = "stands_in", "ohne Ansprechperson"
        UNREACHED = "unreached", "nicht erreicht"
        LATE_DATA = "late_data", "Daten kamen zu spät"

    day = models.DateField("Tag")
    gliederung = models.ForeignKey(
        Gliederung, models.CASCADE, related_name="+", verbose_name="Gliederung"
    )
    code = models.CharField("Zahl", max_length=20, choices=Code.choices)
    value = models.PositiveIntegerField("Wert")

    class Meta:
        verbose_name = "Tageswert"
        constraints = [
            models.UniqueConstraint(fields=["gliederung", "code", "day"], name="figure_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.code} {self.value}"
