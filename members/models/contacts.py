"""Talks with newcomers, and the attempts."""

from django.db import models

from members.models.onboarding import Onboarding
from members.models.people import Person
from portal.common.base import BaseModel
from portal.common.scope import ScopedManager


class Contact(BaseModel):
    """One logged conversation, or the attempt at one."""

    class Kind(models.TextChoices):
        CALL = "call", "Anruf"
        MEETING = "meeting", "Treffen"
        VISIT = "visit", "Besuch"
        VIDEO = "video", "Videogespräch"
        MESSENGER = "messenger", "Messenger"
        EMAIL = "email", "E-Mail"
        LETTER = "letter", "Brief"
        EVENT = "event", "Veranstaltung"

    class Result(models.TextChoices):
        REACHED = "reached", "Wir haben gesprochen"
        NOT_REACHED = "not_reached", "Nicht erreicht"
        CALL_BACK = "call_back", "Soll noch mal anrufen"
        NO_CONTACT = "no_contact", "Möchte keinen Kontakt"

    onboarding = models.ForeignKey(Onboarding, models.CASCADE, related_name="contacts")
    made_by = models.ForeignKey(
        Person, models.SET_NULL, null=True, related_name="+", verbose_name="von"
    )
    made_on = models.DateField("am")
    kind = models.CharField("Art", max_length=10, choices=Kind.choices, default=Kind.CALL)
    result = models.CharField("Ergebnis", max_length=12, choices=Result.choices)
    note = models.CharField("Notiz", max_length=280, blank=True)
    # „Ideally with a well-known person of the local party“ (B3).
    partner = models.CharField("mit dabei (bekannte Person)", max_length=120, blank=True)
    follow_up_on = models.DateField("wieder anrufen am", null=True, blank=True)
    # What this entry replaced, so that it can be taken back.
    asked_before = models.DateTimeField(null=True, blank=True, editable=False)
    follow_up_before = models.DateField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField("eingetragen am")
    # One tap is one row, however often an impatient thumb or a bad network sends it.
    submit_token = models.UUIDField(unique=True)

    objects = ScopedManager()

    class Meta:
        verbose_name = "Gespräch"
        verbose_name_plural = "Gespräche"
        indexes = [models.Index(fields=["made_by", "made_on"], name="contact_by_day")]

    def __str__(self) -> str:
        return f"{self.kind} {self.result} {self.made_on}"
