"""Places to engage: a catalogue kept by the Gliederungen (people.md R9)."""

from datetime import date, timedelta
from typing import Self

from dateutil.relativedelta import relativedelta
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from members.models.organisation import Gliederung, Kommune, Topic
from members.models.people import Person, former_member
from members.models.retention import held_people
from members.models.users import User
from portal.common import clock
from portal.common.base import BaseModel
from portal.common.scope import ScopedManager

GOOD_FOR = relativedelta(months=6)
# Whoever keeps a place is asked this long before it would disappear.
ASKED_BEFORE = timedelta(days=14)
ANSWER_WITHIN = timedelta(days=7)
# So long an answer can be taken back; then the host sees no more who had asked.
SHOWN_AFTER_ANSWER = timedelta(days=14)


def host_answers(host: str) -> Exists:
    """Can whoever welcomes people there be asked here: with a login, and still one of us?"""
    users = User.objects.filter(person=OuterRef(host), is_active=True)
    return Exists(users.exclude(former_member(OuterRef("person"))))


class MitmachOrtQuerySet(models.QuerySet["MitmachOrt"]):
    def going_on(self) -> Self:
        """Not over, and of a Gliederung that exists."""
        over = Q(ends_on__lt=clock.today())
        return self.exclude(over).filter(gliederung__closed_on=None)

    def offered(self) -> Self:
        """What the catalogue shows: confirmed within six months (R9)."""
        return self.going_on().filter(confirmed_on__gt=clock.today() - GOOD_FOR)

    def kept_by(self, user: User) -> Self:
        """What this user may change: the places of the Gliederungen they act for."""
        return self.filter(gliederung__in=user.gliederungen("onboarding.act"))

    def visible_to(self, user: User) -> Self:
        """The catalogue for everybody; the rest for whoever keeps it, welcomes there or asked."""
        asked = Meldung.objects.open().filter(ort=OuterRef("pk"), person=user.person_id)
        return self.filter(
            Q(pk__in=MitmachOrt.objects.offered().values("pk"))
            | Q(gliederung__in=user.gliederungen("onboarding.act"))
            | Q(host=user.person_id)
            | Exists(asked)
        )


class MitmachOrt(BaseModel):
    """Something one can take part in: a group that meets, or one task."""

    class Kind(models.TextChoices):
        AG = "ag", "Arbeitsgemeinschaft"
        BASISGRUPPE = "basisgruppe", "Basisgruppe"
        ARBEITSKREIS = "arbeitskreis", "Arbeitskreis"
        TREFF = "treff", "Ortsvereinstreff"
        PROJECT = "projekt", "Projekt"
        TASK = "aufgabe", "einmalige Aufgabe"

    kind = models.CharField("Art", max_length=20, choices=Kind.choices)
    title = models.CharField("Name", max_length=100)
    sentence = models.CharField("worum es geht, in einem Satz", max_length=200)
    gliederung = models.ForeignKey(
        Gliederung, models.PROTECT, related_name="mitmach_orte", verbose_name="Gliederung"
    )
    topics = models.ManyToManyField(Topic, blank=True, related_name="+", verbose_name="Themen")
    kommune = models.ForeignKey(
        Kommune, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="Kommune"
    )
    # Told only after the first personal talk (R12).
    meeting_point = models.CharField("Treffpunkt", max_length=120, blank=True)
    is_online = models.BooleanField("online", default=False)
    from_home = models.BooleanField("von zu Hause aus", default=False)
    usual_times = models.CharField("übliche Zeiten", max_length=120, blank=True)
    # Codes of members.labels.SLOTS, to compare with people's availability.
    slots = ArrayField(
        models.CharField(max_length=20), default=list, blank=True, verbose_name="passt zu"
    )
    minutes = models.PositiveSmallIntegerField("dauert … Minuten", null=True, blank=True)
    language = models.CharField("Sprache", max_length=10, default="de")
    # Codes of members.labels: offers carry target groups, people never do.
    tags = ArrayField(
        models.CharField(max_length=30), default=list, blank=True, verbose_name="besonders für"
    )
    host = models.ForeignKey(
        Person,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="begrüßt dich",
    )
    just_come = models.BooleanField("einfach vorbeikommen", default=False)
    confirmed_on = models.DateField("bestätigt am")
    ends_on = models.DateField("bis", null=True, blank=True)

    objects = MitmachOrtQuerySet.as_manager()

    class Meta:
        verbose_name = "Ort zum Mitmachen"
        verbose_name_plural = "Orte zum Mitmachen"
        indexes = [models.Index(fields=["confirmed_on"], name="mitmachort_fresh")]

    def __str__(self) -> str:
        return self.title

    @property
    def hidden_on(self) -> date:
        """The day from which the catalogue no longer shows it, unless somebody confirms it."""
        return self.confirmed_on + GOOD_FOR

    @property
    def is_hidden(self) -> bool:
        return self.confirmed_on <= clock.today() - GOOD_FOR

    @property
    def is_over(self) -> bool:
        return self.ends_on is not None and self.ends_on < clock.today()


class MeldungQuerySet(models.QuerySet["Meldung"]):
    def open(self) -> Self:
        return self.filter(answered_at=None, withdrawn_at=None)

    def to_be_answered(self) -> Self:
        """Open ones of people who are still there and want to hear from us."""
        silent = Q(person__no_contact_since__gt=F("created_at__date"))
        return self.open().exclude(silent).exclude(former_member(OuterRef("person")))

    def answerable_by(self, user: User) -> Self:
        """Who sees that somebody asked: the host, and whoever acts for the Gliederung.

        A host without an office is given nobody under age (R15): that answer is the office's.
        Whoever has left the party learns of nobody any more.
        """
        is_host = Q(ort__host=user.person_id) & ~former_member(user.person_id)
        minor = Q(person__adult_on__gt=clock.today())
        found = self.filter(
            (is_host & ~minor) | Q(ort__gliederung__in=user.gliederungen("onboarding.act"))
        ).exclude(person=user.person_id)
        return found if user.sees_whole_district else found.exclude(person__in=held_people())

    def shown(self) -> Self:
        """To be answered, or answered so recently that it can be taken back."""
        since = clock.now() - SHOWN_AFTER_ANSWER
        waiting = Q(pk__in=Meldung.objects.to_be_answered().values("pk"))
        return self.filter(waiting | Q(answered_at__gte=since, withdrawn_at=None))


class Meldung(BaseModel):
    """„Sag mir Bescheid“: somebody wants to take part; an answer is due within seven days."""

    ort = models.ForeignKey(
        MitmachOrt, models.CASCADE, related_name="meldungen", verbose_name="Ort zum Mitmachen"
    )
    person = models.ForeignKey(
        Person, models.CASCADE, related_name="meldungen", verbose_name="Person"
    )
    created_at = models.DateTimeField("gemeldet am")
    answered_at = models.DateTimeField("beantwortet am", null=True, blank=True)
    answered_by = models.ForeignKey(
        Person, models.SET_NULL, null=True, related_name="+", verbose_name="beantwortet von"
    )
    withdrawn_at = models.DateTimeField("zurückgenommen am", null=True, blank=True)

    objects = ScopedManager.from_queryset(MeldungQuerySet)()

    class Meta:
        verbose_name = "Meldung"
        verbose_name_plural = "Meldungen"
        constraints = [
            models.UniqueConstraint(
                fields=["ort", "person"],
                condition=Q(withdrawn_at=None, answered_at=None),
                name="meldung_once",
            )
        ]
        indexes = [models.Index(fields=["person", "created_at"], name="meldung_of_person")]

    def __str__(self) -> str:
        return f"{self.person_id} → {self.ort_id}"
