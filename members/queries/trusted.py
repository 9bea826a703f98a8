"""Whom to talk to when somebody was hurt: by first name and number only (R12, R13)."""

from dataclasses import dataclass

from members.models import Amt

# Two per district, so that one of them is free, and nobody has to tell the one it is about.
NEEDED = 2


@dataclass(frozen=True, slots=True)
class TrustedPerson:
    name: str
    phone: str


def trusted_people(office_phone: str) -> list[TrustedPerson]:
    """Return who listens today, with the number they chose; one query."""
    held = Amt.objects.active().filter(kind=Amt.Kind.VERTRAUENSPERSON).select_related("person")
    return [
        TrustedPerson(amt.person.first_name, _phone(amt, office_phone))
        for amt in held.order_by("person__sort_name", "pk")
    ]


def missing() -> int:
    """How many are still to be found."""
    held = Amt.objects.active().filter(kind=Amt.Kind.VERTRAUENSPERSON)
    return max(0, NEEDED - held.values("person").distinct().count())


def _phone(amt: Amt, office_phone: str) -> str:
    if amt.shown_phone == Amt.ShownPhone.OWN:
        return amt.person.best_phone or office_phone
    return office_phone
