"""Which offices let somebody see me today: `Person.visible_to`, asked from the other side.

A test compares both over everybody who has a login.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, Q, QuerySet

from members.capabilities import kinds_granting
from members.models import Amt, Contact, District, Person
from members.models.interest import arriving
from members.models.retention import held_people
from members.models.users import SECOND_FACTORS

# The capability behind it, said to the person who is seen.
WHY = {
    "people.view": "Verwaltet die Mitglieder und sieht deine gespeicherten Angaben.",
    "onboarding.act": "Kümmert sich um neue Mitglieder und sieht, wie man dich erreicht, was dich "
    "interessiert und was besprochen wurde.",
}


@dataclass(frozen=True, slots=True)
class Viewer:
    """One office of one user that shows me to them, and why."""

    user_id: UUID
    amt: Amt
    capability: str


@dataclass(frozen=True, slots=True)
class Circle:
    """The same office at the same place, as I may know it (R12)."""

    office: str
    place: str
    names: list[str]
    count: int
    why: str
    since: date
    until: date
    ends_with_arrival: bool


def viewers_of(person: Person, district: District) -> list[Viewer]:
    """Return every active login that sees this person through an office, but their own."""
    views, acts = kinds_granting("people.view"), kinds_granting("onboarding.act")
    above = person.gliederung.ancestor_paths if person.gliederung else []
    # Whoever sees the whole district sees everybody, wherever they belong.
    whole = Q(kind__in=views, gliederung__path__in=district.gliederung.ancestor_paths)
    looked_after = Exists(Person.objects.filter(arriving(), pk=person.pk))
    found = Q(kind__in=views, gliederung__path__in=above)
    found |= Q(looked_after, kind__in=acts, gliederung__path__in=above)
    # Whose data are held only the district's office sees.
    found = whole | (found & ~Q(Exists(held_people().filter(person=person.pk))))
    aemter = _usable(Amt.objects.active()).filter(found).exclude(person=person)
    rows = aemter.select_related("person__user", "gliederung__level")
    return [
        Viewer(amt.person.user.pk, amt, "people.view" if amt.kind in views else "onboarding.act")
        for amt in rows.order_by("-gliederung__path", "kind", "person__sort_name")
    ]


def _usable(aemter: QuerySet[Amt]) -> QuerySet[Amt]:
    """An office shows nobody to whom no login and no second factor belongs (A4)."""
    factor = Authenticator.objects.filter(user__person=OuterRef("person"), type__in=SECOND_FACTORS)
    return aemter.filter(Exists(factor), person__user__is_active=True)


def circles(person: Person, district: District) -> list[Circle]:
    """Return who sees me, by office and place, the nearest first."""
    by_office: dict[tuple[UUID, str], list[Viewer]] = {}
    for viewer in viewers_of(person, district):
        by_office.setdefault((viewer.amt.gliederung_id, viewer.amt.kind), []).append(viewer)
    if not by_office:
        return []
    here_since, naming = _here_since(person), Naming(person)
    return [_circle(list(viewers), here_since, naming) for viewers in by_office.values()]


def _circle(viewers: list[Viewer], here_since: date, naming: "Naming") -> Circle:
    amt, capability = viewers[0].amt, viewers[0].capability
    return Circle(
        office=amt.get_kind_display(),
        place=str(amt.gliederung),
        names=naming.names(viewer.amt for viewer in viewers),
        count=len(viewers),
        why=WHY[capability],
        since=max(here_since, min(viewer.amt.beginn for viewer in viewers)),
        until=max(viewer.amt.last_day for viewer in viewers),
        ends_with_arrival=capability == "onboarding.act",
    )


def _here_since(person: Person) -> date:
    """The first day on which the portal knew this person."""
    days = [row.arrived_on for row in person.onboardings.all()]
    days += [row.first_seen_on for row in person.memberships.all()]
    return min(days, default=date.min)


class Naming:
    """First names until the first talk is logged; the contact by name, the office by office."""

    def __init__(self, person: Person) -> None:
        arrivals = sorted(person.onboardings.all(), key=lambda row: row.started_on)
        self._contact = arrivals[-1].responsible_id if arrivals else None
        self._has_talked = any(
            contact.result == Contact.Result.REACHED
            for arrival in arrivals
            for contact in arrival.contacts.all()
        )

    def names(self, aemter: Iterable[Amt]) -> list[str]:
        return [self._name(amt.person) for amt in aemter if amt.kind != Amt.Kind.GESCHAEFTSSTELLE]

    def _name(self, person: Person) -> str:
        if self._has_talked or person.pk == self._contact:
            return person.full_name
        return person.first_name
