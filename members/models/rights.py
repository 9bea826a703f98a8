"""What somebody asks about their own data, and what they object to (Art. 15 to 21 GDPR)."""

from typing import TYPE_CHECKING, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from members.models.people import Person
from portal.common.base import BaseModel
from portal.common.scope import ScopedManager

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.models.users import User


class RightsRequestQuerySet(models.QuerySet["RightsRequest"]):
    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """One's own; all of them for the office and for Datenschutz."""
        if not user.is_authenticated:
            return self.none()
        if user.can("rights.view", user.district.gliederung):
            return self.all()
        return self.filter(person=user.person_id)

    def waiting(self) -> Self:
        return self.filter(state=RightsRequest.State.OPEN)

    def standing(self) -> Self:
        """Objections that stop something right now."""
        return self.filter(state=RightsRequest.State.DONE).exclude(objection="")

    def take_back(self, person: Person, *objections: str) -> None:
        """The person has said the opposite somewhere else: the newer word holds."""
        held = self.standing().filter(person=person, objection__in=objections)
        held.update(state=RightsRequest.State.WITHDRAWN, undo=[])


class RightsRequest(BaseModel):
    """One request: answered within a month, in words the person reads."""

    class Kind(models.TextChoices):
        CORRECTION = "correction", "Etwas stimmt nicht"
        OBJECTION = "objection", "Widerspruch"
        ERASURE = "erasure", "Bitte löschen"
        RESTRICTION = "restriction", "Vorerst nicht verwenden"
        ACCESS = "access", "Auskunft"

    class State(models.TextChoices):
        OPEN = "open", "wartet auf Antwort"
        DONE = "done", "erledigt"
        ACCEPTED = "accepted", "wird gelöscht"
        REFUSED = "refused", "abgelehnt"
        WITHDRAWN = "withdrawn", "zurückgenommen"

    class Objection(models.TextChoices):
        """What the portal itself can stop, at once."""

        INVITATIONS = "invitations", "Einladungen und Nachfragen, per Mail und per Brief"
        WAVES = "waves", "Dass ihr mich wieder anschreibt, wenn lange niemand mit mir sprach"
        MENTOR = "mentor", "Vorschläge für eine Mentor:in"
        CONTACT = "contact", "Dass mich Ehrenamtliche anrufen oder anschreiben"

    class Refusal(models.TextChoices):
        """Art. 12 (4): why not, so that it can be complained about."""

        MEMBER = "member", "Solange die Mitgliedschaft besteht, braucht die Partei diese Daten."
        LAW = "law", "Ein Gesetz schreibt vor, dass diese Daten noch aufbewahrt werden."
        CORRECT = "correct", "Die Angaben sind geprüft und stimmen."
        IDENTITY = "identity", "Es ist nicht sicher, von wem die Anfrage kommt."
        REASONS = "reasons", "Es gibt zwingende Gründe, die schwerer wiegen."
        REPEATED = "repeated", "Dieselbe Anfrage ist vor Kurzem beantwortet worden."

    person = models.ForeignKey(
        Person, models.CASCADE, related_name="rights_requests", verbose_name="Person"
    )
    kind = models.CharField("Art", max_length=12, choices=Kind.choices)
    # What the portal stops by itself; an objection in words waits for an answer instead.
    objection = models.CharField(
        "Widerspruch gegen", max_length=12, choices=Objection.choices, blank=True
    )
    text = models.CharField("Text", max_length=500, blank=True)
    created_at = models.DateTimeField("gestellt am")
    entered_by = models.ForeignKey(
        Person,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name="eingetragen von",
    )
    due_on = models.DateField("Antwort bis")
    state = models.CharField("Stand", max_length=10, choices=State.choices, default=State.OPEN)
    answered_on = models.DateField("beantwortet am", null=True)
    answered_by = models.ForeignKey(
        Person, models.SET_NULL, null=True, related_name="+", verbose_name="beantwortet von"
    )
    answer = models.CharField("Antwort", max_length=500, blank=True)
    refusal = models.CharField(
        "Grund der Ablehnung", max_length=10, choices=Refusal.choices, blank=True
    )
    # What an objection has changed, so that taking it back restores exactly that.
    undo = ArrayField(models.CharField(max_length=90), default=list, blank=True, editable=False)

    objects = ScopedManager.from_queryset(RightsRequestQuerySet)()

    class Meta:
        verbose_name = "Anfrage zu eigenen Daten"
        verbose_name_plural = "Anfragen zu eigenen Daten"
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", answered_on=None)
                | (~Q(state="open") & Q(answered_on__isnull=False)),
                name="rightsrequest_answered_has_day",
            ),
            models.CheckConstraint(
                condition=Q(state="refused") & ~Q(refusal="") | ~Q(state="refused") & Q(refusal=""),
                name="rightsrequest_refused_has_reason",
            ),
            models.UniqueConstraint(
                fields=["person", "objection"],
                condition=Q(state="done") & ~Q(objection=""),
                name="rightsrequest_objects_once",
            ),
        ]
        indexes = [
            models.Index(fields=["due_on"], condition=Q(state="open"), name="rightsrequest_open"),
            models.Index(fields=["person", "-created_at"], name="rightsrequest_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def holds(self) -> bool:
        """Does this objection stop something right now?"""
        return bool(self.objection) and self.state == self.State.DONE

    @property
    def can_be_taken_back(self) -> bool:
        return self.is_open or self.holds
