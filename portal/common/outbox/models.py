"""The outbox table: the only truth about what was and will be sent."""

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
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(channel="letter") | ~Q(address=""), name="outbox_mail_has_address"
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False)
                | (~Q(state="sent") & Q(sent_at__isnull=True)),
                name="outbox_sent_has_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"
