"""The outbox: what was and will be sent, in which words, and to which address no more."""

from django.db import models
from django.db.models import Q

from portal.common.base import BaseModel
from portal.common.scope import ScopedManager


class OutgoingMail(BaseModel):
    """One mail or letter to one person. Its text is made when it is sent, not before."""

    class Channel(models.TextChoices):
        MAIL = "mail", "E-Mail"
        LETTER = "letter", "Brief"

    class State(models.TextChoices):
        QUEUED = "queued", "wartet"
        SENDING = "sending", "wird verschickt"
        SENT = "sent", "verschickt"
        FAILED = "failed", "nicht zustellbar"
        UNCERTAIN = "uncertain", "unsicher"
        DROPPED = "dropped", "nicht mehr nötig"

    kind = models.CharField("Art", max_length=60)
    channel = models.CharField("Weg", max_length=10, choices=Channel.choices, default=Channel.MAIL)
    # No foreign key: the row must outlive the person it was written to, without naming it.
    recipient_key = models.UUIDField("Empfänger:in", db_index=True)
    address = models.EmailField("Adresse", blank=True)
    dedupe_key = models.CharField(max_length=120, unique=True)
    ids = models.JSONField("Bezüge", default=dict, help_text="ids only, never text")
    state = models.CharField("Stand", max_length=10, choices=State.choices, default=State.QUEUED)
    reason = models.CharField("Grund", max_length=200, blank=True)
    message_id = models.CharField(max_length=200, unique=True)
    created_at = models.DateTimeField("angelegt am")
    not_before = models.DateTimeField("frühestens am")
    expires_at = models.DateTimeField("spätestens am", null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField("Versuche", default=0)
    sent_at = models.DateTimeField("verschickt am", null=True, blank=True)
    body = models.TextField("Text", blank=True, help_text="kept 14 days, secrets blanked")
    # Tries before somebody asked for a fresh start; `attempts` itself does not go back to zero,
    # because a holder knows by it whether the lease is still its own.
    retried_from = models.PositiveSmallIntegerField(default=0)
    capped_until = models.DateTimeField("gebremst bis", null=True, blank=True)
    counted_at = models.DateTimeField("zählt seit", null=True, blank=True)
    bounced_at = models.DateTimeField("kam zurück am", null=True, blank=True)
    batch = models.UUIDField("Druck", null=True, blank=True)
    printed_at = models.DateTimeField("gedruckt am", null=True, blank=True)
    ticked_at = models.DateTimeField("abgehakt am", null=True, blank=True)

    objects = ScopedManager()

    class Meta:
        verbose_name = "ausgehende Nachricht"
        indexes = [
            models.Index(
                fields=["not_before"],
                condition=Q(state__in=["queued", "sending"]),
                name="outbox_open",
            ),
            models.Index(fields=["kind", "state"], name="outbox_kind_state"),
            models.Index(fields=["state", "created_at"], name="outbox_state_newest"),
            models.Index(fields=["batch"], condition=Q(batch__isnull=False), name="outbox_batch"),
        ]
        constraints = [
            models.CheckConstraint(
                # What is over may lose its address (portal.common.retention_rules).
                condition=Q(channel="letter")
                | ~Q(address="")
                | ~Q(state__in=["queued", "sending"]),
                name="outbox_mail_has_address",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False)
                | (~Q(state="sent") & Q(sent_at__isnull=True)),
                name="outbox_sent_has_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    @property
    def tries(self) -> int:
        """Tries since the row was queued, or queued again by hand."""
        return self.attempts - self.retried_from


class Language(BaseModel):
    """A language we write in. Staff add one; nobody has to program for it."""

    code = models.CharField("Kürzel", max_length=10, unique=True)
    name = models.CharField("Name", max_length=40, unique=True)
    position = models.PositiveSmallIntegerField("Reihenfolge", default=100)

    class Meta:
        verbose_name = "Sprache"
        verbose_name_plural = "Sprachen"
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class MailText(BaseModel):
    """What staff wrote instead of a shipped text: one kind, one way, one language."""

    kind = models.CharField("Art", max_length=60)
    channel = models.CharField("Weg", max_length=10, choices=OutgoingMail.Channel.choices)
    language = models.CharField("Sprache", max_length=10)
    subject = models.CharField("Betreff", max_length=120)
    body = models.TextField("Text", max_length=6000)
    changed_at = models.DateTimeField("geändert am")

    class Meta:
        verbose_name = "Mailtext"
        verbose_name_plural = "Mailtexte"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "channel", "language"],
                name="mailtext_once",
                violation_error_message="Diesen Text gibt es schon.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.channel} {self.language}"


class AddressTrouble(BaseModel):
    """An address from which mail came back; after the second time we stop writing to it."""

    address = models.EmailField("Adresse", unique=True, help_text="lower case")
    recipient_key = models.UUIDField("Empfänger:in", db_index=True)
    hard_bounces = models.PositiveSmallIntegerField("kam zurück", default=0)
    last_at = models.DateTimeField("zuletzt am")
    paused_at = models.DateTimeField("ruht seit", null=True, blank=True)

    objects = ScopedManager()

    class Meta:
        verbose_name = "Adresse mit Problemen"

    def __str__(self) -> str:
        return str(self.pk)


class MailChoice(BaseModel):
    """What a person decided about one kind of mail: another way, or none at all.

    No row means the usual way. Only invitations can be chosen; what must be known always comes.
    """

    class Way(models.TextChoices):
        MAIL = "mail", "per E-Mail"
        LETTER = "letter", "per Brief"
        NONE = "none", "gar nicht"

    recipient_key = models.UUIDField("Empfänger:in")
    kind = models.CharField("Art", max_length=60)
    way = models.CharField("Weg", max_length=10, choices=Way.choices)

    objects = ScopedManager()

    class Meta:
        verbose_name = "Postwunsch"
        verbose_name_plural = "Postwünsche"
        constraints = [
            models.UniqueConstraint(fields=["recipient_key", "kind"], name="mailchoice_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.way}"
