"""A calendar address is a secret: whoever has it reads somebody's dates (T20)."""

from django.db import models

from members.models import Person
from portal.common.base import BaseModel
from portal.common.scope import ScopedManager


class CalendarFeed(BaseModel):
    """The personal calendar of one person; the database knows only the token's hash."""

    person = models.OneToOneField(Person, models.CASCADE, related_name="calendar_feed")
    token_hash = models.CharField(max_length=64, unique=True)
    made_on = models.DateField("angelegt am")
    # „Termin“ instead of a title, for a calendar that others look into.
    is_neutral = models.BooleanField("ohne Titel", default=False)

    objects = ScopedManager()

    class Meta:
        verbose_name = "Kalender-Abo"
        verbose_name_plural = "Kalender-Abos"

    def __str__(self) -> str:
        return str(self.person_id)
