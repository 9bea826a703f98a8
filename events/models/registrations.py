"""Who comes: members, and guests without an account."""

from typing import Self

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q, Sum

from events.models.events import Event
from members.models import Person
from portal.common.base import BaseModel
from portal.common.scope import ScopedManager

MOST_COMPANIONS = 5


class RegistrationQuerySet(models.QuerySet["Registration"]):
    def holding(self) -> Self:
        """Whoever has a place: said yes, or was offered one that is still to be taken."""
        return self.filter(state__in=Registration.HOLDING)

    def seats(self) -> int:
        found = self.aggregate(seats=Sum(1 + F("companions")))["seats"]
        return found or 0

    def in_line(self) -> Self:
        return self.filter(state=Registration.State.WAITING).order_by("queued_at", "pk")


class Registration(BaseModel):
    """One person, or one guest, and one event (F1)."""

    class State(models.TextChoices):
        INVITED = "invited", "eingeladen"
        # A guest who has not opened the link in the mail yet.
        ASKED = "asked", "noch nicht bestätigt"
        REGISTERED = "registered", "angemeldet"
        WAITING = "waiting", "auf der Warteliste"
        # A place became free; it is kept until `offered_until`.
        OFFERED = "offered", "Platz frei"
        CANCELLED = "cancelled", "abgesagt"

    HOLDING = (State.REGISTERED, State.OFFERED)

    event = models.ForeignKey(Event, models.CASCADE, related_name="registrations")
    person = models.ForeignKey(
        Person, models.CASCADE, null=True, blank=True, related_name="registrations"
    )
    guest_name = models.CharField("Name", max_length=100, blank=True)
    guest_email = models.EmailField("E-Mail", blank=True)
    state = models.CharField("Stand", max_length=10, choices=State.choices)
    companions = models.PositiveSmallIntegerField(
        "Begleitung", default=0, validators=[MaxValueValidator(MOST_COMPANIONS)]
    )
    needs = models.CharField(
        "Was brauchst du, damit du dabei sein kannst?", max_length=200, blank=True
    )
    question = models.CharField("Deine Frage vorab", max_length=280, blank=True)
    # „Ich nehme dich mit“: offers to pick up somebody who is new (R24).
    offers_lift = models.BooleanField("Ich kann jemanden mitnehmen", default=False)
    created_at = models.DateTimeField("angelegt am")
    # The place in the line; whoever comes back stands at its end.
    queued_at = models.DateTimeField(null=True, blank=True)
    offered_until = models.DateTimeField(null=True, blank=True)
    invited_at = models.DateTimeField("eingeladen am", null=True, blank=True)
    # Unknown until somebody ticks the list.
    came = models.BooleanField("war da", null=True, blank=True)
    entered_by = models.ForeignKey(
        Person, models.SET_NULL, null=True, related_name="+", verbose_name="eingetragen von"
    )

    objects = ScopedManager.from_queryset(RegistrationQuerySet)()

    class Meta:
        verbose_name = "Anmeldung"
        verbose_name_plural = "Anmeldungen"
        constraints = [
            models.UniqueConstraint(
                fields=["event", "person"],
                condition=Q(person__isnull=False),
                name="registration_once",
            ),
            models.UniqueConstraint(
                fields=["event", "guest_email"],
                condition=~Q(guest_email=""),
                name="registration_guest_once",
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False, guest_name="", guest_email="")
                | Q(person__isnull=True),
                name="registration_person_or_guest",
            ),
        ]
        indexes = [models.Index(fields=["event", "state", "queued_at"], name="registration_line")]

    def __str__(self) -> str:
        return f"{self.person_id or 'Gast'} → {self.event_id}"

    @property
    def seats(self) -> int:
        return 1 + self.companions

    @property
    def first_name(self) -> str:
        """What lists and name tags show (R12)."""
        if self.person:
            return self.person.first_name
        return self.guest_name.split(" ")[0] or "Gast"

    @property
    def has_place(self) -> bool:
        return self.state in Registration.HOLDING
