"""A login: who somebody is stands in Person, what they may do follows from their offices."""

from functools import cached_property
from typing import ClassVar

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Lower

from members.capabilities import kinds_granting, shows_others
from members.models.organisation import Amt, District, Gliederung
from members.models.people import Person
from portal.common import clock
from portal.common.base import BaseModel

SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def _factor_types(user: object) -> models.QuerySet[Authenticator]:
    return Authenticator.objects.filter(user=user, type__in=SECOND_FACTORS)


class UserManager(BaseUserManager["User"]):
    def get_queryset(self) -> models.QuerySet["User"]:
        """Nearly every page says the name and asks for the factor: one query for all."""
        found = super().get_queryset().select_related("person__mentor")
        return found.annotate(
            factor_types=ArraySubquery(_factor_types(OuterRef("pk")).values("type"))
        )

    def create_user(self, email: str, password: str | None, person: Person) -> "User":
        """Create a login; only for somebody who accepted an invitation (or the demo)."""
        user = self.model(email=email.strip().lower(), person=person)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(BaseModel, AbstractBaseUser):
    """A login and nothing else; who somebody is stands in Person."""

    email = models.EmailField("E-Mail")
    person = models.OneToOneField(Person, models.CASCADE, related_name="user")
    is_active = models.BooleanField("aktiv", default=True)
    asked_for_call_at = models.DateTimeField("bittet um Rückruf seit", null=True, blank=True)

    objects = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = "Zugang"
        verbose_name_plural = "Zugänge"
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]

    def __str__(self) -> str:
        return self.email

    @property
    def is_mentor(self) -> bool:
        """Is this somebody who accompanies others, or has asked to?"""
        mentor = getattr(self.person, "mentor", None)
        return mentor is not None and (
            mentor.active_to is None or mentor.active_to >= clock.today()
        )

    # All are cached for the life of this instance, which is one request: never in the session.
    @cached_property
    def current_aemter(self) -> list[Amt]:
        """Offices held today, whether or not the second factor is there, and until when away."""
        from members.models.responsibility import Absence  # points back to Person

        away = Absence._base_manager.filter(
            person=OuterRef("person"), first_day__lte=clock.today(), last_day__gte=clock.today()
        ).order_by("-last_day")
        return list(
            Amt.objects.active()
            .filter(person_id=self.person_id)
            .annotate(
                absence=Subquery(away.values("pk")[:1]),
                away_until=Subquery(away.values("last_day")[:1]),
            )
            .select_related("gliederung__level")
            .order_by("gliederung__path", "kind")
        )

    @cached_property
    def district(self) -> District:
        return District.current()

    @cached_property
    def has_second_factor(self) -> bool:
        return bool(self.second_factors)

    @cached_property
    def second_factors(self) -> set[str]:
        """Which kinds of second factor are set up; recovery codes alone are none."""
        if "factor_types" in self.__dict__:
            return set(self.__dict__["factor_types"])
        return set(_factor_types(self.pk).values_list("type", flat=True))

    @property
    def needs_second_factor(self) -> bool:
        """Does an office show this user other people? Then a password alone is not enough."""
        return any(shows_others(amt.kind) for amt in self.current_aemter)

    @property
    def active_aemter(self) -> list[Amt]:
        """Offices that grant something right now: none without the second factor (A4)."""
        if self.needs_second_factor and not self.has_second_factor:
            return []
        return self.current_aemter

    def gliederungen(self, capability: str) -> list[Gliederung]:
        """The Gliederungen on which `capability` holds; few, so a list makes better plans."""
        if capability not in self._gliederungen:
            self._gliederungen[capability] = list(Gliederung.objects.where(self, can=capability))
        return self._gliederungen[capability]

    @cached_property
    def _gliederungen(self) -> dict[str, list[Gliederung]]:
        return {}

    def can(self, capability: str, gliederung: Gliederung | None = None) -> bool:
        """Does an office grant `capability` on `gliederung` (None: anywhere)?"""
        kinds = kinds_granting(capability)
        return any(
            amt.kind in kinds
            and (gliederung is None or gliederung.path.startswith(amt.gliederung.path))
            for amt in self.active_aemter
        )

    @cached_property
    def sees_whole_district(self) -> bool:
        # Asked first without the district, to spare most users the query.
        return self.can("people.view") and self.can("people.view", self.district.gliederung)
