"""Kinds of events: data, so that a district can have its own."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from portal.common.base import BaseModel


class EventKind(BaseModel):
    """What comes with every event of a kind: how long, what to prepare, what to ask."""

    code = models.SlugField("Kürzel", max_length=40, unique=True)
    name = models.CharField("Name", max_length=60)
    position = models.PositiveSmallIntegerField("Reihenfolge", default=0)
    is_offered = models.BooleanField("steht zur Wahl", default=True)
    minutes = models.PositiveSmallIntegerField(
        "dauert … Minuten", default=120, validators=[MinValueValidator(15), MaxValueValidator(1380)]
    )
    needs_registration = models.BooleanField("mit Anmeldung", default=True)
    # Everybody who is new is invited by one tap, and turning up can count as a talk (F1, F2).
    is_for_newcomers = models.BooleanField("lädt Neumitglieder ein", default=False)
    # „14: Raum reservieren“: so many days before.
    checklist = ArrayField(
        models.CharField(max_length=160), default=list, blank=True, verbose_name="Checkliste"
    )
    # „10: Begrüßung“: so many minutes.
    agenda = ArrayField(
        models.CharField(max_length=160), default=list, blank=True, verbose_name="Ablauf"
    )
    # Asked in the thank-you (F3); the first two are the group work of an evening (domain 1.6).
    questions = ArrayField(
        models.CharField(max_length=160), default=list, blank=True, verbose_name="Fragen danach"
    )
    reminder_hours = models.PositiveSmallIntegerField("Erinnerung … Stunden vorher", default=24)

    class Meta:
        verbose_name = "Art von Termin"
        verbose_name_plural = "Arten von Terminen"
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name

    def steps(self) -> list[tuple[int, str]]:
        """Days before and what to do; a line without a number is due on the day itself."""
        return [_numbered(line) for line in self.checklist]

    def blocks(self) -> list[tuple[int, str]]:
        """Minutes and what happens."""
        return [_numbered(line) for line in self.agenda]


def _numbered(line: str) -> tuple[int, str]:
    number, colon, text = line.partition(":")
    if colon and number.strip().isdecimal():
        return int(number), text.strip()
    return 0, line.strip()
