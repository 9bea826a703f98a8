"""An import is staged first, then applied as a whole; the staging is erased within a day."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from members.models.people import Person
from portal.common.base import BaseModel
from portal.common.scope import ScopedManager


class ImportRun(BaseModel):
    """One uploaded file: counts, time and hash stay; the rows do not."""

    class State(models.TextChoices):
        STAGED = "staged", "geprüft"
        APPLIED = "applied", "übernommen"
        DISCARDED = "discarded", "verworfen"

    state = models.CharField("Stand", max_length=10, choices=State.choices, default=State.STAGED)
    sha256 = models.CharField("Prüfsumme", max_length=64)
    encoding = models.CharField("Zeichensatz", max_length=20)
    unused_columns = ArrayField(
        models.CharField(max_length=60), default=list, verbose_name="nicht übernommene Spalten"
    )
    created_by = models.ForeignKey(
        Person, models.SET_NULL, null=True, related_name="+", verbose_name="von"
    )
    created_at = models.DateTimeField("hochgeladen am")
    applied_at = models.DateTimeField("übernommen am", null=True, blank=True)
    counts = models.JSONField("Zahlen", default=dict)
    mails = models.PositiveIntegerField("Mails", default=0)
    letters = models.PositiveIntegerField("Briefe", default=0)

    class Meta:
        verbose_name = "Import"

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M} {self.state}"


class ImportRow(models.Model):
    """One staged row with its verdict; personal data that is erased after use or 24 hours."""

    class Verdict(models.TextChoices):
        REJECTED = "rejected", "abgelehnt"
        LEFT = "left", "ausgetreten"
        MOVED = "moved", "umgezogen"
        NEW = "new", "neu"
        CHANGED = "changed", "geändert"
        UNCHANGED = "unchanged", "unverändert"

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField("Zeile")
    verdict = models.CharField("Ergebnis", max_length=10, choices=Verdict.choices)
    values = models.JSONField("Werte", default=dict)
    problems = models.JSONField("Hinweise", default=list)
    changed = ArrayField(models.CharField(max_length=40), default=list)

    objects = ScopedManager()

    class Meta:
        verbose_name = "Importzeile"
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="importrow_once")]

    def __str__(self) -> str:
        return f"{self.number} {self.verdict}"
