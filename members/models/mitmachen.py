"""Places to engage: a catalogue kept by the Gliederungen (people.md R9)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from members.models.organisation import Gliederung, Kommune, Topic
from members.models.people import Person
from portal.common.base import BaseModel
from portal.common.scope import ScopedManager


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

    class Meta:
        verbose_name = "Ort zum Mitmachen"
        verbose_name_plural = "Orte zum Mitmachen"
        indexes = [models.Index(fields=["confirmed_on"], name="mitmachort_fresh")]

    def __str__(self) -> str:
        return self.title


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

    objects = ScopedManager()

    class Meta:
        verbose_name = "Meldung"
        verbose_name_plural = "Meldungen"
        constraints = [
            models.UniqueConstraint(
                fields=["ort", "person"],
                condition=models.Q(withdrawn_at=None),
                name="meldung_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} → {self.ort_id}"
