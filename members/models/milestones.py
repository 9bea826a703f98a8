"""Templates of what newcomers are promised; each onboarding copies its steps."""

from django.db import models
from django.db.models import F, Q

from portal.common.base import BaseModel


class MilestoneTemplate(BaseModel):
    """A set of promises with dates; the nationwide 1-3-6 standard is the shipped one."""

    code = models.SlugField("Kürzel", max_length=40, unique=True)
    name = models.CharField("Name", max_length=100)
    # Never deleted: onboardings were started with it.
    is_offered = models.BooleanField("steht zur Wahl", default=True)

    class Meta:
        verbose_name = "Vorlage"
        verbose_name_plural = "Vorlagen"

    def __str__(self) -> str:
        return self.name


class Step(BaseModel):
    """One promise of a template, counted in months from the day of joining."""

    class Kind(models.TextChoices):
        CONTACT = "contact", "persönliches Gespräch"
        HANDOVER = "handover", "Übergabe"

    class Responsible(models.TextChoices):
        """Whose task it is; the values are kinds of Amt."""

        ANSPRECHPERSON = "ansprechperson", "Ansprechperson"
        VORSITZ = "vorsitz", "Vorsitz"
        GESCHAEFTSSTELLE = "geschaeftsstelle", "Geschäftsstelle"

    template = models.ForeignKey(MilestoneTemplate, models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField("Reihenfolge")
    code = models.SlugField("Kürzel", max_length=40)
    title = models.CharField("Name", max_length=60)
    kind = models.CharField("Art", max_length=10, choices=Kind.choices)
    opens_after_months = models.PositiveSmallIntegerField("zählt ab Monat", default=0)
    due_after_months = models.PositiveSmallIntegerField("fällig nach Monaten")
    responsible = models.CharField(
        "zuständig",
        max_length=20,
        choices=Responsible.choices,
        default=Responsible.ANSPRECHPERSON,
    )
    explanation = models.CharField("Erklärung für das Neumitglied", max_length=200)

    class Meta:
        verbose_name = "Schritt"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["template", "position"], name="step_position_once"),
            models.CheckConstraint(
                condition=Q(due_after_months__gt=F("opens_after_months")),
                name="step_due_after_open",
            ),
        ]

    def __str__(self) -> str:
        return self.title
