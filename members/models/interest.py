"""People who filled in „Ich will mitmachen“ and are not members (yet), and who invited them."""

import secrets
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from members.models.onboarding import Onboarding
from members.models.organisation import Gliederung, Topic
from members.models.people import Membership, Person, former_member
from members.models.retention import held_people
from members.seen import SeenCloselyMixin
from portal.common import clock
from portal.common.base import BaseModel
from portal.common.scope import ScopedManager

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.models.users import User

# Without what looks or sounds alike: people read it out on the telephone.
CARD_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
CARD_LENGTH = 10


class InterestQuerySet(models.QuerySet["Interest"]):
    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """The office sees every form; an Ortsverein those whose address is confirmed."""
        if user.is_anonymous:
            return self.none()
        if user.sees_whole_district:
            return self
        acts = Gliederung.objects.where(user, can="onboarding.act")
        found = self.filter(state=Interest.State.CONFIRMED, person__gliederung__in=acts)
        return found.exclude(person__in=held_people())


class Interest(SeenCloselyMixin, BaseModel):
    """One form that was sent in. A Person exists only after the address was confirmed."""

    class State(models.TextChoices):
        NEW = "new", "wartet auf Bestätigung der Adresse"
        HELD = "held", "zu prüfen"
        CONFIRMED = "confirmed", "bestätigt"
        JOINED = "joined", "Antrag gestellt oder Mitglied"
        CLOSED = "closed", "beendet"

    class Doubt(models.TextChoices):
        """Why a human looks at it before anything is sent."""

        NONE = "", "kein Zweifel"
        TRAP = "trap", "ein verstecktes Feld war ausgefüllt"
        FAST = "fast", "zu schnell, oder mit einer alten Seite ausgefüllt"
        LINK = "link", "im Namen steht ein Link"
        MANY = "many", "sehr viele Anfragen auf einmal"

    state = models.CharField("Stand", max_length=10, choices=State.choices, default=State.NEW)
    doubt = models.CharField(
        "Zweifel", max_length=10, choices=Doubt.choices, blank=True, default=Doubt.NONE
    )
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
        models.CASCADE,
        null=True,
        blank=True,
        related_name="interests",
        verbose_name="Person",
    )
    responsible = models.ForeignKey(
        Person,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="Ansprechperson",
    )
    created_at = models.DateTimeField("eingegangen am")
    link_until = models.DateTimeField("Link gilt bis")
    confirmed_at = models.DateTimeField("bestätigt am", null=True, blank=True)
    talked_on = models.DateField("gesprochen am", null=True, blank=True)
    tried_on = models.DateField("nicht erreicht am", null=True, blank=True)
    closed_on = models.DateField("beendet am", null=True, blank=True)

    objects = ScopedManager.from_queryset(InterestQuerySet)()

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
        indexes = [
            models.Index(fields=["state", "created_at"], name="interest_inbox"),
            models.Index(
                fields=["responsible"],
                condition=Q(state="confirmed", talked_on=None),
                name="interest_to_call",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.created_at:%Y-%m-%d}"

    @property
    def link_is_over(self) -> bool:
        return self.link_until <= clock.now()


class InterestMark(BaseModel):
    """How often one address was written to before it was confirmed (T18).

    Only a keyed hash: it outlives the form, so that nobody begins to count anew by deleting it.
    """

    mark = models.CharField(max_length=64, unique=True)
    mails = models.PositiveSmallIntegerField(default=0)
    last_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = "Zähler der Bestätigungsmails"

    def __str__(self) -> str:
        return f"{self.mails} {self.last_at:%Y-%m-%d}"


def new_card_code() -> str:
    return "".join(secrets.choice(CARD_LETTERS) for _ in range(CARD_LENGTH))


class Card(BaseModel):
    """„Komm mit“: what a member's card leads with; drawn by lot, so that it reveals nobody."""

    person = models.OneToOneField(Person, models.CASCADE, related_name="card")
    code = models.CharField(max_length=CARD_LENGTH, unique=True, default=new_card_code)
    made_on = models.DateField("gemacht am")

    objects = ScopedManager()

    class Meta:
        verbose_name = "Karte „Komm mit“"
        verbose_name_plural = "Karten „Komm mit“"

    def __str__(self) -> str:
        return f"{self.person_id} {self.made_on}"


def applications() -> Q:
    """Memberships that somebody has applied for and nobody has decided about."""
    return Q(applied_on__isnull=False, joined_on=None, has_ended=False)


def arriving() -> Q:
    """Whom an Ortsverein takes care of: newcomers, applicants, and interested people.

    Whoever has arrived and left later is none of them: an exit closes only what still runs.
    """
    person = OuterRef("pk")
    newcomer = Onboarding._base_manager.filter(person=person)
    return (
        Q(Exists(newcomer.filter(state=Onboarding.State.RUNNING)))
        | (Q(Exists(newcomer.filter(state=Onboarding.State.FINISHED))) & ~former_member(person))
        | Q(Exists(Membership._base_manager.filter(applications(), person=person)))
        | Q(Exists(Interest._base_manager.filter(person=person, state=Interest.State.CONFIRMED)))
    )
