"""A change of Ortsverein: both sides agree, then the responsibility moves (domain.md B11)."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from members.models.organisation import Gliederung
from members.models.people import Membership, Person
from members.models.retention import held_people
from portal.common.base import BaseModel
from portal.common.scope import ScopedManager

if TYPE_CHECKING:
    from members.models.users import User


class TransferQuerySet(models.QuerySet["Transfer"]):
    def visible_to(self, user: "User") -> Self:
        """Who sees the whole district; both sides while they are asked, and of members only.

        A change that is over tells a side no name that it does not see elsewhere.
        """
        if user.sees_whole_district:
            return self
        acts = user.gliederungen("onboarding.act")
        return self.filter(
            Q(from_gliederung__in=acts) | Q(to_gliederung__in=acts),
            Q(state__in=Transfer.OPEN_STATES) | Q(person__in=Person.objects.visible_to(user)),
            Exists(Membership.objects.filter(person=OuterRef("person"), has_ended=False)),
        ).exclude(person__in=held_people())

    def open(self) -> Self:
        return self.filter(state__in=Transfer.OPEN_STATES)


class Transfer(BaseModel):
    """One person on the way from one Ortsverein to another."""

    class State(models.TextChoices):
        OPEN = "open", "offen"
        GIVEN = "given", "abgebende Seite hat zugesagt"
        TAKEN = "taken", "beide Seiten haben zugesagt"
        DONE = "done", "vollzogen"
        REFUSED = "refused", "abgelehnt"
        WITHDRAWN = "withdrawn", "zurückgezogen"

    class Source(models.TextChoices):
        IMPORT = "import", "aus dem Export"
        HAND = "hand", "von Hand"

    OPEN_STATES = (State.OPEN, State.GIVEN, State.TAKEN)

    person = models.ForeignKey(
        Person, models.CASCADE, related_name="transfers", verbose_name="Person"
    )
    from_gliederung = models.ForeignKey(
        Gliederung, models.PROTECT, related_name="+", verbose_name="von"
    )
    to_gliederung = models.ForeignKey(
        Gliederung, models.PROTECT, related_name="+", verbose_name="nach"
    )
    state = models.CharField("Stand", max_length=10, choices=State.choices, default=State.OPEN)
    source = models.CharField(
        "Herkunft", max_length=10, choices=Source.choices, default=Source.HAND
    )
    started_by = models.ForeignKey(
        Person, models.SET_NULL, null=True, related_name="+", verbose_name="begonnen von"
    )
    started_at = models.DateTimeField("begonnen am")
    given_at = models.DateTimeField("abgebende Seite am", null=True, blank=True)
    taken_at = models.DateTimeField("aufnehmende Seite am", null=True, blank=True)
    ended_at = models.DateTimeField("beendet am", null=True, blank=True)

    objects = ScopedManager.from_queryset(TransferQuerySet)()

    class Meta:
        verbose_name = "Wechsel"
        verbose_name_plural = "Wechsel"
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(state__in=["open", "given", "taken"]),
                name="transfer_one_open",
            ),
            models.CheckConstraint(
                condition=~Q(from_gliederung=F("to_gliederung")), name="transfer_goes_elsewhere"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "given", "taken"], ended_at__isnull=True)
                | Q(state__in=["done", "refused", "withdrawn"], ended_at__isnull=False),
                name="transfer_ended_has_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.state}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN_STATES

    @property
    def asked_side(self) -> Gliederung | None:
        """Which side still has to agree; nobody once both have."""
        return {self.State.OPEN: self.from_gliederung, self.State.GIVEN: self.to_gliederung}.get(
            self.State(self.state)
        )
