"""What a newcomer is promised, and what became of it."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

from members.models.people import Person
from portal.common.base import BaseModel
from portal.common.scope import ScopedManager

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.models.people import User


class MilestoneTemplate(BaseModel):
    """A set of promises with dates; the nationwide 1-3-6 standard is the shipped one."""

    code = models.SlugField("Kürzel", max_length=40, unique=True)
    name = models.CharField("Name", max_length=100)

    class Meta:
        verbose_name = "Vorlage"

    def __str__(self) -> str:
        return self.name


class Step(BaseModel):
    """One promise of a template, counted in months from the day of joining."""

    class Kind(models.TextChoices):
        CONTACT = "contact", "persönliches Gespräch"
        HANDOVER = "handover", "Übergabe"

    template = models.ForeignKey(MilestoneTemplate, models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField("Reihenfolge")
    code = models.SlugField("Kürzel", max_length=40)
    title = models.CharField("Name", max_length=60)
    kind = models.CharField("Art", max_length=10, choices=Kind.choices)
    opens_after_months = models.PositiveSmallIntegerField("zählt ab Monat", default=0)
    due_after_months = models.PositiveSmallIntegerField("fällig nach Monaten")
    explanation = models.CharField("Erklärung für das Neumitglied", max_length=200)

    class Meta:
        verbose_name = "Schritt"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["template", "position"], name="step_position_once"),
            models.CheckConstraint(
                condition=Q(due_after_months__gt=F("opens_after_months")),
                name="step_due_after_open",
            ),
        ]

    def __str__(self) -> str:
        return self.title


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
        still_there = ~Q(state=Onboarding.State.CLOSED) | Q(person__gliederung__in=sees)
        return self.filter(still_there, person__gliederung__in=[*acts, *sees])

    def running(self) -> Self:
        return self.filter(state=Onboarding.State.RUNNING)


class Onboarding(BaseModel):
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
    wants_mentor = models.BooleanField("wünscht sich eine Mentor:in", default=True)
    asked_for_call_at = models.DateTimeField("„noch niemand gemeldet“ am", null=True, blank=True)
    # Copied from the milestones by the services, so that long lists sort by an index.
    next_due_on = models.DateField("nächster Termin", null=True, blank=True, editable=False)

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


class MilestoneQuerySet(models.QuerySet["Milestone"]):
    def open(self) -> Self:
        return self.filter(state=Milestone.State.OPEN)


class Milestone(BaseModel):
    """One promise to one newcomer: a copy of the step, so that history never changes."""

    class State(models.TextChoices):
        OPEN = "open", "offen"
        DONE = "done", "erledigt"
        VOID = "void", "entfällt"

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
    milestone = models.ForeignKey(
        Milestone, models.SET_NULL, null=True, related_name="contacts", verbose_name="erfüllt"
    )
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
