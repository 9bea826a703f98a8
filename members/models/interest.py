"""People who filled in „Ich will mitmachen“ and are not members (yet)."""

from django.db import models
from django.db.models import Q

from members.models.organisation import Topic
from members.models.people import Person
from portal.common.base import BaseModel
from portal.common.scope import ScopedManager


class Interest(BaseModel):
    """One form that was sent in. A Person exists only after the address was confirmed."""

    class State(models.TextChoices):
        NEW = "new", "wartet auf Bestätigung der Adresse"
        HELD = "held", "zu prüfen"
        CONFIRMED = "confirmed", "bestätigt"
        JOINED = "joined", "Mitglied geworden"
        CLOSED = "closed", "beendet"

    state = models.CharField("Stand", max_length=10, choices=State.choices, default=State.NEW)
    given_name = models.CharField("Vorname", max_length=100)
    family_name = models.CharField("Nachname", max_length=100)
    email = models.EmailField("E-Mail")
    phone = models.CharField("Telefon", max_length=30, blank=True)
    plz = models.CharField("PLZ", max_length=10)
    topics = models.ManyToManyField(Topic, blank=True, related_name="+", verbose_name="Themen")
    language = models.CharField("Sprache", max_length=10, default="de")
    # Who handed out the card „Komm mit“, and whether they may know (R26).
    invited_by = models.ForeignKey(
        Person, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="Karte von"
    )
    tell_inviter = models.BooleanField("Einladende:r darf es wissen", default=False)
    person = models.ForeignKey(
        Person,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="interests",
        verbose_name="Person",
    )
    created_at = models.DateTimeField("eingegangen am")
    confirmed_at = models.DateTimeField("bestätigt am", null=True, blank=True)
    closed_on = models.DateField("beendet am", null=True, blank=True)

    objects = ScopedManager()

    class Meta:
        verbose_name = "Interesse"
        verbose_name_plural = "Interessierte"
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="confirmed")
                | Q(confirmed_at__isnull=False, person__isnull=False),
                name="interest_confirmed_is_person",
            )
        ]
        indexes = [models.Index(fields=["state", "created_at"], name="interest_inbox")]

    def __str__(self) -> str:
        return f"{self.state} {self.created_at:%Y-%m-%d}"
