"""What the digests have already told whom."""

from django.db import models

from members.models.onboarding import Milestone
from members.models.people import Person
from portal.common.base import BaseModel
from portal.common.scope import ScopedManager


class Reminder(BaseModel):
    """One thing named to one person; it is named again only when its step rises."""

    recipient = models.ForeignKey(
        Person, models.CASCADE, related_name="reminders", verbose_name="an"
    )
    # „milestone:<id>“, „nobody-called:<id>:<day>“, „follow-up:<id>:<day>“, or „todo:“ + Todo.key.
    key = models.CharField("Sache", max_length=120)
    step = models.PositiveSmallIntegerField("Stufe", default=0)
    # Whoever is above hears of it only when this is a week ago.
    first_told_on = models.DateField("zuerst genannt am")
    # The day of the digest that names it last.
    told_on = models.DateField("genannt am")
    milestone = models.ForeignKey(
        Milestone, models.CASCADE, null=True, related_name="reminders", verbose_name="Meilenstein"
    )

    objects = ScopedManager()

    class Meta:
        verbose_name = "Erinnerung"
        verbose_name_plural = "Erinnerungen"
        constraints = [
            models.UniqueConstraint(fields=["recipient", "key"], name="reminder_once_per_person")
        ]
        indexes = [
            models.Index(fields=["told_on", "recipient"], name="reminder_of_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.step} → {self.recipient_id}"


class DigestRun(BaseModel):
    """A day whose digests are all in the outbox; its row is written together with them."""

    day = models.DateField("Tag", unique=True)

    class Meta:
        verbose_name = "Lauf der Erinnerungen"
        verbose_name_plural = "Läufe der Erinnerungen"

    def __str__(self) -> str:
        return f"{self.day}"
