"""Two people who agreed to meet: from the newcomer's yes to the closing talk (E2-E5)."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, Max, OuterRef, Q
from django.db.models.functions import Coalesce, Greatest

from members.models.mentoring import MatchingRun
from members.models.onboarding import Onboarding
from members.models.people import Person
from members.models.retention import held_people
from portal.common import clock
from portal.common.base import BaseModel
from portal.common.scope import ScopedManager

if TYPE_CHECKING:
    from members.models.users import User

ANSWER_WITHIN = timedelta(days=7)
FIRST_MEETING_WITHIN = timedelta(days=14)
# Without a meeting both are asked, and then the coordinator calls (E4).
ASK_BOTH_AFTER = timedelta(days=45)
SILENT_AFTER = timedelta(days=60)
# So long before the planned end both are reminded of the closing talk.
CLOSING_BEFORE = timedelta(days=14)


class TandemQuerySet(models.QuerySet["Tandem"]):
    def open(self) -> Self:
        return self.exclude(state=Tandem.State.ENDED)

    def active(self) -> Self:
        return self.filter(state=Tandem.State.ACTIVE)

    def of_mentor(self, person: Person) -> Self:
        """Of whoever accompanies; nobody whose data may not be used at the moment."""
        return self.filter(Q(mentor=person) | Q(second=person)).without_held(person)

    def without_held(self, reader: Person | None = None) -> Self:
        """Nobody else whose data may not be used; always in a scope that sees all holds."""
        hidden = Q()
        for side in ("newcomer", "mentor", "second"):
            held = Q(**{f"{side}__in": held_people()})
            hidden |= held & ~Q(**{side: reader}) if reader else held
        return self.exclude(pk__in=self.model._base_manager.filter(hidden).values("pk"))

    def with_last_sign(self) -> Self:
        """Add `last_met_on` and `last_sign_on`: a meeting, the coordinator's call, or the start."""
        met = Max("meetings__met_on")
        sign = Greatest(Coalesce(met, F("started_on")), Coalesce("called_on", "started_on"))
        return self.annotate(last_met_on=met, last_sign_on=sign)


class Tandem(BaseModel):
    """One newcomer and one mentor; whoever is under age has a second one (T24).

    It begins with the newcomer's yes. Names and channels are shown while it is active only.
    """

    class State(models.TextChoices):
        ASKED = "asked", "wartet auf die Mentor:in"
        ACTIVE = "active", "aktiv"
        ENDED = "ended", "beendet"

    class Outcome(models.TextChoices):
        NO = "no", "Vorschlag abgelehnt"
        MENTOR_NO = "mentor_no", "keine Zeit"
        LAPSED = "lapsed", "keine Antwort"
        CHANGED = "changed", "anderer Mentor gewünscht"
        BROKEN = "broken", "abgebrochen"
        COMPLETED = "completed", "abgeschlossen"
        BLOCKED = "blocked", "gesperrt"
        LEFT = "left", "nicht mehr dabei"

    newcomer = models.ForeignKey(
        Person, models.CASCADE, related_name="tandems", verbose_name="Neumitglied"
    )
    mentor = models.ForeignKey(
        Person, models.CASCADE, related_name="tandems_as_mentor", verbose_name="Mentor:in"
    )
    second = models.ForeignKey(
        Person,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="tandems_as_second",
        verbose_name="zweite Mentor:in",
    )
    state = models.CharField("Stand", max_length=10, choices=State.choices, default=State.ASKED)
    outcome = models.CharField("Ausgang", max_length=10, choices=Outcome.choices, blank=True)
    # What the run had said, so that it can be explained a year later.
    run = models.ForeignKey(MatchingRun, models.SET_NULL, null=True, related_name="tandems")
    explanation = models.CharField("Begründung", max_length=300)
    parts = models.JSONField("Punkte im Einzelnen", default=dict)
    asked_at = models.DateTimeField("Ja des Neumitglieds am")
    mentor_yes_on = models.DateField("Ja der Mentor:in am", null=True, blank=True)
    second_yes_on = models.DateField("Ja der zweiten Mentor:in am", null=True, blank=True)
    started_on = models.DateField("Beginn", null=True, blank=True)
    planned_end = models.DateField("geplantes Ende", null=True, blank=True)
    called_on = models.DateField("Koordination hat angerufen am", null=True, blank=True)
    ended_on = models.DateField("Ende", null=True, blank=True)
    # After a block only this side can still say what happened.
    ended_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")

    objects = ScopedManager.from_queryset(TandemQuerySet)()

    class Meta:
        verbose_name = "Tandem"
        verbose_name_plural = "Tandems"
        constraints = [
            models.UniqueConstraint(
                fields=["newcomer"],
                condition=Q(state__in=["asked", "active"]),
                name="tandem_one_per_newcomer",
            ),
            models.CheckConstraint(
                condition=Q(state="ended", ended_on__isnull=False) & ~Q(outcome="")
                | (~Q(state="ended") & Q(ended_on=None, outcome="")),
                name="tandem_ended_has_day",
            ),
            models.CheckConstraint(
                condition=~Q(state="active")
                | Q(started_on__isnull=False, planned_end__isnull=False),
                name="tandem_active_has_dates",
            ),
            models.CheckConstraint(
                condition=~Q(mentor=F("second")) & ~Q(mentor=F("newcomer")),
                name="tandem_different_people",
            ),
        ]
        indexes = [
            models.Index(fields=["mentor", "state"], name="tandem_of_mentor"),
            models.Index(fields=["state", "asked_at"], name="tandem_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.newcomer_id} {self.state}"

    @property
    def mentors(self) -> list[Person]:
        return [self.mentor, *([self.second] if self.second else [])]

    @property
    def is_closing(self) -> bool:
        """Is it time for the closing talk?"""
        return self.planned_end is not None and clock.today() >= self.planned_end - CLOSING_BEFORE

    @property
    def first_meeting_by(self) -> date | None:
        return self.started_on + FIRST_MEETING_WITHIN if self.started_on else None

    def has_said_yes(self, person: Person) -> bool:
        own = self.second_yes_on if person.pk == self.second_id else self.mentor_yes_on
        return own is not None

    @property
    def has_all_yeses(self) -> bool:
        return bool(self.mentor_yes_on and (self.second_id is None or self.second_yes_on))


class TandemMeeting(BaseModel):
    """They met, on which day and how; never what about."""

    class How(models.TextChoices):
        MEETING = "meeting", "getroffen"
        CALL = "call", "telefoniert"
        VIDEO = "video", "per Video"
        WRITTEN = "written", "geschrieben"

    tandem = models.ForeignKey(Tandem, models.CASCADE, related_name="meetings")
    met_on = models.DateField("am")
    how = models.CharField("wie", max_length=10, choices=How.choices)
    noted_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")

    objects = ScopedManager()

    class Meta:
        verbose_name = "Treffen"
        verbose_name_plural = "Treffen"
        ordering = ["-met_on"]
        constraints = [
            models.UniqueConstraint(fields=["tandem", "met_on", "how"], name="tandemmeeting_once")
        ]

    def __str__(self) -> str:
        return f"{self.tandem_id} {self.met_on}"


class TandemFeedback(BaseModel):
    """Five questions at the end (E5); counted for everybody together, never shown one by one."""

    tandem = models.ForeignKey(Tandem, models.CASCADE, related_name="feedback")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+", verbose_name="von")
    useful = models.PositiveSmallIntegerField(
        "hat geholfen", validators=[MinValueValidator(1), MaxValueValidator(4)]
    )
    meetings = models.PositiveSmallIntegerField("Treffen", validators=[MaxValueValidator(99)])
    missing = models.CharField("was gefehlt hat", max_length=280, blank=True)
    again = models.BooleanField("würde es wieder tun")
    involved = models.BooleanField("macht jetzt irgendwo mit")
    given_on = models.DateField("am")

    objects = ScopedManager()

    class Meta:
        verbose_name = "Rückmeldung zum Tandem"
        verbose_name_plural = "Rückmeldungen zum Tandem"
        constraints = [
            models.UniqueConstraint(fields=["tandem", "person"], name="tandemfeedback_once")
        ]

    def __str__(self) -> str:
        return f"{self.tandem_id} {self.useful}"


class TandemReportQuerySet(models.QuerySet["TandemReport"]):
    def told_to(self, user: "User") -> Self:
        """The two who were chosen when it was made, as long as they look after the district."""
        if not user.sees_whole_district:
            return self.none()
        return self.filter(Q(first_told=user.person_id) | Q(second_told=user.person_id))

    def open(self) -> Self:
        return self.filter(closed_on=None)


class TandemReport(BaseModel):
    """Something is wrong: read by two people of the district's office and by nobody else (T24)."""

    # Outlives the tandem: erasing one side takes no report of the other along.
    tandem = models.ForeignKey(Tandem, models.SET_NULL, null=True, related_name="reports")
    reporter = models.ForeignKey(
        Person, models.CASCADE, related_name="+", verbose_name="gemeldet von"
    )
    text = models.CharField("was passiert ist", max_length=1000, blank=True)
    created_at = models.DateTimeField("gemeldet am")
    first_told = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    second_told = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    closed_on = models.DateField("geklärt am", null=True, blank=True)
    closed_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")

    objects = ScopedManager.from_queryset(TandemReportQuerySet)()

    class Meta:
        verbose_name = "Meldung aus dem Mentoring"
        verbose_name_plural = "Meldungen aus dem Mentoring"
        constraints = [
            models.UniqueConstraint(
                fields=["tandem", "reporter"],
                condition=Q(closed_on=None),
                name="tandemreport_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.tandem_id} {self.created_at:%Y-%m-%d}"


class PairRule(BaseModel):
    """Two people who are to be proposed to each other, or never; said by the coordinator."""

    class Kind(models.TextChoices):
        FIXED = "fixed", "festgehalten"
        FORBIDDEN = "forbidden", "ausgeschlossen"

    newcomer = models.ForeignKey(Person, models.CASCADE, related_name="+")
    mentor = models.ForeignKey(Person, models.CASCADE, related_name="+")
    kind = models.CharField("Art", max_length=10, choices=Kind.choices)
    made_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField("festgelegt am")

    objects = ScopedManager()

    class Meta:
        verbose_name = "Festlegung zu einem Paar"
        verbose_name_plural = "Festlegungen zu Paaren"
        constraints = [
            models.UniqueConstraint(fields=["newcomer", "mentor"], name="pairrule_once"),
            models.UniqueConstraint(
                fields=["newcomer"], condition=Q(kind="fixed"), name="pairrule_one_fixed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.newcomer_id}"


def still_looking() -> Q:
    """Onboardings that are proposed somebody: running, or over while a tandem went wrong.

    Who has finished a tandem well makes room for others.
    """
    ended = Tandem._base_manager.filter(newcomer=OuterRef("person"), state=Tandem.State.ENDED)
    done = ended.filter(outcome=Tandem.Outcome.COMPLETED)
    wrong = ended.exclude(outcome__in=[Tandem.Outcome.COMPLETED, Tandem.Outcome.NO])
    over = Q(state=Onboarding.State.FINISHED) & Q(Exists(wrong))
    return (Q(state=Onboarding.State.RUNNING) | over) & ~Q(Exists(done))
