"""Who is responsible for newcomers of a Gliederung, and what a newcomer may know about them."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from members.models import Amt, Gliederung, Onboarding, Person

# In this order; the chair stands in before anybody further up the tree.
LOOKS_AFTER = (Amt.Kind.ANSPRECHPERSON, Amt.Kind.STELLVERTRETUNG)
STANDS_IN = (*LOOKS_AFTER, Amt.Kind.VORSITZ, Amt.Kind.GESCHAEFTSSTELLE)


@dataclass(frozen=True, slots=True)
class Responsible:
    """Who looks after a newcomer; `stands_in` when the own Ortsverein has nobody."""

    person_id: UUID | None
    stands_in: bool


class ResponsiblePeople:
    """Finds the responsible person per Gliederung with one query for all."""

    def __init__(self) -> None:
        self._by_path: dict[str, list[Amt]] = {}
        aemter = Amt.objects.active().filter(kind__in=STANDS_IN).select_related("gliederung")
        for amt in aemter.order_by("beginn", "id"):
            self._by_path.setdefault(amt.gliederung.path, []).append(amt)

    def find(self, gliederung: Gliederung, without: Iterable[UUID] = ()) -> Responsible:
        """Return the nearest office up the tree, never one of `without` (R6)."""
        excluded = set(without)
        for path in gliederung.ancestor_paths:
            found = self._best(path, excluded)
            if found:
                own = path == gliederung.path and found.kind in LOOKS_AFTER
                return Responsible(found.person_id, not own)
        return Responsible(None, True)

    def _best(self, path: str, excluded: set[UUID]) -> Amt | None:
        here = [amt for amt in self._by_path.get(path, []) if amt.person_id not in excluded]
        return min(here, key=lambda amt: STANDS_IN.index(Amt.Kind(amt.kind)), default=None)


@dataclass(frozen=True, slots=True)
class ShownContact:
    """What a newcomer may know about the person responsible for them (R12)."""

    person: Person | None
    phone: str  # the number they chose; "" means that they call


NOBODY_YET = ShownContact(None, "")


def shown_contact(onboarding: Onboarding, office_phone: str) -> ShownContact:
    """Return who is responsible today, even if the office ended since it was assigned."""
    person, gliederung = onboarding.responsible, onboarding.person.gliederung
    amt = _looking_after(person) if person else None
    if person is None or amt is None:
        if gliederung is None:
            return NOBODY_YET
        found = ResponsiblePeople().find(gliederung, without=[onboarding.person_id])
        person = Person.objects.get(pk=found.person_id) if found.person_id else None
        amt = _looking_after(person) if person else None
    if person is None or amt is None:
        return NOBODY_YET
    return ShownContact(person, _shown_phone(person, amt, office_phone))


def _looking_after(person: Person) -> Amt | None:
    held = Amt.objects.active().filter(person=person, kind__in=STANDS_IN)
    return held.order_by("beginn", "id").first()


def _shown_phone(person: Person, amt: Amt, office_phone: str) -> str:
    if amt.shown_phone == Amt.ShownPhone.OFFICE:
        return office_phone
    if amt.shown_phone == Amt.ShownPhone.OWN:
        return person.best_phone or office_phone
    return ""
