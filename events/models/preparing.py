"""Before and after: what has to be done, and what it was like."""

from django.core.validators import MaxValueValidator
from django.db import models

from events.models.events import Event
from members.models import Person
from portal.common.base import BaseModel


class CheckItem(BaseModel):
    """One thing to do for an event, by somebody, until a day."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="checklist")
    text = models.CharField("Was", max_length=160)
    due_on = models.DateField("bis")
    owner = models.ForeignKey(
        Person, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="wer"
    )
    done_on = models.DateField("erledigt am", null=True, blank=True)

    class Meta:
        verbose_name = "Aufgabe zum Termin"
        verbose_name_plural = "Aufgaben zum Termin"
        indexes = [models.Index(fields=["due_on"], name="checkitem_due")]

    def __str__(self) -> str:
        return self.text


class EventReport(BaseModel):
    """Two minutes afterwards: numbers and two sentences, nobody's name."""

    event = models.OneToOneField(Event, models.CASCADE, related_name="report")
    headcount = models.PositiveSmallIntegerField(
        "Wie viele waren da?", validators=[MaxValueValidator(5000)]
    )
    newcomers = models.PositiveSmallIntegerField(
        "davon neu", null=True, blank=True, validators=[MaxValueValidator(5000)]
    )
    topics = models.CharField("Worum ging es?", max_length=280, blank=True)
    results = models.TextField("Was kam heraus?", max_length=3000, blank=True)
    differently = models.CharField(
        "Was machen wir nächstes Mal anders?", max_length=280, blank=True
    )
    photos_allowed = models.BooleanField(
        "Es gibt Fotos, und alle Abgebildeten haben zugestimmt", default=False
    )
    written_on = models.DateField("geschrieben am")

    class Meta:
        verbose_name = "Bericht vom Termin"
        verbose_name_plural = "Berichte von Terminen"

    def __str__(self) -> str:
        return f"{self.event_id} {self.headcount}"
