"""Something to come to: when, where, for whom, and who answers for it."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Value

from events.models.kinds import EventKind
from members.labels import LANGUAGES
from members.models import Gliederung, Kommune, Onboarding, Person, Topic
from members.models.people import former_member
from portal.common import clock
from portal.common.base import BaseModel

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.models import User

# So long after the end whoever was asked by name still sees who came.
NAMED_FOR = timedelta(days=14)


class EventQuerySet(models.QuerySet["Event"]):
    def announced(self) -> Self:
        """Not a draft; a cancelled one stays: nobody shall stand before a locked door."""
        return self.exclude(state=Event.State.DRAFT)

    def coming(self) -> Self:
        return self.filter(ends_at__gte=clock.now())

    def past(self) -> Self:
        return self.filter(ends_at__lt=clock.now())

    def public(self) -> Self:
        return self.announced().filter(audience=Event.Audience.PUBLIC)

    def led_by(self, user: "User") -> Self:
        """What this user may change: of one's Gliederungen, or asked for by name."""
        me = user.person_id
        named = Event.delegates.through._default_manager.filter(event=OuterRef("pk"), person=me)
        by_name = (Q(responsible=me) | Q(Exists(named))) & ~former_member(Value(me))
        still = Q(ends_at__gte=clock.now() - NAMED_FOR)
        return self.filter(
            Q(gliederung__in=Gliederung.objects.where(user, can="events.manage"))
            | (by_name & still)
        )

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Public ones to everybody; the rest to whom they are meant for, and who leads them."""
        if user.is_anonymous:
            return self.public()
        person = user.person
        seen = Q(audience=Event.Audience.PUBLIC) | Q(Exists(_registered(person)))
        if person.gliederung_id:
            inside = self._inside(person.gliederung_id) & ~former_member(Value(person.pk))
            is_new = Onboarding.objects.running().filter(person=person)
            seen |= Q(audience=Event.Audience.MEMBERS) & inside
            seen |= Q(audience=Event.Audience.NEWCOMERS) & inside & Q(Exists(is_new))
        shown = Q(state__in=Event.ANNOUNCED) & seen
        return self.filter(shown | Q(pk__in=Event.objects.led_by(user).values("pk")))

    @staticmethod
    def _inside(gliederung: UUID) -> Q:
        """Of this Gliederung or one above it, or shared with one."""
        below = Gliederung.objects.filter(
            pk=gliederung, path__startswith=OuterRef("gliederung__path")
        )
        shared = Event.co_hosts.through._default_manager.filter(event=OuterRef("pk"))
        return Q(Exists(below)) | Q(Exists(shared.filter(Exists(below))))


def _registered(person: Person) -> Any:
    from events.models.registrations import Registration

    return Registration._base_manager.filter(event=OuterRef("pk"), person=person)


class Series(BaseModel):
    """Events that repeat; each is an event of its own that can be changed alone."""

    class Rhythm(models.TextChoices):
        WEEKLY = "weekly", "jede Woche"
        FORTNIGHTLY = "fortnightly", "alle zwei Wochen"
        MONTHLY = "monthly", "jeden Monat am selben Wochentag"

    rhythm = models.CharField("Rhythmus", max_length=12, choices=Rhythm.choices)
    until = models.DateField("bis")

    class Meta:
        verbose_name = "Reihe"

    def __str__(self) -> str:
        return f"{self.get_rhythm_display()} bis {self.until:%d.%m.%Y}"


class Event(BaseModel):
    """One event; times are moments (UTC), shown in the district's time zone."""

    class State(models.TextChoices):
        DRAFT = "draft", "Entwurf"
        PUBLISHED = "published", "angekündigt"
        CANCELLED = "cancelled", "abgesagt"

    class Audience(models.TextChoices):
        PUBLIC = "public", "alle, auch ohne Mitgliedschaft"
        MEMBERS = "members", "Mitglieder der Gliederungen"
        NEWCOMERS = "newcomers", "nur Neumitglieder"
        INVITED = "invited", "nur Eingeladene"

    ANNOUNCED = (State.PUBLISHED, State.CANCELLED)

    kind = models.ForeignKey(EventKind, models.PROTECT, related_name="+", verbose_name="Art")
    title = models.CharField("Titel", max_length=120)
    text = models.TextField("Worum geht es?", max_length=3000, blank=True)
    gliederung = models.ForeignKey(
        Gliederung, models.PROTECT, related_name="events", verbose_name="lädt ein"
    )
    co_hosts = models.ManyToManyField(
        Gliederung, blank=True, related_name="shared_events", verbose_name="zusammen mit"
    )
    topics = models.ManyToManyField(Topic, blank=True, related_name="+", verbose_name="Themen")
    state = models.CharField("Stand", max_length=10, choices=State.choices, default=State.DRAFT)
    audience = models.CharField(
        "Für wen", max_length=10, choices=Audience.choices, default=Audience.MEMBERS
    )
    starts_at = models.DateTimeField("Beginn")
    ends_at = models.DateTimeField("Ende")
    series = models.ForeignKey(
        Series, models.SET_NULL, null=True, blank=True, related_name="events", editable=False
    )
    place = models.CharField("Ort", max_length=120, blank=True)
    address = models.CharField("Anschrift", max_length=200, blank=True)
    kommune = models.ForeignKey(
        Kommune, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="Kommune"
    )
    # Told only to who is registered.
    online_url = models.URLField("Link zur Videokonferenz", max_length=300, blank=True)
    # Codes of events.labels.
    access = ArrayField(
        models.CharField(max_length=30), default=list, blank=True, verbose_name="Barrierefreiheit"
    )
    extras = ArrayField(
        models.CharField(max_length=30), default=list, blank=True, verbose_name="Gut zu wissen"
    )
    cost = models.CharField("Kosten", max_length=60, blank=True)
    language = models.CharField("Sprache", max_length=10, choices=LANGUAGES.items(), default="de")
    guests = models.CharField("Gäste", max_length=200, blank=True)
    needs_registration = models.BooleanField("mit Anmeldung", default=True)
    capacity = models.PositiveSmallIntegerField(
        "Plätze", null=True, blank=True, validators=[MinValueValidator(1)]
    )
    register_until = models.DateTimeField("Anmeldung bis", null=True, blank=True)
    responsible = models.ForeignKey(
        Person, models.SET_NULL, null=True, related_name="+", verbose_name="verantwortlich"
    )
    # Whom to turn to if something is wrong on the day (R13).
    awareness = models.ForeignKey(
        Person,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="Awareness-Person",
    )
    # May change this event and see who comes, without any other right.
    delegates = models.ManyToManyField(
        Person, blank=True, related_name="+", verbose_name="helfen mit"
    )
    greeters = models.ManyToManyField(
        Person, blank=True, related_name="+", verbose_name="Patinnen und Paten"
    )
    cancelled_because = models.CharField("Grund", max_length=200, blank=True, editable=False)
    # What calendars compare; raised by whatever people have to hear of.
    sequence = models.PositiveIntegerField(default=0, editable=False)
    changed_at = models.DateTimeField(default=clock.now, editable=False)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = "Termin"
        verbose_name_plural = "Termine"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="event_ends_after"
            ),
        ]
        indexes = [models.Index(fields=["ends_at", "state"], name="event_coming")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_over(self) -> bool:
        return self.ends_at < clock.now()

    @property
    def is_cancelled(self) -> bool:
        return self.state == Event.State.CANCELLED

    @property
    def is_open(self) -> bool:
        """Can somebody still register?"""
        until = min(self.register_until or self.ends_at, self.ends_at)
        return self.state == Event.State.PUBLISHED and clock.now() < until

    @property
    def is_online(self) -> bool:
        return bool(self.online_url)
