"""Somebody who cannot get in, and a second person who is told when staff help (R27)."""

from datetime import date, timedelta

from members.models import Amt, District, Person, User
from portal.common import clock


def build_access(district: District, today: date) -> None:
    """One Ansprechperson waits for a call; Datenschutz is there to be told."""
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
    waiting = User.objects.filter(email="vorsitz@demo.example.org")
    waiting.update(asked_for_call_at=clock.now() - timedelta(hours=2))
