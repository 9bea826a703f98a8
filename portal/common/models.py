"""Models of the floor: outbox, consents, audit, signs of life."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from portal.common.base import BaseModel
from portal.common.outbox.models import (
    AddressTrouble,
    Language,
    MailChoice,
    MailText,
    OutgoingMail,
)
from portal.common.scope import ScopedManager

__all__ = [
    "AddressTrouble",
    "AuditEvent",
    "Consent",
    "ConsentText",
    "ExportRun",
    "Heartbeat",
    "Language",
    "MailChoice",
    "MailText",
    "OutgoingMail",
]


class ConsentText(BaseModel):
    """One version of the sentence a person agrees to; never edited, only followed."""

    purpose = models.SlugField("Zweck", max_length=40)
    version = models.PositiveSmallIntegerField("Fassung")
    language = models.CharField("Sprache", max_length=10, default="de")
    text = models.TextField("Text")
    valid_from = models.DateField("gültig ab")

    class Meta:
        verbose_name = "Einwilligungstext"
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "version", "language"], name="consenttext_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.version} ({self.language})"


class Consent(BaseModel):
    """A person's yes to one text: when, how, and when it was taken back."""

    class Channel(models.TextChoices):
        ONLINE = "online", "online"
        PAPER = "paper", "auf Papier"
        PHONE = "phone", "am Telefon"

    subject = models.UUIDField("Person", db_index=True)
    text = models.ForeignKey(ConsentText, models.PROTECT, verbose_name="Text")
    channel = models.CharField("Weg", max_length=10, choices=Channel.choices)
    recorded_by = models.UUIDField("eingetragen von", null=True)
    given_at = models.DateTimeField("gegeben am")
    withdrawn_at = models.DateTimeField("zurückgenommen am", null=True, blank=True)

    class Meta:
        verbose_name = "Einwilligung"
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "text"],
                condition=Q(withdrawn_at__isnull=True),
                name="consent_given_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.text_id} {self.given_at:%Y-%m-%d}"


class AuditEvent(models.Model):
    """Append-only: the app's database role may insert and read, nothing else."""

    code = models.SlugField(max_length=60)
    at = models.DateTimeField(db_index=True)
    actor = models.UUIDField(null=True)
    subject_type = models.CharField(max_length=60, blank=True)
    subject = models.UUIDField(null=True, db_index=True)
    fields = ArrayField(models.CharField(max_length=60), default=list)
    count = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "Protokolleintrag"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.code}"


class ExportRun(BaseModel):
    """One file with people in it that somebody took along: what for, and until when it may live."""

    made_by = models.UUIDField("ausgegeben von")
    code = models.SlugField("Ausgabe", max_length=40)
    purpose = models.CharField("Zweck", max_length=200)
    count = models.PositiveIntegerField("Personen")
    made_at = models.DateTimeField("ausgegeben am", db_index=True)
    delete_on = models.DateField("zu löschen bis")
    deleted_at = models.DateTimeField("Datei gelöscht am", null=True)

    objects = ScopedManager()

    class Meta:
        verbose_name = "Ausgabe"
        verbose_name_plural = "Ausgaben"
        indexes = [
            models.Index(
                fields=["made_by", "delete_on"],
                condition=Q(deleted_at=None),
                name="exportrun_to_delete",
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.made_at:%Y-%m-%d}"


class Heartbeat(models.Model):
    """When a queue last did its smallest task, and a periodic job its work."""

    name = models.CharField(primary_key=True, max_length=80)
    at = models.DateTimeField()

    class Meta:
        verbose_name = "Lebenszeichen"

    def __str__(self) -> str:
        return f"{self.name} {self.at:%Y-%m-%d %H:%M}"
