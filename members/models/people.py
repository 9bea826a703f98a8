"""Person is the hub: everything else points to it."""

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Exists, Q

from members import admission
from members.labels import SKILLS
from members.models.organisation import Gliederung, Kommune, Topic
from members.models.retention import held_people
from members.seen import SeenCloselyMixin, SeenMixin
from members.sorting import fold, sort_name
from portal.common import clock
from portal.common.base import BaseModel
from portal.common.outbox import languages
from portal.common.scope import ScopedManager

if TYPE_CHECKING:
    from members.models.users import User


class PersonQuerySet(models.QuerySet["Person"]):
    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """The one definition of who may see whom.

        Oneself; newcomers, applicants and interested people of a Gliederung one takes care of,
        until they leave; everybody below an office with `people.view` — and people without a
        Gliederung, if it is the district's. Whose data are held only the district's office sees.
        """
        if user.is_anonymous:
            return self.none()
        if user.sees_whole_district:
            return self.all()
        from members.models.interest import arriving  # points back to Person

        acts = Gliederung.objects.where(user, can="onboarding.act")
        sees = Gliederung.objects.where(user, can="people.view")
        others = Q(arriving(), gliederung__in=acts) | Q(gliederung__in=sees)
        return self.filter(Q(pk=user.person_id) | (others & ~Q(pk__in=held_people())))

    def matching(self, words: str) -> Self:
        """People whose name contains every word, in any order and spelling of umlauts."""
        found = self
        for word in fold(words).split():
            found = found.filter(sort_name__contains=word)
        return found


class Person(SeenMixin, BaseModel):
    """Somebody the district knows. Citizens become one only by confirming „Ich will mitmachen“."""

    class Channel(models.TextChoices):
        PHONE = "phone", "Anruf"
        EMAIL = "email", "E-Mail"
        MESSENGER = "messenger", "Messenger"
        LETTER = "letter", "Brief"
        MEETING = "meeting", "persönlich"

    class Wish(models.TextChoices):
        """How active somebody wants to be; nobody has to be."""

        ACTIVE = "active", "Ich will mitmachen"
        WATCHING = "watching", "Ich will erst mal zuschauen"
        SUPPORTING = "supporting", "Ich will nur fördern"

    class Time(models.TextChoices):
        ONCE = "once", "ab und zu eine Stunde"
        TWO_HOURS = "two", "2 Stunden im Monat"
        WEEKLY = "weekly", "jede Woche etwas"
        MUCH = "much", "mehr"

    class DigestDay(models.TextChoices):
        """When the collected reminders come (R8); weekdays as date.weekday() says them."""

        DAILY = "daily", "jeden Werktag, wenn es etwas gibt"
        MONDAY = "0", "nur montags"
        TUESDAY = "1", "nur dienstags"
        WEDNESDAY = "2", "nur mittwochs"
        THURSDAY = "3", "nur donnerstags"
        FRIDAY = "4", "nur freitags"
        SATURDAY = "5", "nur samstags"

    class Question(models.TextChoices):
        NONE = "", "keine"
        ORTSVEREIN = "ortsverein", "Zugehörigkeit unklar"
        PLZ = "plz", "Postleitzahl unbekannt"

    given_name = models.CharField("Vorname", max_length=100, blank=True)
    family_name = models.CharField("Nachname", max_length=100)
    sort_name = models.CharField(max_length=210, editable=False)
    email = models.EmailField("E-Mail", blank=True)
    phone = models.CharField("Telefon", max_length=30, blank=True)
    mobile = models.CharField("Mobil", max_length=30, blank=True)
    plz = models.CharField("PLZ", max_length=10, blank=True)
    # Only for people without an e-mail address: a letter needs them, nothing else does.
    street = models.CharField("Straße und Nummer", max_length=100, blank=True)
    city = models.CharField("Ort", max_length=80, blank=True)
    preferred_channel = models.CharField(
        "am liebsten", max_length=10, choices=Channel.choices, default=Channel.PHONE
    )
    # A code of portal.common.Language: staff add languages without a new release.
    language = models.CharField("Sprache", max_length=10, default=languages.GERMAN)
    kommune = models.ForeignKey(
        Kommune, models.PROTECT, null=True, blank=True, verbose_name="Kommune", related_name="+"
    )
    gliederung = models.ForeignKey(
        Gliederung,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="people",
        verbose_name="Gliederung",
    )
    # From here it is counted how long somebody is known who is nothing else here.
    added_on = models.DateField("angelegt am", default=clock.today, editable=False)
    open_question = models.CharField(
        "zu klären", max_length=12, choices=Question.choices, blank=True, default=""
    )
    adult_on = models.DateField("volljährig ab", null=True, blank=True)
    topics = models.ManyToManyField(Topic, blank=True, verbose_name="Themen", related_name="+")
    languages = ArrayField(
        models.CharField(max_length=10), default=list, blank=True, verbose_name="Sprachen"
    )
    availability = ArrayField(
        models.CharField(max_length=20), default=list, blank=True, verbose_name="freie Zeiten"
    )
    own_interest = models.CharField("eigenes Thema", max_length=80, blank=True)
    skills = ArrayField(
        models.CharField(max_length=20), default=list, blank=True, verbose_name="Fähigkeiten"
    )
    # A hard condition, and nobody asks why (R13).
    prefers_flinta = models.BooleanField("lieber eine Frau oder FLINTA*-Person", default=False)
    # Said by people with an office about themselves, so that the wish above can be kept.
    is_flinta = models.BooleanField("Frau oder FLINTA*-Person", default=False)
    wish = models.CharField("wie aktiv", max_length=10, choices=Wish.choices, blank=True)
    time_budget = models.CharField("Zeit", max_length=10, choices=Time.choices, blank=True)
    # Four weeks from a Monday on, one letter a day: Früh, Spät, Nacht, „-“ free, „?“ unknown (R11).
    shifts = models.CharField("Schichten", max_length=28, blank=True)
    shifts_from = models.DateField("Schichten ab", null=True, blank=True)
    # Said „Ich möchte keinen Kontakt“: no reminder, no invitation until they say otherwise.
    no_contact_since = models.DateField("möchte keinen Kontakt seit", null=True, blank=True)
    digest_day = models.CharField(
        "Erinnerungen", max_length=5, choices=DigestDay.choices, default=DigestDay.DAILY
    )

    objects = ScopedManager.from_queryset(PersonQuerySet)()

    class Meta:
        verbose_name = "Person"
        verbose_name_plural = "Personen"
        indexes = [
            models.Index(fields=["gliederung", "sort_name"], name="person_in_gliederung"),
            models.Index(fields=["sort_name", "id"], name="person_sorted"),
            GinIndex(OpClass("sort_name", "gin_trgm_ops"), name="person_search"),
            models.Index(
                fields=["open_question"], condition=~Q(open_question=""), name="person_undecided"
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    def save(self, *args: object, **kwargs: object) -> None:
        self.sort_name = sort_name(self.family_name, self.given_name)
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def is_minor(self) -> bool:
        return self.adult_on is not None and self.adult_on > clock.today()

    @property
    def first_name(self) -> str:
        """What a greeting uses."""
        return self.given_name or self.family_name

    @property
    def best_phone(self) -> str:
        return self.mobile or self.phone

    @property
    def skill_names(self) -> list[str]:
        return [SKILLS[code] for code in self.skills if code in SKILLS]

    def get_language_display(self) -> str:
        return languages.name_of(self.language)


class Membership(SeenCloselyMixin, BaseModel):
    """A person's membership as the export says it; at most one is current."""

    class Kind(models.TextChoices):
        MEMBER = "member", "Mitglied"
        GUEST = "guest", "Gastmitglied"
        SUPPORTER = "supporter", "Unterstützer:in"
        YOUTH = "youth", "Nur-Juso"

    class WinBack(models.TextChoices):
        CALLED = "called", "angerufen"
        WRITTEN = "written", "geschrieben"
        NOT_NEEDED = "not_needed", "nicht nötig"

    class LeftReason(models.TextChoices):
        WISH = "wish", "eigener Wunsch"
        MOVED = "moved", "Umzug"
        EXPELLED = "expelled", "Ausschluss"
        DEATH = "death", "Tod"
        OTHER = "other", "Sonstiges"
        UNKNOWN = "unknown", "keine Angabe"
        REFUSED = "refused", "nicht aufgenommen"

    person = models.ForeignKey(
        Person, models.CASCADE, related_name="memberships", verbose_name="Person"
    )
    # Nobody entered by hand has one before the export brings it (R5).
    number = models.CharField(
        "Mitgliedsnummer", max_length=40, unique=True, null=True, blank=True, default=None
    )
    kind = models.CharField(
        "Mitgliedsart", max_length=12, choices=Kind.choices, default=Kind.MEMBER
    )
    applied_on = models.DateField("Antrag am", null=True, blank=True)
    joined_on = models.DateField("Eintritt am", null=True, blank=True)
    left_on = models.DateField("Austritt am", null=True, blank=True)
    # Only what a human entered has a reason; an exit from the export has none.
    left_reason = models.CharField(
        "Grund", max_length=10, choices=LeftReason.choices, blank=True, default=""
    )
    has_ended = models.BooleanField("beendet", default=False)
    first_seen_on = models.DateField("im Portal seit")
    # About an application, here and not in the export (B6).
    decided_on = models.DateField("Entscheidung eingetragen am", null=True, blank=True)
    # One attempt within 28 days, by the office (B10, R33).
    win_back_on = models.DateField("Rückgewinnung versucht am", null=True, blank=True)
    win_back_way = models.CharField(
        "Rückgewinnung", max_length=10, choices=WinBack.choices, blank=True, default=""
    )
    win_back_by = models.ForeignKey(
        Person, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="durch"
    )

    objects = ScopedManager()

    class Meta:
        verbose_name = "Mitgliedschaft"
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(has_ended=False), name="membership_one_current"
            ),
            models.CheckConstraint(
                condition=Q(has_ended=False) | Q(left_on__isnull=False),
                name="membership_end_has_day",
            ),
            models.CheckConstraint(
                condition=~Q(number=""),
                name="membership_number_is_not_blank",
            ),
        ]

    def __str__(self) -> str:
        return self.number or f"{self.person_id} {self.kind}"

    @property
    def deemed_on(self) -> date | None:
        return admission.deemed_on(self.applied_on) if self.applied_on else None

    @property
    def is_deemed_admitted(self) -> bool:
        return self.applied_on is not None and admission.is_deemed(self.applied_on, clock.today())


def former_member(person: Any) -> Q:
    """Was a member and is none any more; employees of the party need not be members."""
    held = Membership._base_manager.filter(person=person)
    return Q(Exists(held.filter(has_ended=True))) & ~Q(Exists(held.filter(has_ended=False)))


# Recovery codes alone are none.
