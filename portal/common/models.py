"""Models of the floor: outbox, consents, audit, signs of life, deletion runs."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast
from django.db.models.lookups import Regex

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
    "AuditCheck",
    "AuditEvent",
    "AuditSeal",
    "Consent",
    "ConsentText",
    "ExportRun",
    "Heartbeat",
    "Language",
    "MailChoice",
    "MailText",
    "OutgoingMail",
    "RestoreMark",
    "RetentionApproval",
    "RetentionRun",
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
    """Append-only: may be added and read; `audit_rights` refuses everything else to everybody."""

    code = models.SlugField(max_length=60, db_index=False)
    at = models.DateTimeField()
    actor = models.UUIDField(null=True, db_index=True)
    subject_type = models.CharField(max_length=60, blank=True)
    subject = models.UUIDField(null=True, db_index=True)
    fields = ArrayField(models.CharField(max_length=60), default=list)
    count = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "Protokolleintrag"
        indexes = [
            models.Index(fields=["-at", "-id"], name="auditevent_newest"),
            models.Index(fields=["code", "-at", "-id"], name="auditevent_code"),
        ]
        constraints = [
            # Names only: whatever looks like a name, an address or a number of somebody is refused.
            models.CheckConstraint(
                condition=Q(code__regex=r"^[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)*$"),
                name="auditevent_code_is_a_name",
            ),
            models.CheckConstraint(
                condition=Q(subject_type__regex=r"^([a-z]+\.[a-z]+)?$"),
                name="auditevent_type_is_a_name",
            ),
            models.CheckConstraint(
                # The array's text quotes every element that is not a plain word.
                condition=Regex(
                    Cast("fields", models.TextField()),
                    r"^\{([a-z][a-z0-9_.-]*(,[a-z][a-z0-9_.-]*)*)?\}$",
                ),
                name="auditevent_fields_are_names",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.code}"


class AuditSeal(models.Model):
    """One link of the chain over all events; it stays when the event has had its time."""

    position = models.BigIntegerField(primary_key=True)
    # No foreign key: the event goes, its seal does not.
    event = models.BigIntegerField(unique=True)
    goes_on = models.DateField()
    digest = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = "Siegel"

    def __str__(self) -> str:
        return f"{self.position} {bytes(self.hash).hex()[:12]}"


class AuditCheck(models.Model):
    """What came out when the chain was walked; `problem` is empty when it is whole."""

    at = models.DateTimeField()
    seals = models.BigIntegerField()
    problem = models.CharField(max_length=20, blank=True)
    position = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = "Prüfung des Protokolls"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.problem or 'ok'}"


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


class RetentionApproval(BaseModel):
    """Two people's yes to one deletion rule exactly as it is; a changed rule needs two new ones."""

    rule = models.CharField("Regel", max_length=60)
    fingerprint = models.CharField(max_length=64)
    # Ids without foreign key, as in the audit log: the yes outlives whoever gave it.
    first_by = models.UUIDField("erstes Ja von")
    first_at = models.DateTimeField("erstes Ja am")
    second_by = models.UUIDField("zweites Ja von", null=True)
    second_at = models.DateTimeField("zweites Ja am", null=True)

    class Meta:
        verbose_name = "Freigabe einer Löschregel"
        verbose_name_plural = "Freigaben von Löschregeln"
        constraints = [
            models.UniqueConstraint(fields=["rule", "fingerprint"], name="retention_approval_once"),
            models.CheckConstraint(
                condition=Q(second_by=None, second_at=None)
                | (~Q(second_by=F("first_by")) & Q(second_at__isnull=False)),
                name="retention_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {'gilt' if self.second_by else 'wartet'}"


class RetentionRun(BaseModel):
    """What one rule did on one day: numbers only, so that it can be shown to anybody."""

    rule = models.CharField("Regel", max_length=60)
    day = models.DateField("Tag")
    at = models.DateTimeField("zuletzt um")
    # A rule that waits for two people only counts what it would do.
    dry_run = models.BooleanField("nur gezählt", default=False)
    count = models.PositiveIntegerField("Anzahl", default=0)
    held = models.PositiveIntegerField("gesperrt", default=0)
    error = models.CharField("Fehler", max_length=80, blank=True)

    class Meta:
        verbose_name = "Löschlauf"
        verbose_name_plural = "Löschläufe"
        constraints = [
            models.UniqueConstraint(fields=["rule", "day", "dry_run"], name="retention_run_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.rule} {self.count}"


class RestoreMark(BaseModel):
    """A restored backup, written by the restore itself; open until the erasures are replayed."""

    dump = models.CharField("Sicherung", max_length=120)
    restored_at = models.DateTimeField("zurückgespielt am")
    replayed_at = models.DateTimeField("Löschungen nachgespielt am", null=True)
    erased = models.PositiveIntegerField("dabei gelöscht", default=0)

    class Meta:
        verbose_name = "Zurückspielen"

    def __str__(self) -> str:
        return f"{self.restored_at:%Y-%m-%d %H:%M} {self.dump}"
