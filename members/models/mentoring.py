"""Mentors, and what each matching run proposed."""

from datetime import date
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from members.models.onboarding import Onboarding
from members.models.people import Person
from portal.common.base import BaseModel
from portal.common.scope import ScopedManager


class MentorQuerySet(models.QuerySet["Mentor"]):
    def available(self, day: date) -> Self:
        """Who can be proposed: prepared, in their time, without a pause."""
        over = Q(active_to__lt=day)
        ready = self.filter(prepared_on__lte=day, active_from__lte=day, paused_on=None)
        return ready.exclude(over).exclude(person__adult_on__gt=day)

    def applied(self, day: date) -> Self:
        """Who would like to, and waits to be prepared."""
        return self.filter(prepared_on=None).exclude(active_to__lt=day)


class Mentor(BaseModel):
    """A member who accompanies newcomers, or would like to (without `prepared_on`)."""

    person = models.OneToOneField(
        Person, models.CASCADE, related_name="mentor", verbose_name="Person"
    )
    capacity = models.PositiveSmallIntegerField(
        "Plätze", default=2, validators=[MinValueValidator(1), MaxValueValidator(3)]
    )
    accepts_minors = models.BooleanField("mit Schutzkonzept für Minderjährige", default=False)
    functions = models.CharField("kennt sich aus mit", max_length=120, blank=True)
    pledged_on = models.DateField("Vertraulichkeit zugesagt am", null=True, blank=True)
    prepared_on = models.DateField("vorbereitet am", null=True, blank=True)
    active_from = models.DateField("aktiv ab")
    active_to = models.DateField("aktiv bis", null=True, blank=True)
    paused_on = models.DateField("Pause seit", null=True, blank=True)

    objects = ScopedManager.from_queryset(MentorQuerySet)()

    class Meta:
        verbose_name = "Mentor:in"
        verbose_name_plural = "Mentor:innen"
        constraints = [
            models.CheckConstraint(
                condition=Q(capacity__gte=1, capacity__lte=3), name="mentor_capacity_1_to_3"
            )
        ]

    def __str__(self) -> str:
        return str(self.person_id)


class MatchingRun(BaseModel):
    """One run of the engine: what went in, what came out."""

    class State(models.TextChoices):
        QUEUED = "queued", "wartet"
        PREVIEW = "preview", "Vorschau"
        CURRENT = "current", "gilt"
        PAST = "past", "abgelöst"
        FAILED = "failed", "gescheitert"

    state = models.CharField("Stand", max_length=10, choices=State.choices, default=State.QUEUED)
    started_by = models.ForeignKey(
        Person, models.SET_NULL, null=True, related_name="+", verbose_name="gestartet von"
    )
    is_preview = models.BooleanField("Vorschau", default=False)
    created_at = models.DateTimeField("angelegt am")
    finished_at = models.DateTimeField("fertig am", null=True, blank=True)
    weights = models.JSONField("Gewichte", default=dict)
    # Regions still to be computed; each may be a task of its own.
    parts_left = ArrayField(models.CharField(max_length=12), default=list, blank=True)
    newcomers = models.PositiveIntegerField("Neumitglieder", default=0)
    mentors = models.PositiveIntegerField("Mentor:innen", default=0)
    matched = models.PositiveIntegerField("vermittelt", default=0)
    score = models.IntegerField("Punkte", default=0)

    class Meta:
        verbose_name = "Matching-Lauf"
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="current"), name="matchingrun_one_current"
            )
        ]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M} {self.state}"


class MatchProposal(BaseModel):
    """A run's answer for one newcomer: a mentor with reasons, or the reason why there is none."""

    run = models.ForeignKey(
        MatchingRun,
        models.CASCADE,
        related_name="proposals",
        db_index=False,  # the constraint below has one
    )
    onboarding = models.ForeignKey(Onboarding, models.CASCADE, related_name="proposals")
    mentor = models.ForeignKey(Mentor, models.CASCADE, null=True, related_name="proposals")
    # Nobody under age is proposed to one person alone (T24).
    second = models.ForeignKey(Mentor, models.CASCADE, null=True, related_name="+")
    score = models.IntegerField("Punkte", default=0)
    parts = models.JSONField("Punkte im Einzelnen", default=dict)
    explanation = models.CharField("Begründung", max_length=300)
    reason_code = models.CharField(max_length=30, blank=True)

    objects = ScopedManager()

    class Meta:
        verbose_name = "Mentor-Vorschlag"
        constraints = [
            models.UniqueConstraint(fields=["run", "onboarding"], name="proposal_once_per_run"),
            models.CheckConstraint(
                condition=Q(mentor__isnull=False, reason_code="")
                | (Q(mentor__isnull=True) & ~Q(reason_code="")),
                name="proposal_mentor_or_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.onboarding_id} {self.score}"
