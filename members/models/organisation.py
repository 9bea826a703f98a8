"""Where people belong: the tree of Gliederungen, municipalities, offices."""

from datetime import date
from typing import TYPE_CHECKING, Self

from dateutil.relativedelta import relativedelta
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from members.capabilities import kinds_granting
from portal.common import clock
from portal.common.base import BaseModel

if TYPE_CHECKING:
    from members.models.people import User

LONGEST_TERM = relativedelta(months=24)


class Level(BaseModel):
    """A level of the tree; names are data because other districts have others."""

    name = models.CharField("Name", max_length=60, unique=True)
    short = models.CharField("Kurzform", max_length=20)
    position = models.PositiveSmallIntegerField("Reihenfolge")
    takes_members = models.BooleanField("nimmt Mitglieder auf", default=False)

    class Meta:
        verbose_name = "Ebene"
        ordering = ["position"]

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

    objects = GliederungQuerySet.as_manager()

    class Meta:
        verbose_name = "Gliederung"
        verbose_name_plural = "Gliederungen"
        constraints = [
            models.UniqueConstraint(fields=["parent", "name"], name="gliederung_name_once"),
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
    data_protection = models.CharField("Datenschutzbeauftragte:r", max_length=200)
    newcomer_months = models.PositiveSmallIntegerField("neu ist, wer vor … Monaten kam", default=12)

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

    class Meta:
        verbose_name = "Thema"
        verbose_name_plural = "Themen"
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class AmtQuerySet(models.QuerySet["Amt"]):
    def active(self, day: date | None = None) -> Self:
        """Offices that grant rights on `day`: begun, not ended, pledged and trained (A4)."""
        day = day or clock.today()
        return self.exclude(self._has_left()).filter(
            Q(beginn__lte=day) & (Q(ende__isnull=True) | Q(ende__gte=day)),
            beginn__gt=day - LONGEST_TERM,
            pledged_on__lte=day,
            trained_on__lte=day,
        )

    @staticmethod
    def _has_left() -> Q:
        """Whoever left the party holds no office; employees need not be members."""
        from members.models.people import Membership  # points back to Gliederung

        memberships = Membership._base_manager.filter(person=OuterRef("person"))
        ended = Exists(memberships.filter(has_ended=True))
        return Q(ended) & ~Q(Exists(memberships.filter(has_ended=False)))


class Amt(BaseModel):
    """An office: one of the only three sources of rights, and the only one that lasts."""

    class Kind(models.TextChoices):
        ANSPRECHPERSON = "ansprechperson", "Ansprechperson für Neumitglieder"
        STELLVERTRETUNG = "stellvertretung", "Stellvertretung der Ansprechperson"
        VORSITZ = "vorsitz", "Vorsitz"
        GESCHAEFTSSTELLE = "geschaeftsstelle", "Geschäftsstelle"
        MENTORING = "mentoring", "Mentoring-Koordination"
        BEZIRK = "bezirk", "Bezirk"
        DATENSCHUTZ = "datenschutz", "Datenschutz"

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
                fields=["person", "gliederung", "kind", "beginn"], name="amt_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.gliederung.name}"
