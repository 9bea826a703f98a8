"""Propose mentors to newcomers: a pure calculation, data in, data out.

Exact and lexicographic: most newcomers matched, then the highest total score, then most open
proposals kept, then the longest waiting, then a hash of the two ids. Matched and score are exact
at any size, keeping and waiting up to thousands of newcomers in one region; the hash gets the bits
that are left, and what it leaves equal is settled by sorting everything by id first.

Blocks ("nicht mit ...") arrive as `vetoes` and take pairs away, nothing else: sentences and counts
are made from the world without them. So a pair does not tell its rank either: "2. Wahl von 2"
beside a free first choice would be a block in plain sight.

numpy and scipy are imported inside functions: 0.6 s and 60 MB that no page needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from members.matching_data import (
    DEFAULT_WEIGHTS,
    Mentor,
    Newcomer,
    Pair,
    Result,
    Unmatched,
    Weights,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

__all__ = ["DEFAULT_WEIGHTS", "Mentor", "Newcomer", "Pair", "Result", "Unmatched", "Weights"]

GERMAN = "de"
COUNTED_TOPICS = 3
BITS_IN_A_WORD = 62
STEPS_TO_ALL = 4
# scipy adds up to two weights of twice this before it compares; float64 is exact to 2**53.
LARGEST_UNIT = 2**51
MIX = 0x9E3779B97F4A7C15
Person = TypeVar("Person", Newcomer, Mentor)
NO_NAMES: Mapping[str, str] = MappingProxyType({})

NONE_HERE = "Im Gebiet gibt es noch keine Mentor:in mit freiem Platz."
NONE_FREE = "Zurzeit ist keine passende Mentor:in frei; ein weiterer Platz oder eine weitere hilft."


@dataclass(frozen=True, slots=True)
class _Grid:
    """One region before vetoes; arrays are [newcomers, mentors], `loads` one penalty per place."""

    newcomers: Sequence[Newcomer]
    mentors: Sequence[Mentor]
    loads: Sequence[Sequence[int]]
    free: Bools
    speaks: Bools
    protects: Bools
    fits: Bools
    kept: Ints
    parts: Mapping[str, Ints]


def match(
    newcomers: Iterable[Newcomer],
    mentors: Iterable[Mentor],
    weights: Weights = DEFAULT_WEIGHTS,
    *,
    vetoes: Set[tuple[UUID, UUID]] = frozenset(),
    keep: Mapping[UUID, UUID] = MappingProxyType({}),
) -> Result:
    """Best proposals, region by region; everybody appears once, paired or with a reason.

    `vetoes` are (newcomer, mentor) and never traded; `keep` maps newcomers to open proposals.
    """
    pairs: list[Pair] = []
    unmatched: list[Unmatched] = []
    for grid, chosen in _solved(newcomers, mentors, weights, vetoes, keep):
        group = grid.newcomers
        pairs += _pairs(grid, chosen)
        left = [row for row in range(len(group)) if row not in chosen]
        blocks = _overfull(grid) if left else {}
        unmatched += [Unmatched(group[at].id, *_reason(grid, at, blocks.get(at))) for at in left]
    pairs.sort(key=lambda pair: pair.newcomer.int)
    unmatched.sort(key=lambda one: one.newcomer.int)
    return Result(tuple(pairs), tuple(unmatched), sum(pair.score for pair in pairs))


def assign(
    newcomers: Iterable[Newcomer],
    mentors: Iterable[Mentor],
    weights: Weights = DEFAULT_WEIGHTS,
    *,
    vetoes: Set[tuple[UUID, UUID]] = frozenset(),
    keep: Mapping[UUID, UUID] = MappingProxyType({}),
) -> dict[UUID, UUID]:
    """Who would get whom, as `match` has it, without saying why: newcomer → mentor."""
    return {
        grid.newcomers[row].id: grid.mentors[column].id
        for grid, chosen in _solved(newcomers, mentors, weights, vetoes, keep)
        for row, column in chosen.items()
    }


def _solved(
    newcomers: Iterable[Newcomer],
    mentors: Iterable[Mentor],
    weights: Weights,
    vetoes: Set[tuple[UUID, UUID]],
    keep: Mapping[UUID, UUID],
) -> Iterator[tuple[_Grid, dict[int, int]]]:
    mentors_in = _by_region(mentors)
    vetoed: dict[UUID, list[UUID]] = {}
    for newcomer, mentor in vetoes:
        vetoed.setdefault(newcomer, []).append(mentor)
    for region, group in _by_region(newcomers).items():
        local = mentors_in.get(region, [])
        kept = {n.id: keep[n.id] for n in group if n.id in keep}
        grid = _grid(group, local, weights, kept)
        blocked = ((n.id, mentor) for n in group for mentor in vetoed.get(n.id, ()))
        yield grid, _solve(grid, grid.free & grid.fits & ~_marked(group, local, blocked))


def explain(
    pair: Pair,
    topic_names: Mapping[str, str] = NO_NAMES,
    slot_names: Mapping[str, str] = NO_NAMES,
    language_names: Mapping[str, str] = NO_NAMES,
) -> str:
    """One German sentence why these two, without a person's name; mappings are code → label.

    Load, wish and keeping are left out: the first could tell of a block, the second who it is
    (R14), the third means nothing to whoever reads it.
    """
    where = "derselben Kommune" if pair.same_kommune else "benachbarten Kommunen"
    sentences = {
        "topics": f"interessieren sich für {_listed(pair.shared_topics, topic_names)}",
        "gliederung": "gehören zur selben Gliederung",
        "kommune": f"wohnen in {where}",
        "languages": f"sprechen {_listed(pair.shared_languages, language_names)}",
        "availability": f"haben {_listed(pair.shared_slots, slot_names)} Zeit",
    }
    facts = [text for part, text in sentences.items() if part in pair.parts]
    return f"Beide {_joined(facts or ['gehören zum selben Gebiet'])}."


def _listed(codes: Iterable[str], names: Mapping[str, str]) -> str:
    return _joined(sorted(names.get(code, code) for code in codes))


def _joined(words: Sequence[str]) -> str:
    return " und ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def _by_region(people: Iterable[Person]) -> dict[str, list[Person]]:
    """Each region sorted by id: everything after is independent of the order of rows."""
    regions: dict[str, list[Person]] = {}
    ordered = sorted(people, key=lambda person: person.id.int)
    if len({person.id for person in ordered}) < len(ordered):
        raise ValueError("somebody appears twice")
    for person in ordered:
        regions.setdefault(person.region, []).append(person)
    return regions


def _grid(
    newcomers: Sequence[Newcomer],
    mentors: Sequence[Mentor],
    weights: Weights,
    keep: Mapping[UUID, UUID],
) -> _Grid:
    import numpy as np  # lazy, see module docstring

    last = len(weights.load) - 1
    loads = [[weights.load[min(at, last)] for at in range(m.taken, m.capacity)] for m in mentors]
    others = ~_marked(newcomers, mentors, ((n.id, n.id) for n in newcomers))
    speaks = _shared([n.languages for n in newcomers], [m.languages for m in mentors]) > 0
    speaks[[not n.languages for n in newcomers]] = True
    speaks[:, [not m.languages for m in mentors]] = True
    adult = np.array([not n.is_minor for n in newcomers], bool)
    protects = adult[:, None] | np.array([m.accepts_minors for m in mentors], bool)
    kept = _marked(newcomers, mentors, keep.items()).astype(np.int64)
    named = ((n.id, mentor) for n in newcomers for mentor in n.wished)
    wished = _marked(newcomers, mentors, named).astype(np.int64)
    return _Grid(
        newcomers,
        mentors,
        loads,
        free=others & np.array([bool(places) for places in loads], bool),
        speaks=speaks,
        protects=protects,
        fits=others & speaks & protects,
        kept=kept,
        parts=_parts(newcomers, mentors, weights)
        | {"keep": weights.keep * kept, "wish": weights.wish * wished},
    )


def _parts(
    newcomers: Sequence[Newcomer], mentors: Sequence[Mentor], weights: Weights
) -> dict[str, Ints]:
    """Points per shared fact, each [newcomers, mentors]; of the two kinds of near the better."""
    homes = [{n.gliederung} - {""} for n in newcomers]
    same = weights.same_gliederung * _shared(homes, [{m.gliederung} for m in mentors])
    towns = [{n.kommune} - {""} for n in newcomers]
    near = weights.near_kommune * _shared(towns, [m.near | {m.kommune} for m in mentors])
    topics = _shared([n.topics for n in newcomers], [m.topics for m in mentors])
    further = _shared([n.languages - {GERMAN} for n in newcomers], [m.languages for m in mentors])
    slots = _shared([n.slots for n in newcomers], [m.slots for m in mentors])
    return {
        "gliederung": same * (same >= near),
        "kommune": near * (near > same),
        "topics": weights.topic * topics.clip(max=COUNTED_TOPICS),
        "languages": weights.language * further.clip(max=1),
        "availability": weights.availability * slots.clip(max=1),
    }


def _shared(left: Sequence[Set[str]], right: Sequence[Set[str]]) -> Ints:
    """How many codes each two sets share, [left, right]; a set is bits, so many to a word."""
    import numpy as np  # lazy, see module docstring

    known = sorted(set().union(*left) & set().union(*right))
    shared = np.zeros((len(left), len(right)), np.int64)
    for start in range(0, len(known), BITS_IN_A_WORD):
        bits = {code: 1 << at for at, code in enumerate(known[start : start + BITS_IN_A_WORD])}
        one, other = (
            np.array([sum([bits[code] for code in codes if code in bits]) for codes in sets], int)
            for sets in (left, right)
        )
        shared += np.bitwise_count(one[:, None] & other)
    return shared


def _marked(
    newcomers: Sequence[Newcomer], mentors: Sequence[Mentor], pairs: Iterable[tuple[UUID, UUID]]
) -> Bools:
    """Where a newcomer meets a mentor of theirs in `pairs`; whoever is not here is left out."""
    import numpy as np  # lazy, see module docstring

    marks = np.zeros((len(newcomers), len(mentors)), bool)
    rows = {newcomer.id: row for row, newcomer in enumerate(newcomers)}
    columns = {mentor.id: column for column, mentor in enumerate(mentors)}
    for newcomer, mentor in pairs:
        if newcomer in rows and mentor in columns:
            marks[rows[newcomer], columns[mentor]] = True
    return marks


def _solve(grid: _Grid, allowed: Bools) -> dict[int, int]:
    """The best assignment, row → column, one connected component after the other."""
    import numpy as np  # lazy, see module docstring
    from scipy.optimize import linear_sum_assignment

    score = np.sum(list(grid.parts.values()), axis=0)
    waiting = np.array([newcomer.waiting_days for newcomer in grid.newcomers])
    left, right = (
        np.array([one.id.int * MIX % (2**61 - 1) | 1 for one in side], np.uint64)
        for side in (grid.newcomers, grid.mentors)
    )
    ties = (np.multiply.outer(left, right) >> np.uint64(44)).astype(np.int64)
    chosen: dict[int, int] = {}
    for rows, columns in _components(allowed):
        loads = [grid.loads[column] for column in columns]
        places = np.repeat(columns, [len(load) for load in loads])
        cells = np.ix_(rows, places)
        weight = _pack(
            allowed[cells],
            score[cells] - np.concatenate(loads),
            grid.kept[cells],
            np.unique(waiting[rows], return_inverse=True)[1][:, None],
            ties[cells],
        )
        best = zip(*linear_sum_assignment(weight, maximize=True), strict=True)
        chosen |= {int(rows[row]): int(places[at]) for row, at in best if weight[row, at]}
    return chosen


def _components(links: Bools) -> list[tuple[Ints, Ints]]:
    """Rows and columns of each connected component that has a link."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if whole := _one_component(links):
        return [whole]
    size, (rows, columns) = sum(links.shape), links.nonzero()
    graph = coo_array((links[rows, columns], (rows, columns + len(links))), (size, size))
    labels = connected_components(graph, directed=False)[1]
    left, right = labels[: len(links)], labels[len(links) :]
    found = sorted(set(left[links.any(axis=1)].tolist()))
    return [((left == label).nonzero()[0], (right == label).nonzero()[0]) for label in found]


def _one_component(links: Bools) -> tuple[Ints, Ints] | None:
    """The usual case: from the first link everything with a link is two or three steps away."""
    import numpy as np  # lazy, see module docstring

    rows: Bools = np.asarray(links.any(axis=1))
    columns: Bools = np.asarray(links.any(axis=0))
    reached = rows & (rows.cumsum() == 1)
    for _ in range(STEPS_TO_ALL if reached.any() else 0):
        if (reached == rows).all():
            return rows.nonzero()[0], columns.nonzero()[0]
        reached = links[:, links[reached].any(axis=0)].any(axis=1)
    return None


def _pack(links: Bools, score: Ints, *lesser: Ints) -> Ints:
    """One integer per link, sums ordered by (matched, score, *lesser); only lesser may coarsen."""
    import numpy as np  # lazy, see module docstring

    gain = np.where(links, score - score[links].min(), 0)
    gain //= max(1, np.gcd.reduce(gain, axis=None))
    weight, unit = links.astype(np.int64), 1
    for level in (gain, *(np.where(links, values, 0) for values in lesser)):
        room = LARGEST_UNIT // unit - 1
        highest = int(np.sort(level.max(axis=1))[-min(links.shape) :].sum())
        if highest > room:
            if level is gain:
                raise ValueError("weights too large to be compared exactly")
            level, highest = level * room // highest, room
        weight = weight * (highest + 1) + level
        unit *= highest + 1
    return weight


def _pairs(grid: _Grid, chosen: Mapping[int, int]) -> list[Pair]:
    """The longest waiting of a mentor's newcomers gets the mentor's cheapest place."""
    loads = [iter(places) for places in grid.loads]
    rows = sorted(chosen, key=lambda row: (-grid.newcomers[row].waiting_days, row))
    columns = [chosen[row] for row in rows]
    points = [part[rows, columns].tolist() for part in grid.parts.values()]
    pairs = []
    for row, column, *earned in zip(rows, columns, *points, strict=True):
        newcomer, mentor = grid.newcomers[row], grid.mentors[column]
        parts = {name: value for name, value in zip(grid.parts, earned, strict=True) if value}
        if load := next(loads[column]):
            parts["load"] = -load
        pairs.append(
            Pair(
                newcomer=newcomer.id,
                mentor=mentor.id,
                score=sum(parts.values()),
                parts=parts,
                shared_topics=tuple(sorted(newcomer.topics & mentor.topics)),
                shared_languages=tuple(sorted((newcomer.languages & mentor.languages) - {GERMAN})),
                shared_slots=tuple(sorted(newcomer.slots & mentor.slots)),
                same_kommune=newcomer.kommune == mentor.kommune,
            )
        )
    return pairs


def _reason(grid: _Grid, row: int, block: tuple[int, int] | None) -> tuple[str, str]:
    """Code and sentence, made from the visible rules only: the same with and without vetoes."""
    free, fits = grid.free[row], grid.fits[row]
    if block:
        count, people, places = int((free & fits).sum()), block[0], block[1]
        who = "1 mögliche Mentor:in" if count == 1 else f"{count} mögliche Mentor:innen, alle"
        what = "1 Platz" if places == 1 else f"{places} Plätze"
        return "capacity", f"{who} voll: {people} Neumitglieder teilen sich {what}."
    if fits.any():
        return "capacity", NONE_FREE
    if not free.any():
        return "no_mentor_in_region", NONE_HERE
    rules = {"gemeinsame Sprache": grid.speaks, "Schutzkonzept für Minderjährige": grid.protects}
    lacking = {name: int((free & ~rule[row]).sum()) for name, rule in rules.items()}
    why = ", ".join(f"ohne {name} ({count})" for name, count in lacking.items() if count)
    who = "1 Mentor:in hat" if free.sum() == 1 else f"{free.sum()} Mentor:innen haben"
    return "excluded", f"{who} einen freien Platz, aber keine passt: {why}."


def _overfull(grid: _Grid) -> dict[int, tuple[int, int]]:
    """Row → (newcomers, places) of its over-demanded block (Dulmage-Mendelsohn, so unique)."""
    import numpy as np  # lazy, see module docstring
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    links, free = grid.free & grid.fits, np.array([len(places) for places in grid.loads], int)
    places = np.repeat(np.arange(len(free)), free)
    mates = maximum_bipartite_matching(csr_array(links[:, places]), perm_type="column")
    held = np.zeros_like(links)
    held[mates >= 0, places[mates[mates >= 0]]] = True
    reached, before = mates < 0, 0
    while (size := int(reached.sum())) > before:
        before = size
        reached = reached | held[:, links[reached].any(axis=0)].any(axis=1)
    return {
        int(row): (len(rows), int(free[columns].sum()))
        for rows, columns in _components(links & reached[:, None])
        for row in rows
    }
