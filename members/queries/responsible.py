"""Who is responsible for newcomers of a Gliederung, and what a newcomer may know about them."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F, Max, OuterRef, QuerySet, Subquery

from members.models import Absence, Amt, Assignment, Gliederung, Onboarding, Person

# In this order; the chair stands in before anybody further up the tree.
LOOKS_AFTER = (Amt.Kind.ANSPRECHPERSON, Amt.Kind.STELLVERTRETUNG)
STANDS_IN = (*LOOKS_AFTER, Amt.Kind.VORSITZ, Amt.Kind.GESCHAEFTSSTELLE)


@dataclass(frozen=True, slots=True)
class Responsible:
    """Who looks after a newcomer; `stands_in` when the own Ortsverein has nobody."""

    person_id: UUID | None
    stands_in: bool


NOBODY = Responsible(None, True)


@dataclass(frozen=True, slots=True)
class Decided:
    """What humans decided about one newcomer: who took over last, and who has handed on.

    `only_flinta`: the newcomer wants to talk to a woman or FLINTA* person (R13).
    """

    taker: UUID | None = None
    givers: Collection[UUID] = ()
    only_flinta: bool = False


UNDECIDED = Decided()


class ResponsiblePeople:
    """Finds the responsible person per Gliederung with one query for all."""

    def __init__(self, paths: Collection[str] | None = None) -> None:
        self._by_path: dict[str, list[Amt]] = {}
        self.away: dict[UUID, date] = {}
        self.flinta: set[UUID] = set()
        for amt in _offices(paths):
            self._by_path.setdefault(amt.gliederung.path, []).append(amt)
            if amt.away_until:
                self.away[amt.person_id] = amt.away_until
            if amt.is_flinta:
                self.flinta.add(amt.person_id)
        self.holders = {amt.person_id for amt in self._all()}
        for found in self._by_path.values():
            found.sort(key=lambda amt: STANDS_IN.index(Amt.Kind(amt.kind)))

    def find(
        self,
        gliederung: Gliederung,
        without: Iterable[UUID] = (),
        decided: Decided = UNDECIDED,
        *,
        even_away: bool = False,
    ) -> Responsible:
        """Return who looks after somebody there, never one of `without` (R6).

        Whoever took over, while they hold an office there and are not away; else the nearest
        office up the tree. If everybody is away or has handed on, the office; and if there is
        none, better somebody who was asked before than nobody.
        """
        away: Collection[UUID] = () if even_away else self.away
        chain = self._fitting(gliederung, set(without), decided)
        if decided.taker and decided.taker not in away:
            took = [amt for amt in chain if amt.person_id == decided.taker]
            if took:
                return _responsible(took[0], gliederung)
        for suits in _tries(away, decided.givers):
            for amt in chain:
                if suits(amt):
                    return _responsible(amt, gliederung)
        return NOBODY

    def next_after(
        self, gliederung: Gliederung, without: Iterable[UUID], decided: Decided
    ) -> Responsible:
        """Return the next different person who has not handed this one on; else nobody."""
        chain = self._fitting(gliederung, set(without), decided)
        for suits in _tries(self.away, decided.givers)[:2]:
            for amt in chain:
                if suits(amt):
                    return _responsible(amt, gliederung)
        return NOBODY

    def office_of(self, person_id: UUID | None, gliederung: Gliederung | None) -> Amt | None:
        """The office with which somebody looks after newcomers of a Gliederung, or of nowhere."""
        aemter = self._chain(gliederung, set()) if gliederung else self._all()
        return next((amt for amt in aemter if amt.person_id == person_id), None)

    def over(self, gliederung: Gliederung, decided: Decided = UNDECIDED) -> list[Amt]:
        """Everybody who could look after newcomers there today, nearest first."""
        chain = self._fitting(gliederung, set(), decided)
        return [amt for amt in chain if amt.person_id not in self.away]

    def stands_in(self, amt: Amt, gliederung: Gliederung) -> bool:
        return _responsible(amt, gliederung).stands_in

    def _all(self) -> Iterator[Amt]:
        for found in self._by_path.values():
            yield from found

    def _fitting(self, gliederung: Gliederung, without: set[UUID], decided: Decided) -> list[Amt]:
        """Whom this newcomer may get; the office only if nobody fits, to find somebody."""
        chain = list(self._chain(gliederung, without))
        if not decided.only_flinta:
            return chain
        fitting = [amt for amt in chain if amt.person_id in self.flinta]
        return fitting or [amt for amt in chain if amt.kind == Amt.Kind.GESCHAEFTSSTELLE]

    def _chain(self, gliederung: Gliederung, without: set[UUID]) -> Iterator[Amt]:
        for path in gliederung.ancestor_paths:
            for amt in self._by_path.get(path, []):
                if amt.person_id not in without:
                    yield amt


def _offices(paths: Collection[str] | None) -> QuerySet[Any]:
    away = Absence.objects.current().filter(person=OuterRef("person"))
    until = away.order_by().values("person").annotate(last=Max("last_day")).values("last")
    found = Amt.objects.active().filter(kind__in=STANDS_IN).select_related("gliederung")
    if paths is not None:
        found = found.filter(gliederung__path__in=paths)
    facts = {"away_until": Subquery(until), "is_flinta": F("person__is_flinta")}
    return found.annotate(**facts).order_by("beginn", "id")


def _tries(away: Collection[UUID], givers: Collection[UUID]) -> tuple[Callable[[Amt], bool], ...]:
    """What is asked of an office, less each time."""
    return (
        lambda amt: amt.person_id not in givers and amt.person_id not in away,
        lambda amt: amt.person_id not in givers and amt.kind == Amt.Kind.GESCHAEFTSSTELLE,
        lambda amt: amt.person_id not in away,
        lambda _: True,
    )


def _responsible(amt: Amt, gliederung: Gliederung) -> Responsible:
    own = amt.gliederung_id == gliederung.pk and amt.kind in LOOKS_AFTER
    return Responsible(amt.person_id, not own)


def decided_for(onboarding: Onboarding) -> Decided:
    """What humans have decided about one newcomer, and nobody has taken back."""
    live = list(Assignment.objects.live().filter(onboarding=onboarding))
    givers = frozenset(found.giver_id for found in live if found.giver_id)
    return Decided(live[0].taker_id if live else None, givers, onboarding.person.prefers_flinta)


@dataclass(frozen=True, slots=True)
class ShownContact:
    """What a newcomer may know about the person responsible for them (R12)."""

    person: Person | None
    phone: str  # the number they chose; "" means that they call
    until: date | None = None  # stands in for somebody who is away until then


NOBODY_YET = ShownContact(None, "")


def shown_contact(onboarding: Onboarding, office_phone: str) -> ShownContact:
    """Return who is responsible today, even if the office ended since it was assigned."""
    person, gliederung = onboarding.responsible, onboarding.person.gliederung
    people = ResponsiblePeople(gliederung.ancestor_paths if gliederung else None)
    amt = people.office_of(onboarding.responsible_id, gliederung)
    if gliederung and (amt is None or amt.person_id in people.away):
        decided = decided_for(onboarding)
        found = people.find(gliederung, [onboarding.person_id], decided)
        amt = people.office_of(found.person_id, gliederung)
        if amt and amt.person_id != onboarding.responsible_id:
            person = Person.objects.get(pk=amt.person_id)
    if person is None or amt is None:
        return NOBODY_YET
    until = _stands_in_until(people, onboarding, amt)
    return ShownContact(person, _shown_phone(person, amt, office_phone), until)


def _stands_in_until(people: ResponsiblePeople, onboarding: Onboarding, amt: Amt) -> date | None:
    """Until when somebody else is away who would look after this newcomer."""
    gliederung = onboarding.person.gliederung
    if not people.away or gliederung is None or amt.person_id in people.away:
        return None
    decided = decided_for(onboarding)
    usual = people.find(gliederung, [onboarding.person_id], decided, even_away=True)
    return people.away.get(usual.person_id) if usual.person_id else None


def _shown_phone(person: Person, amt: Amt, office_phone: str) -> str:
    if amt.shown_phone == Amt.ShownPhone.OFFICE:
        return office_phone
    if amt.shown_phone == Amt.ShownPhone.OWN:
        return person.best_phone or office_phone
    return ""
