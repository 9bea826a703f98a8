"""Who looked at whose data on which day, and what happens when somebody looks at very many."""

from django.db import models
from django.db.models import Q

from members.models.people import Person
from portal.common.base import BaseModel
from portal.common.scope import ScopedManager


class Look(models.Model):
    """One holder of an office saw one person on one day; the day is all that is kept (R31)."""

    viewer = models.ForeignKey(
        Person, models.CASCADE, related_name="+", verbose_name="wer", db_index=False
    )
    person = models.ForeignKey(
        Person, models.CASCADE, related_name="+", verbose_name="wen", db_index=False
    )
    day = models.DateField("Tag")
    # More than a name in a column: only that is told to the person.
    is_close = models.BooleanField("Angaben gelesen", default=False)
    # In a file for which there was a purpose: told to the person, but no step towards the stop.
    by_export = models.BooleanField("in einer Ausgabe", default=False)

    objects = ScopedManager()

    class Meta:
        verbose_name = "Ansicht"
        verbose_name_plural = "Ansichten"
        constraints = [
            models.UniqueConstraint(fields=["viewer", "day", "person"], name="look_once_a_day")
        ]
        indexes = [models.Index(fields=["person", "day"], name="look_at_person")]

    def __str__(self) -> str:
        return f"{self.viewer_id} {self.person_id} {self.day}"


class LookStop(BaseModel):
    """Somebody reached the day's limit; staff ask whether all is well."""

    viewer = models.ForeignKey(Person, models.CASCADE, related_name="+", verbose_name="wer")
    day = models.DateField("Tag")
    stopped_at = models.DateTimeField("angehalten am")
    # The limit that was reached last: only from there may it be raised by one step.
    most = models.PositiveIntegerField("erreichte Grenze")
    settled_by = models.ForeignKey(
        Person, models.SET_NULL, null=True, related_name="+", verbose_name="geklärt von"
    )
    settled_at = models.DateTimeField("geklärt am", null=True)

    objects = ScopedManager()

    class Meta:
        verbose_name = "Anhalten"
        verbose_name_plural = "Angehalten"
        constraints = [
            models.UniqueConstraint(fields=["viewer", "day"], name="lookstop_once_a_day")
        ]
        indexes = [
            models.Index(fields=["day"], condition=Q(settled_at=None), name="lookstop_unsettled")
        ]

    def __str__(self) -> str:
        return f"{self.viewer_id} {self.day}"


class LookRelease(BaseModel):
    """One step more for one viewer and day, with a reason that a second person has seen."""

    stop = models.ForeignKey(
        LookStop, models.CASCADE, related_name="releases", verbose_name="Anhalten"
    )
    from_most = models.PositiveIntegerField("Grenze vorher")
    reason = models.CharField("Grund", max_length=200)
    made_at = models.DateTimeField("freigegeben am")
    made_by = models.ForeignKey(
        Person, models.SET_NULL, null=True, related_name="+", verbose_name="freigegeben von"
    )
    told = models.ForeignKey(
        Person, models.SET_NULL, null=True, related_name="+", verbose_name="Bescheid bekommt"
    )
    seen_at = models.DateTimeField("gesehen am", null=True)

    objects = ScopedManager()

    class Meta:
        verbose_name = "Freigabe"
        verbose_name_plural = "Freigaben"
        constraints = [
            models.UniqueConstraint(fields=["stop", "from_most"], name="lookrelease_once_a_step")
        ]
        indexes = [
            models.Index(fields=["told"], condition=Q(seen_at=None), name="lookrelease_unseen")
        ]

    def __str__(self) -> str:
        return f"{self.stop_id} {self.from_most}"
