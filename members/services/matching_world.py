"""Who takes part in a matching run: plain rows, region by region."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast

from members import matching
from members.models import (
    Gliederung,
    Kommune,
    Level,
    MatchingRun,
    MatchProposal,
    Mentor,
    Onboarding,
    PairRule,
    Person,
    Tandem,
)
from members.models.onboarding import OPEN_FOR_MENTORS
from members.models.people import former_member
from members.models.retention import held_people
from members.models.tandems import still_looking
from members.services import tandem_pairs
from portal.common import clock

GERMAN = "de"
# Without a level at which mentors stay, the whole district is one region, of this name.
WHOLE = ""
# So many regions are read at a time: asking for each takes longer than solving it.
TOGETHER = 64
HOME = ("person__plz", "person__street", "person__email", "person__phone", "person__mobile")
FACTS = (*HOME, "person__languages", "person__availability")
NAMES = ("person__given_name", "person__family_name")
Row = Any
Pairs = Iterable[tuple[UUID, UUID]]
# Id of a Gliederung → region; None says that everybody belongs to WHOLE.
Regions = Mapping[str | None, str] | None


@dataclass(frozen=True, slots=True)
class World:
    """One region: engine inputs, the rows behind their person ids, and what may never be."""

    newcomers: list[matching.Newcomer]
    mentors: list[matching.Mentor]
    onboardings: Mapping[UUID, str]
    mentor_rows: Mapping[UUID, str]
    vetoes: frozenset[tuple[UUID, UUID]]
    keep: Mapping[UUID, UUID]
    fixed: Mapping[UUID, UUID]


def regions(only: Sequence[str] = ()) -> Regions:
    """Where mentors stay: below the own Gliederung of the level that says so.

    Asking for some regions leaves the others out.
    """
    level = Level.objects.filter(mentors_stay=True).first()
    if level is None:
        return None
    asked = reduce(or_, (Q(path__contains=f"/{name}/") for name in only if name), Q())
    nodes = list(
        Gliederung.objects.filter(Q() if WHOLE in only else asked)
        .annotate(key=Cast("pk", TextField()))
        .values_list("key", "path", "level")
    )
    heads = {path.strip("/").rpartition("/")[2] for _, path, at in nodes if at == level.pk}
    found: dict[str | None, str] = {None: WHOLE} if WHOLE in only or not only else {}
    for key, path, _ in nodes:
        found[key] = next((part for part in path.strip("/").split("/") if part in heads), WHOLE)
    return found


def names_of(where: Regions) -> list[str]:
    """The regions in which somebody waits; one at least, so that a run has an end."""
    if where is None:
        return [WHOLE]
    waiting = waiting_for_a_mentor().annotate(place=Cast("person__gliederung", TextField()))
    return sorted({where[key] for key in waiting.values_list("place", flat=True).distinct()}) or [
        WHOLE
    ]


def load_worlds(where: Regions, names: Sequence[str]) -> Iterator[World]:
    """Read everybody who waits for a mentor in these regions, and who is active there today."""
    for start in range(0, len(names), TOGETHER):
        some = names[start : start + TOGETHER]
        loaded = _Rows(where, some)
        yield from map(loaded.world, some)


def waiting_for_a_mentor() -> QuerySet[Onboarding]:
    return (
        Onboarding.objects.filter(still_looking())
        .filter(OPEN_FOR_MENTORS)
        .exclude(former_member(OuterRef("person")))
        .exclude(person__in=held_people())
        .exclude(person__in=Tandem.objects.open().values("newcomer"))
    )


def available_mentors() -> QuerySet[Mentor]:
    return Mentor.objects.available(clock.today()).exclude(person__in=held_people())


class _Rows:
    """What is stored about some regions."""

    def __init__(self, where: Regions, names: Sequence[str]) -> None:
        self.where, self.today = where, clock.today()
        wanted = set(names)
        self.nodes = None if where is None else {pk for pk, name in where.items() if name in wanted}
        self.newcomers = self._by_region(
            waiting_for_a_mentor(),
            ("started_on", "wished_mentor", "person__adult_on", "person__prefers_flinta"),
        )
        self.mentors = self._by_region(
            available_mentors(),
            ("capacity", "accepts_minors", "person__is_flinta", *NAMES),
        )
        towns = {row.town for rows in self.mentors.values() for row in rows} - {None}
        self.near: dict[str, set[str]] = defaultdict(set)
        borders = Kommune.neighbours.through._default_manager.filter(from_kommune__in=towns)
        both = [Cast(name, TextField()) for name in ("from_kommune", "to_kommune")]
        for one, other in borders.values_list(*both):
            self.near[one].add(other)
        places = self._inside("mentor") | self._inside("second")
        self.taken = tandem_pairs.places_taken(places)
        self.keep = dict(
            MatchProposal.objects.filter(
                self._inside("onboarding__person"),
                run__state=MatchingRun.State.CURRENT,
                mentor__isnull=False,
            ).values_list("onboarding__person_id", "mentor__person_id")
        )
        rules = PairRule.objects.filter(self._inside("newcomer"), kind=PairRule.Kind.FIXED)
        self.fixed = dict(rules.values_list("newcomer", "mentor"))
        self.apart: dict[UUID, set[UUID]] = defaultdict(set)
        for read in (tandem_pairs.parted, tandem_pairs.forbidden):
            for newcomer, mentor in read(self._inside("newcomer")):
                self.apart[newcomer].add(mentor)

    def _inside(self, person: str) -> Q:
        if self.nodes is None:
            return Q()
        inside = Q(**{f"{person}__gliederung__in": self.nodes - {None}})
        nowhere = Q(**{f"{person}__isnull": False, f"{person}__gliederung": None})
        return inside | nowhere if None in self.nodes else inside

    def _by_region(self, found: QuerySet[Any], own: Sequence[str]) -> dict[str, list[Row]]:
        topics = Person.topics.through._default_manager.filter(person=OuterRef("person"))
        rows = (
            found.filter(self._inside("person"))
            .annotate(
                key=Cast("pk", TextField()),
                place=Cast("person__gliederung", TextField()),
                town=Cast("person__kommune", TextField()),
                topics=ArraySubquery(topics.values("topic__code")),
            )
            .values_list("key", "person_id", "place", "town", "topics", *FACTS, *own, named=True)
        )
        regions: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            regions[self.where[row.place] if self.where else WHOLE].append(row)
        return regions

    def world(self, region: str) -> World:
        newcomers, mentors = self.newcomers[region], self.mentors[region]
        named = _by_name(mentors)
        people = {row.person_id for row in newcomers}
        return World(
            newcomers=[self._newcomer(row, region, named) for row in newcomers],
            mentors=[self._mentor(row, region) for row in mentors],
            onboardings={row.person_id: row.key for row in newcomers},
            mentor_rows={row.person_id: row.key for row in mentors},
            vetoes=frozenset(self._unwanted(newcomers, mentors)),
            keep={pk: self.keep[pk] for pk in people & self.keep.keys()},
            fixed={pk: self.fixed[pk] for pk in people & self.fixed.keys()},
        )

    def _newcomer(
        self, row: Row, region: str, named: Mapping[str, frozenset[UUID]]
    ) -> matching.Newcomer:
        return matching.Newcomer(
            id=row.person_id,
            region=region,
            gliederung=row.place or "",
            kommune=row.town or "",
            topics=frozenset(row.topics),
            languages=frozenset(row.person__languages),
            slots=frozenset(row.person__availability),
            is_minor=bool(row.person__adult_on and row.person__adult_on > self.today),
            wished=named.get(_plain(row.wished_mentor), frozenset()),
            waiting_days=(self.today - row.started_on).days,
        )

    def _mentor(self, row: Row, region: str) -> matching.Mentor:
        return matching.Mentor(
            id=row.person_id,
            region=region,
            gliederung=row.place or "",
            kommune=row.town or "",
            near=frozenset(self.near[row.town]),
            topics=frozenset(row.topics),
            languages=frozenset(row.person__languages or [GERMAN]),
            slots=frozenset(row.person__availability),
            capacity=row.capacity,
            taken=self.taken[row.person_id],
            accepts_minors=row.accepts_minors,
        )

    def _unwanted(self, newcomers: Sequence[Row], mentors: Sequence[Row]) -> Pairs:
        """Pairs that may never be, whatever they would be worth; none of it shows in a reason.

        Who had a tandem or did not want one, whom the coordinator keeps apart, who lives together,
        and mentors who are no FLINTA* persons for whoever asked for one (R13).
        """
        others = [row.person_id for row in mentors if not row.person__is_flinta]
        homes: dict[tuple[str, ...], list[UUID]] = defaultdict(list)
        for row in mentors:
            for home in _homes(row):
                homes[home].append(row.person_id)
        for row in newcomers:
            yield from ((row.person_id, mentor) for mentor in self.apart.get(row.person_id, ()))
            if row.person__prefers_flinta:
                yield from ((row.person_id, mentor) for mentor in others)
            for home in _homes(row):
                yield from ((row.person_id, mentor) for mentor in homes.get(home, ()))


def _by_name(mentors: Iterable[Row]) -> dict[str, frozenset[UUID]]:
    """Who is meant by „Vorname Nachname“; of two with the same name either."""
    named: dict[str, frozenset[UUID]] = {}
    for row in mentors:
        name = _plain(f"{row.person__given_name} {row.person__family_name}")
        named[name] = named.get(name, frozenset()) | {row.person_id}
    return named


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def _homes(row: Row) -> Iterator[tuple[str, ...]]:
    """Same address, telephone or mail: one household (E2)."""
    if row.person__street and row.person__plz:
        yield row.person__plz, row.person__street.casefold()
    ways = {row.person__email.casefold(), row.person__phone, row.person__mobile}
    yield from ((way,) for way in ways - {""})
