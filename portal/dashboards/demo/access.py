"""Somebody who cannot get in, and a second person who is told when staff help (R27)."""

from datetime import date, timedelta

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from members.models import Amt, District, Person, User
from portal.common import clock


def build_datenschutz(district: District, today: date) -> None:
    """Reads the Protokoll, and is told of codes made on the telephone."""
    office = district.gliederung
    told = Person.objects.create(
        given_name="Ingrid",
        family_name="Voss",
        email="datenschutz@demo.example.org",
        gliederung=office,
    )
    Amt.objects.create(
        person=told,
        gliederung=office,
        kind=Amt.Kind.DATENSCHUTZ,
        beginn=today - timedelta(days=200),
        ende=today + timedelta(days=400),
        pledged_on=today - timedelta(days=200),
        trained_on=today - timedelta(days=190),
    )


def build_access() -> None:
    """One Ansprechperson waits for a call."""
    _logins()
    waiting = User.objects.filter(email="vorsitz@demo.example.org")
    waiting.update(asked_for_call_at=clock.now() - timedelta(hours=2))


def _logins() -> None:
    """Nearly everybody with an office has been in; three have not found the time yet."""
    holders = Person.objects.filter(aemter__isnull=False, user__isnull=True).distinct()
    for person in holders.exclude(email="").order_by("sort_name", "pk")[3:]:
        user = User.objects.create_user(person.email, None, person)
        if user.needs_second_factor:
            TOTP.activate(user, generate_totp_secret())
    # A way in that is new confirms nobody's office yet.
    Authenticator.objects.update(created_at=clock.now() - timedelta(days=100))
