"""Being signed in, and getting back in by telephone."""

from importlib import import_module
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from members.models.people import Person
from members.models.users import User
from portal.common.base import BaseModel
from portal.common.scope import ScopedManager

if TYPE_CHECKING:
    from django.contrib.sessions.backends.base import SessionBase


class Session(AbstractBaseSession):
    """Django's session, which also says whose it is and on what device. No IP address."""

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="sessions")
    device = models.CharField("Gerät", max_length=60, blank=True)
    since = models.DateTimeField("angemeldet seit", null=True)
    active_on = models.DateField("zuletzt benutzt", null=True)

    class Meta:
        verbose_name = "Anmeldung"
        verbose_name_plural = "Anmeldungen"

    @classmethod
    def get_session_store_class(cls) -> "type[SessionBase]":
        """Named by the settings: the engine builds on this model, not the other way round."""
        store: type[SessionBase] = import_module(settings.SESSION_ENGINE).SessionStore
        return store


class OneTimeCode(BaseModel):
    """A code read out on the telephone; only its mark is stored (R27)."""

    user = models.ForeignKey(
        User, models.CASCADE, related_name="one_time_codes", verbose_name="Zugang"
    )
    mark = models.CharField(max_length=64)
    made_by = models.ForeignKey(
        Person, models.CASCADE, related_name="+", verbose_name="erstellt von"
    )
    told = models.ForeignKey(
        Person, models.CASCADE, related_name="+", verbose_name="Bescheid bekommt"
    )
    created_at = models.DateTimeField("erstellt am")
    expires_at = models.DateTimeField("gilt bis")
    wrong_tries = models.PositiveSmallIntegerField("Fehlversuche", default=0)
    used_at = models.DateTimeField("benutzt am", null=True, blank=True)
    seen_at = models.DateTimeField("gesehen am", null=True, blank=True)

    objects = ScopedManager()

    class Meta:
        verbose_name = "Einmalcode"
        verbose_name_plural = "Einmalcodes"
        indexes = [
            models.Index(
                fields=["told"],
                condition=models.Q(seen_at__isnull=True),
                name="onetimecode_unseen",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.created_at:%Y-%m-%d}"


class Invitation(BaseModel):
    """A one-time way to a login. Its token is derived from the row and never stored."""

    person = models.ForeignKey(
        Person, models.CASCADE, related_name="invitations", verbose_name="Person"
    )
    created_at = models.DateTimeField("angelegt am")
    expires_at = models.DateTimeField("gültig bis")
    accepted_at = models.DateTimeField("angenommen am", null=True, blank=True)
    revoked_at = models.DateTimeField("zurückgezogen am", null=True, blank=True)

    objects = ScopedManager()

    class Meta:
        verbose_name = "Einladung"

    def __str__(self) -> str:
        return f"{self.person_id} {self.expires_at:%Y-%m-%d}"
