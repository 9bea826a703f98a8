"""„Bist du angekommen?“, asked twice."""

from django.db import models
from django.db.models import Q

from members.models.onboarding import Onboarding
from portal.common.base import BaseModel
from portal.common.scope import ScopedManager


class Pulse(BaseModel):
    """One short question to a newcomer, after six weeks (1) and six months (2), and the answer."""

    class Answer(models.TextChoices):
        YES = "ja", "Ja"
        RATHER_YES = "eher-ja", "Eher ja"
        RATHER_NO = "eher-nein", "Eher nein"
        NO = "nein", "Nein"

    onboarding = models.ForeignKey(
        Onboarding, models.CASCADE, related_name="pulses", verbose_name="Neumitglied"
    )
    number = models.PositiveSmallIntegerField("wievielte Frage")
    asked_on = models.DateField("gefragt am")
    answer = models.CharField("Antwort", max_length=10, choices=Answer.choices, blank=True)
    answered_at = models.DateTimeField("geantwortet am", null=True, blank=True)
    # The newcomer's own word, asked together with the answer.
    may_be_told = models.BooleanField("Ansprechperson darf es wissen", default=False)

    objects = ScopedManager()

    class Meta:
        verbose_name = "Nachfrage"
        verbose_name_plural = "Nachfragen"
        constraints = [
            models.UniqueConstraint(fields=["onboarding", "number"], name="pulse_once"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True)
                | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="pulse_answer_has_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.onboarding_id} {self.number}"


class PulseTally(BaseModel):
    """Answers without persons: collected until six of each kind can be published at once.

    There is one row that still collects; the others are public among staff and never change.
    """

    arrived = models.PositiveIntegerField("ja oder eher ja", default=0)
    not_yet = models.PositiveIntegerField("nein oder eher nein", default=0)
    published_on = models.DateField("veröffentlicht am", null=True, blank=True)

    class Meta:
        verbose_name = "Zählung der Nachfragen"
        verbose_name_plural = "Zählungen der Nachfragen"
        constraints = [
            models.UniqueConstraint(
                fields=["published_on"], nulls_distinct=False, name="pulse_tally_one_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.published_on}"
