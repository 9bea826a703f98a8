"""What somebody else entered for a person, because they said it on the phone."""

from django.db import models

from members.models.people import Person
from portal.common.base import BaseModel
from portal.common.scope import ScopedManager


class PhoneAnswer(BaseModel):
    """That an answer was given by phone, when, and who wrote it down; the answer is elsewhere."""

    person = models.ForeignKey(
        Person, models.CASCADE, related_name="phone_answers", verbose_name="Person"
    )
    code = models.CharField("Antwort", max_length=40)
    entered_by = models.ForeignKey(
        Person, models.SET_NULL, null=True, related_name="+", verbose_name="eingetragen von"
    )
    entered_at = models.DateTimeField("eingetragen am")

    objects = ScopedManager()

    class Meta:
        verbose_name = "telefonische Antwort"
        verbose_name_plural = "telefonische Antworten"
        indexes = [models.Index(fields=["person", "-entered_at"], name="phone_answers_newest")]

    def __str__(self) -> str:
        return f"{self.code} {self.entered_at:%Y-%m-%d}"
