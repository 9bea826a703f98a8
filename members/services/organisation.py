"""Who is responsible for newcomers of a Gliederung."""

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


def contact_of(onboarding: Onboarding) -> Person | None:
    """Return who is responsible today, even if the office ended since it was assigned."""
    person, gliederung = onboarding.responsible, onboarding.person.gliederung
    if person and Amt.objects.active().filter(person=person, kind__in=STANDS_IN).exists():
        return person
    if gliederung is None:
        return None
    found = ResponsiblePeople().find(gliederung, without=[onboarding.person_id])
    return Person.objects.filter(pk=found.person_id).first()


def shown_phone(person: Person, office_phone: str) -> str:
    """Return the number this Ansprechperson lets newcomers see (R12); "" means none."""
    amt = (
        Amt.objects.active()
        .filter(person=person, kind__in=STANDS_IN)
        .order_by("beginn", "id")
        .first()
    )
    if amt is None or amt.shown_phone == Amt.ShownPhone.OFFICE:
        return office_phone
    if amt.shown_phone == Amt.ShownPhone.OWN:
        return person.best_phone or office_phone
    return ""
