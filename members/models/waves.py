"""Re-onboarding: members whom nobody has spoken with are invited, some at a time."""

from django.db import models

from members.models.milestones import MilestoneTemplate
from members.models.organisation import Gliederung
from members.models.people import Person
from portal.common.base import BaseModel
from portal.common.scope import ScopedManager


class Wave(BaseModel):
    """One group of members who get a second chance, together (seed 003, issue's „Wellen“)."""

    class Way(models.TextChoices):
        CALL = "call", "Anruf der Ansprechperson"
        MEETING = "meeting", "Neumitgliedertreffen"

    name = models.CharField("Name", max_length=80)
    gliederung = models.ForeignKey(
        Gliederung, models.PROTECT, related_name="+", verbose_name="Gliederung"
    )
    template = models.ForeignKey(MilestoneTemplate, models.PROTECT, verbose_name="Vorlage")
    way = models.CharField("Einladung zu", max_length=10, choices=Way.choices)
    months_without_contact = models.PositiveSmallIntegerField("ohne Gespräch seit … Monaten")
    # Where and when people meet; empty for calls.
    meeting_at = models.DateTimeField("wann", null=True, blank=True)
    meeting_place = models.CharField("wo", max_length=160, blank=True)
    created_by = models.ForeignKey(
        Person, models.SET_NULL, null=True, related_name="+", verbose_name="angelegt von"
    )
    created_at = models.DateTimeField("angelegt am")
    undone_at = models.DateTimeField("zurückgenommen am", null=True, blank=True)

    class Meta:
        verbose_name = "Welle"
        verbose_name_plural = "Wellen"

    def __str__(self) -> str:
        return self.name


class WaveReply(BaseModel):
    """What somebody answered to the invitation of a wave; a „lieber nicht“ stays 30 days (R7)."""

    class Answer(models.TextChoices):
        CALL = "anruf", "bittet um einen Anruf"
        COMES = "kommt", "kommt zum Treffen"
        NO = "lieber-nicht", "lieber nicht"

    onboarding = models.OneToOneField(
        "members.Onboarding", models.CASCADE, related_name="reply", verbose_name="Mitglied"
    )
    answer = models.CharField("Antwort", max_length=12, choices=Answer.choices)
    answered_at = models.DateTimeField("geantwortet am")

    objects = ScopedManager()

    class Meta:
        verbose_name = "Antwort auf eine Welle"
        verbose_name_plural = "Antworten auf Wellen"

    def __str__(self) -> str:
        return f"{self.onboarding_id} {self.answer}"
