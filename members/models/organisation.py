"""Where people belong: the tree of Gliederungen, municipalities, offices."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Self
from uuid import UUID

from dateutil.relativedelta import relativedelta
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Func, OuterRef, Q, Value

from members.capabilities import kinds_granting
from portal.common import clock
from portal.common.base import BaseModel

if TYPE_CHECKING:
    from members.models.users import User

LONGEST_TERM = relativedelta(months=24)


class Level(BaseModel):
    """A level of the tree; names are data because other districts have others."""

    name = models.CharField("Name", max_length=60, unique=True)
    short = models.CharField("Kurzform", max_length=20)
    position = models.PositiveSmallIntegerField("Reihenfolge")
    takes_members = models.BooleanField("nimmt Mitglieder auf", default=False)
    # For whoever is larger than a district: each Gliederung of this level is matched by itself.
    mentors_stay = models.BooleanField(
        "Mentor:innen bleiben in ihrer Gliederung dieser Ebene",
        default=False,
        help_text="Ohne Haken bei allen Ebenen werden Mentor:innen im ganzen Gebiet vorgeschlagen.",
    )

    class Meta:
        verbose_name = "Ebene"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["mentors_stay"],
                condition=Q(mentors_stay=True),
                name="level_one_mentors_stay",
                violation_error_message="Mentor:innen können nur auf einer Ebene bleiben.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Kommune(BaseModel):
    """A municipality of the district."""

    ags = models.CharField("Gemeindeschlüssel", max_length=8, unique=True)
    name = models.CharField("Name", max_length=100)
    short_name = models.CharField("Kurzname", max_length=60)
    population = models.PositiveIntegerField("Einwohner:innen")
    neighbours = models.ManyToManyField("self", verbose_name="Nachbarkommunen", blank=True)

    class Meta:
        verbose_name = "Kommune"
        verbose_name_plural = "Kommunen"

    def __str__(self) -> str:
        return self.short_name


class PostalCode(BaseModel):
    """A postal code lies in one Kommune, rarely in two."""

    plz = models.CharField("PLZ", max_length=5, db_index=True)
    kommune = models.ForeignKey(
        Kommune, models.CASCADE, related_name="postal_codes", verbose_name="Kommune"
    )

    class Meta:
        verbose_name = "Postleitzahl"
        constraints = [models.UniqueConstraint(fields=["plz", "kommune"], name="plz_once")]

    def __str__(self) -> str:
        return self.plz


class GliederungQuerySet(models.QuerySet["Gliederung"]):
    def open(self) -> Self:
        """Closed ones stay for history and figures, and can be chosen nowhere."""
        return self.filter(closed_on=None)

    def subtree(self, root: "Gliederung") -> Self:
        return self.filter(path__startswith=root.path)

    def where(self, user: "User", can: str) -> Self:
        """The Gliederungen on which `user` holds the capability `can` today."""
        kinds = kinds_granting(can)
        paths = [amt.gliederung.path for amt in user.active_aemter if amt.kind in kinds]
        if not paths:
            return self.none()  # costs no query
        condition = Q()
        for path in paths:
            condition |= Q(path__startswith=path)
        return self.filter(condition)


class Gliederung(BaseModel):
    """A node of the party's tree. `path` lists the ids from the root down."""

    name = models.CharField("Name", max_length=100)
    level = models.ForeignKey(Level, models.PROTECT, verbose_name="Ebene")
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name="gehört zu",
    )
    path = models.CharField(max_length=200, unique=True, editable=False)
    kommunen = models.ManyToManyField(
        Kommune, blank=True, related_name="gliederungen", verbose_name="Kommunen"
    )
    closed_on = models.DateField("geschlossen am", null=True, blank=True, editable=False)
    successor = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name="aufgegangen in",
        editable=False,
    )

    objects = GliederungQuerySet.as_manager()

    class Meta:
        verbose_name = "Gliederung"
        verbose_name_plural = "Gliederungen"
        constraints = [
            models.UniqueConstraint(
                fields=["parent", "name"],
                condition=Q(closed_on=None),
                name="gliederung_name_once",
                violation_error_message="Diesen Namen gibt es hier schon.",
            ),
            models.CheckConstraint(
                condition=Q(successor=None) | Q(closed_on__isnull=False),
                name="gliederung_successor_closed",
            ),
        ]
        indexes = [models.Index(OpClass("path", "varchar_pattern_ops"), name="gliederung_path")]

    def __str__(self) -> str:
        return f"{self.level.name} {self.name}"

    def path_below(self, parent: "Gliederung | None") -> str:
        """Return the path this node has as a child of `parent`."""
        return (parent.path if parent else "/") + self.id.hex[:12] + "/"

    @property
    def ancestor_paths(self) -> list[str]:
        """Paths of this node and all above, nearest first."""
        parts = self.path.strip("/").split("/")
        return ["/" + "/".join(parts[:depth]) + "/" for depth in range(len(parts), 0, -1)]

    @property
    def members_place(self) -> "Gliederung | None":
        """Where its members belong today: here, or in what it went into; None if that is nowhere.

        Whatever a Gliederung went into may be closed since, or take no members.
        """
        place = self.successor or self
        return place if place.closed_on is None and place.level.takes_members else None


class District(BaseModel):
    """The one party district this installation belongs to, and its settings."""

    gliederung = models.OneToOneField(Gliederung, models.PROTECT, verbose_name="Gliederung")
    product_name = models.CharField("Name des Portals", max_length=40, default="Ankommen")
    party = models.CharField("Partei (Kurzform)", max_length=40)
    office_name = models.CharField("Geschäftsstelle", max_length=100)
    street = models.CharField("Straße", max_length=100)
    city = models.CharField("PLZ und Ort", max_length=100)
    phone = models.CharField("Telefon", max_length=30)
    email = models.EmailField("E-Mail")
    responsible = models.CharField("verantwortlich nach § 18 Abs. 2 MStV", max_length=200)
    data_protection = models.CharField(
        "Datenschutzbeauftragte:r",
        max_length=200,
        help_text="Mit E-Mail oder Telefon: Steht auf jeder Seite zum Datenschutz.",
    )
    authority = models.CharField(
        "Aufsichtsbehörde für den Datenschutz",
        max_length=200,
        help_text="Name und Anschrift. Bei ihr kann sich beschweren, wer mit uns nicht einig wird.",
    )
    newcomer_months = models.PositiveSmallIntegerField("neu ist, wer vor … Monaten kam", default=12)
    # „bis Ende des 1. Monats nach Eintritt“ can also be read as the calendar month (B1).
    ends_with_month = models.BooleanField(
        "Fristen enden mit dem Kalendermonat",
        default=False,
        help_text="Eintritt am 5. Mai, ein Monat Zeit: Ohne Haken ist der Termin am 5. Juni, mit "
        "Haken am 30. Juni. Gilt für alle, die ab jetzt neu dazukommen. Termine, die schon "
        "versprochen sind, bleiben.",
    )

    class Meta:
        verbose_name = "Parteigebiet"

    def __str__(self) -> str:
        return str(self.gliederung)

    @classmethod
    def current(cls) -> "District":
        """Return the one row; raises DoesNotExist before the district is set up."""
        return cls.objects.select_related("gliederung__level").get()


class Topic(BaseModel):
    """What people care about; the list is data."""

    code = models.SlugField("Kürzel", max_length=40, unique=True)
    name = models.CharField("Name", max_length=60)
    position = models.PositiveSmallIntegerField("Reihenfolge", default=0)
    # Never deleted: people have chosen it.
    is_offered = models.BooleanField("steht zur Wahl", default=True)

    class Meta:
        verbose_name = "Thema"
        verbose_name_plural = "Themen"
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class AmtQuerySet(models.QuerySet["Amt"]):
    def active(self, day: date | None = None) -> Self:
        """Offices that grant rights on `day`: begun, not ended, pledged and trained (A4)."""
        from members.models.people import former_member  # points back to Gliederung

        day = day or clock.today()
        return (
            self.running(day)
            .exclude(former_member(OuterRef("person")))
            .filter(is_pending=False, pledged_on__lte=day, trained_on__lte=day)
        )

    def running(self, day: date | None = None) -> Self:
        """Offices within their term on `day`, whether or not they grant anything."""
        day = day or clock.today()
        return self.unfinished(day).filter(beginn__lte=day)

    def unfinished(self, day: date | None = None) -> Self:
        """Offices that run on `day` or will begin; 24 months at most, unless renewed (T3)."""
        day = day or clock.today()
        oldest = day - LONGEST_TERM
        return self.filter(
            Q(ende__isnull=True) | Q(ende__gte=day),
            Q(beginn__gt=oldest) | Q(renewed_on__gt=oldest),
            ended_at=None,
        )

    def ending_by(self, day: date) -> Self:
        """Of these, the offices that have ended by `day` if nobody acts."""
        oldest = day - LONGEST_TERM
        worn_out = Q(beginn__lte=oldest) & (Q(renewed_on=None) | Q(renewed_on__lte=oldest))
        return self.filter(Q(ende__lt=day) | worn_out)


class Amt(BaseModel):
    """An office: one of the only three sources of rights, and the only one that lasts."""

    class Kind(models.TextChoices):
        ANSPRECHPERSON = "ansprechperson", "Ansprechperson für Neumitglieder"
        STELLVERTRETUNG = "stellvertretung", "Stellvertretung der Ansprechperson"
        VORSITZ = "vorsitz", "Vorsitz"
        GESCHAEFTSSTELLE = "geschaeftsstelle", "Geschäftsstelle"
        MENTORING = "mentoring", "Mentoring-Koordination"
        BEZIRK = "bezirk", "Übergeordnete Gliederung"
        DATENSCHUTZ = "datenschutz", "Datenschutz"
        VERTRAUENSPERSON = "vertrauensperson", "Vertrauensperson"

    class ShownPhone(models.TextChoices):
        OWN = "own", "meine Nummer"
        OFFICE = "office", "die Nummer der Geschäftsstelle"
        NONE = "none", "keine – ich rufe an"

    person = models.ForeignKey(
        "members.Person", models.CASCADE, related_name="aemter", verbose_name="Person"
    )
    gliederung = models.ForeignKey(
        Gliederung, models.PROTECT, related_name="aemter", verbose_name="Gliederung"
    )
    kind = models.CharField("Amt", max_length=20, choices=Kind.choices)
    beginn = models.DateField("von")
    ende = models.DateField("bis", null=True, blank=True)
    pledged_on = models.DateField("Verpflichtung am", null=True, blank=True)
    trained_on = models.DateField("Schulung am", null=True, blank=True)
    shown_phone = models.CharField(
        "Neumitglieder sehen", max_length=10, choices=ShownPhone.choices, default=ShownPhone.OFFICE
    )
    renewed_on = models.DateField("verlängert am", null=True, blank=True)
    # Looked at once a quarter: does this office still hold? (T3)
    recertified_on = models.DateField("zuletzt geprüft am", null=True, blank=True)
    # Ended by a tap: grants nothing from the next request on, although `ende` is today.
    ended_at = models.DateTimeField("beendet am", null=True, blank=True)
    # Above the Ortsvereine a second person confirms what one has granted (R30).
    is_pending = models.BooleanField("wartet auf Bestätigung", default=False)
    granted_by = models.ForeignKey(
        "members.Person", models.SET_NULL, null=True, related_name="+", verbose_name="gegeben von"
    )
    confirmed_by = models.ForeignKey(
        "members.Person",
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name="bestätigt von",
    )

    objects = AmtQuerySet.as_manager()

    class Meta:
        verbose_name = "Amt"
        verbose_name_plural = "Ämter"
        constraints = [
            models.CheckConstraint(
                condition=Q(ende__isnull=True) | Q(ende__gte=F("beginn")),
                name="amt_ends_after_begin",
                violation_error_message="Das Ende liegt vor dem Beginn.",
            ),
            models.UniqueConstraint(
                fields=["person", "gliederung", "kind", "beginn"],
                condition=Q(ended_at=None),
                name="amt_once",
                violation_error_message="Dieses Amt ist schon eingetragen.",
            ),
            ExclusionConstraint(
                name="amt_one_ansprechperson",
                expressions=[
                    ("gliederung", RangeOperators.EQUAL),
                    (
                        Func(
                            "beginn",
                            "ende",
                            Value("[]"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(kind="ansprechperson", ended_at=None),
                violation_error_message="In dieser Zeit gibt es dort schon eine Ansprechperson.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.gliederung.name}"

    @property
    def last_day(self) -> date:
        """The last day of the term: as agreed, at the latest 24 months after it was given."""
        begun = max(self.beginn, self.renewed_on or self.beginn)
        limit = begun + LONGEST_TERM
        if limit - LONGEST_TERM >= begun:  # 29 February lasts one day longer
            limit -= timedelta(days=1)
        return min(limit, self.ende) if self.ende else limit

    @property
    def is_over(self) -> bool:
        return self.ended_at is not None or self.last_day < clock.today()

    @property
    def awaits_confirmation(self) -> bool:
        return self.is_pending and not self.is_over

    def can_be_confirmed_by(self, person_id: UUID | None) -> bool:
        """The second pair of eyes: neither who gave the office nor who gets it (R30)."""
        return self.awaits_confirmation and person_id not in (self.granted_by_id, self.person_id)
