"""Which Gliederung and Kommune a row belongs to."""

import re
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from members.imports.rules import Row
from members.models import District, Gliederung, Level, Person, PostalCode
from members.sorting import fold

UNKNOWN_PLZ = "Diese Postleitzahl gehört zu keiner Kommune. Bitte prüfen."


@dataclass(frozen=True, slots=True)
class Place:
    """What the row says about where somebody belongs; None where it does not say it surely."""

    gliederung: UUID | None
    kommune: UUID | None
    question: str  # a Person.Question value


class Places:
    """The district's Gliederungen, Kommunen and postal codes, read once per import."""

    def __init__(self) -> None:
        district = District.current()
        words = {fold(district.party)}
        for level in Level.objects.all():
            words |= {fold(level.name), fold(level.short)}
        alternatives = "|".join(sorted(map(re.escape, words), key=len, reverse=True))
        self._prefix = re.compile(rf"^(?:(?:{alternatives})[\s.\-]+)+")
        self._by_name: dict[str, list[UUID]] = {}
        self._kommunen: dict[UUID, set[UUID]] = {}
        below = Gliederung.objects.subtree(district.gliederung).filter(level__takes_members=True)
        for gliederung in below.open().prefetch_related("kommunen"):
            self._by_name.setdefault(self._key(gliederung.name), []).append(gliederung.pk)
            self._kommunen[gliederung.pk] = {kommune.pk for kommune in gliederung.kommunen.all()}
        self._add_old_names(below.filter(successor__closed_on=None))
        self._by_plz: dict[str, set[UUID]] = {}
        for plz, kommune in PostalCode.objects.values_list("plz", "kommune_id"):
            self._by_plz.setdefault(plz, set()).add(kommune)

    def _add_old_names(self, merged: QuerySet[Gliederung]) -> None:
        """Exports keep the old name for years: it means what the Gliederung went into."""
        taken = set(self._by_name)
        for name, successor in merged.values_list("name", "successor"):
            known = self._by_name.setdefault(self._key(name), [])
            if self._key(name) not in taken and successor and successor not in known:
                known.append(successor)

    def _key(self, name: str) -> str:
        return re.sub(r"\s*-\s*", "-", self._prefix.sub("", fold(name)))

    def place(self, row: Row) -> Place:
        """Return where the row belongs; warns on the row about what a human must decide."""
        kommunen = self._by_plz.get(row.values.get("plz", ""), set())
        gliederung = self._gliederung(row, kommunen)
        question = Person.Question.NONE if gliederung else Person.Question.ORTSVEREIN
        if row.values.get("plz") and not kommunen:
            row.warn("plz", UNKNOWN_PLZ)
            question = question or Person.Question.PLZ
        return Place(gliederung, self._kommune(kommunen, gliederung), question)

    def _gliederung(self, row: Row, kommunen: set[UUID]) -> UUID | None:
        name = row.values.get("gliederung", "")
        if name:
            found = self._by_name.get(self._key(name), [])
            if len(found) != 1:
                row.warn("gliederung", "Diese Gliederung ist nicht bekannt. Bitte zuordnen.")
            return found[0] if len(found) == 1 else None
        # Outside the big city a postal code usually means exactly one Ortsverein (C4).
        certain = [g for g, own in self._kommunen.items() if own & kommunen]
        if len(kommunen) == 1 and len(certain) == 1:
            return certain[0]
        row.warn("gliederung", "Die Gliederung fehlt. Bitte zuordnen.")
        return None

    def _kommune(self, kommunen: set[UUID], gliederung: UUID | None) -> UUID | None:
        own = self._kommunen.get(gliederung, set()) if gliederung else set()
        for candidates in (kommunen & own, kommunen, own):
            if len(candidates) == 1:
                return next(iter(candidates))
        return None
