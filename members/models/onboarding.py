"""What a newcomer is promised, and what became of it."""

from typing import TYPE_CHECKING, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import OuterRef, Q

from members.labels import EXPECTATIONS, MOTIVES
from members.models.milestones import MilestoneTemplate, Step
from members.models.people import Person, former_member
from members.models.retention import held_people
from members.seen import SeenCloselyMixin
from portal.common.base import BaseModel
from portal.common.scope import ScopedManager

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.models.users import User

# Whoever wants no mentor, or only wants to support, leaves the run and the figure (R14).
OPEN_FOR_MENTORS = Q(wants_mentor=True, person__no_contact_since=None) & ~Q(
    person__wish=Person.Wish.SUPPORTING
)


class OnboardingQuerySet(models.QuerySet["Onboarding"]):
    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Who sees another person sees the onboarding, said so that an index answers.

        One's own is reached through the person, on *Mein Start*. A test holds this against
        `Person.visible_to`.
        """
        if user.is_anonymous:
            return self.none()
        if user.sees_whole_district:
            return self
        acts, sees = user.gliederungen("onboarding.act"), user.gliederungen("people.view")
        runs, arrived = Onboarding.State.RUNNING, Onboarding.State.FINISHED
        still_there = (
            Q(state=runs)
            | (Q(state=arrived) & ~former_member(OuterRef("person")))
            | Q(person__gliederung__in=sees)
        )
        found = self.filter(still_there, person__gliederung__in=[*acts, *sees])
        return found.exclude(person__in=held_people())

    def running(self) -> Self:
        return self.filter(state=Onboarding.State.RUNNING)


class Onboarding(SeenCloselyMixin, BaseModel):
    """One arrival of one person, with the human who is responsible for it."""

    class State(models.TextChoices):
        RUNNING = "running", "läuft"
        FINISHED = "finished", "angekommen"
        CLOSED = "closed", "beendet"

    person = models.ForeignKey(
        Person, models.CASCADE, related_name="onboardings", verbose_name="Neumitglied"
    )
    template = models.ForeignKey(MilestoneTemplate, models.PROTECT, verbose_name="Vorlage")
    started_on = models.DateField("Beginn")
    arrived_on = models.DateField("im Portal seit")
    state = models.CharField("Stand", max_length=10, choices=State.choices, default=State.RUNNING)
    responsible = models.ForeignKey(
        Person,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="looks_after",
        verbose_name="Ansprechperson",
    )
    responsible_stands_in = models.BooleanField(
        "springt ein", default=False, help_text="no Ansprechperson in the own Ortsverein"
    )
    # Whoever has just taken over is not asked why nothing happened (R31).
    responsible_since = models.DateField("zuständig seit", null=True, editable=False)
    wants_mentor = models.BooleanField("wünscht sich eine Mentor:in", default=True)
    asked_for_call_at = models.DateTimeField("„noch niemand gemeldet“ am", null=True, blank=True)
    # Somebody they know: counts in the run, and is told to nobody.
    wished_mentor = models.CharField("Wunsch-Mentor:in", max_length=80, blank=True)
    # On paper, for whoever is under age; the day is written down (R15).
    guardian_consent_on = models.DateField("Einwilligung der Eltern vom", null=True, blank=True)
    # Copied from the milestones by the services, so that long lists sort by an index.
    next_due_on = models.DateField("nächster Termin", null=True, blank=True, editable=False)
    # Agreed in a talk, or put off: until then nobody calls.
    follow_up_on = models.DateField("wieder anrufen am", null=True, blank=True)
    # What the first talk found out (B9), in codes of members.labels.
    motives = ArrayField(
        models.CharField(max_length=20), default=list, blank=True, verbose_name="Motive"
    )
    expectations = ArrayField(
        models.CharField(max_length=20), default=list, blank=True, verbose_name="Erwartungen"
    )
    wave = models.ForeignKey(
        "members.Wave",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="onboardings",
        verbose_name="Welle",
    )

    objects = ScopedManager.from_queryset(OnboardingQuerySet)()

    class Meta:
        verbose_name = "Ankommen"
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(state="running"), name="onboarding_one_running"
            )
        ]
        indexes = [
            models.Index(fields=["responsible", "state"], name="onboarding_responsible"),
            models.Index(
                fields=["asked_for_call_at", "next_due_on"],
                condition=Q(state="running"),
                name="onboarding_urgent_first",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.state}"

    @property
    def motive_names(self) -> list[str]:
        return [MOTIVES[code] for code in self.motives if code in MOTIVES]

    @property
    def expectation_names(self) -> list[str]:
        return [EXPECTATIONS[code] for code in self.expectations if code in EXPECTATIONS]

    @property
    def data_delay_days(self) -> int:
        """How long the data were on their way (B5); nobody in the Ortsverein could know."""
        return max(0, (self.arrived_on - self.started_on).days)

    @property
    def is_open_for_mentors(self) -> bool:
        wants = self.wants_mentor and self.person.wish != Person.Wish.SUPPORTING
        return wants and self.person.no_contact_since is None


class MilestoneQuerySet(models.QuerySet["Milestone"]):
    def open(self) -> Self:
        return self.filter(state=Milestone.State.OPEN)


class Milestone(BaseModel):
    """One promise to one newcomer: a copy of the step, so that history never changes."""

    class State(models.TextChoices):
        OPEN = "open", "offen"
        DONE = "done", "erledigt"
        VOID = "void", "entfällt"
        UNREACHED = "unreached", "nicht erreicht"

    onboarding = models.ForeignKey(Onboarding, models.CASCADE, related_name="milestones")
    position = models.PositiveSmallIntegerField("Reihenfolge")
    code = models.SlugField("Kürzel", max_length=40)
    title = models.CharField("Name", max_length=60)
    kind = models.CharField("Art", max_length=10, choices=Step.Kind.choices)
    explanation = models.CharField("Erklärung", max_length=200)
    opens_on = models.DateField("zählt ab")
    legal_due_on = models.DateField("Frist")
    due_on = models.DateField("fällig am", help_text="next working day; 14 days for late data")
    is_late_data = models.BooleanField("Daten kamen zu spät", default=False)
    state = models.CharField("Stand", max_length=10, choices=State.choices, default=State.OPEN)
    done_on = models.DateField("erledigt am", null=True, blank=True)
    responsible = models.CharField(
        "zuständig",
        max_length=20,
        choices=Step.Responsible.choices,
        default=Step.Responsible.ANSPRECHPERSON,
    )
    # The talk that fulfilled it, or after which it was given up: taken back with it.
    closed_by = models.ForeignKey(
        "members.Contact",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="closed",
        verbose_name="erledigt durch",
    )

    objects = ScopedManager.from_queryset(MilestoneQuerySet)()

    class Meta:
        verbose_name = "Meilenstein"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["onboarding", "position"], name="milestone_once"),
            models.CheckConstraint(
                condition=Q(state="done", done_on__isnull=False)
                | (~Q(state="done") & Q(done_on__isnull=True)),
                name="milestone_done_has_day",
            ),
        ]
        indexes = [
            models.Index(
                fields=["kind", "due_on"], condition=Q(state="open"), name="milestone_open_due"
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.due_on}"


class Parteibuch(BaseModel):
    """Where the Parteibuch of one newcomer is; only handing it over fulfils the promise (B4)."""

    milestone = models.OneToOneField(Milestone, models.CASCADE, related_name="parteibuch")
    ordered_on = models.DateField("bestellt am", null=True, blank=True)
    received_on = models.DateField("vor Ort eingegangen am", null=True, blank=True)
    received_by = models.ForeignKey(
        Person, models.SET_NULL, null=True, related_name="+", verbose_name="eingegangen bei"
    )
    given_by = models.ForeignKey(
        Person, models.SET_NULL, null=True, related_name="+", verbose_name="übergeben von"
    )
    occasion = models.CharField("Anlass", max_length=80, blank=True)

    objects = ScopedManager()

    class Meta:
        verbose_name = "Parteibuch"
        verbose_name_plural = "Parteibücher"

    def __str__(self) -> str:
        return f"Parteibuch {self.milestone_id}"
