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

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar
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
from members.matching_grid import GERMAN, Grid, grid_of, marked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from members.matching_grid import Bools, Ints

__all__ = ["DEFAULT_WEIGHTS", "Mentor", "Newcomer", "Pair", "Result", "Unmatched", "Weights"]

STEPS_TO_ALL = 4
# scipy adds up to two weights of twice this before it compares; float64 is exact to 2**53.
LARGEST_UNIT = 2**51
MIX = 0x9E3779B97F4A7C15
Person = TypeVar("Person", Newcomer, Mentor)

NONE_HERE = "Im Gebiet gibt es noch keine Mentor:in mit freiem Platz."
NONE_FREE = "Zurzeit ist keine passende Mentor:in frei; ein weiterer Platz oder eine weitere hilft."


@dataclass(frozen=True, slots=True)
class Solved:
    """One region and who got whom in it; `chosen` maps rows of the grid to its columns."""

    grid: Grid
    chosen: Mapping[int, int]

    def mates(self) -> Iterator[tuple[UUID, UUID]]:
        newcomers, mentors = self.grid.newcomers, self.grid.mentors
        return ((newcomers[row].id, mentors[at].id) for row, at in self.chosen.items())


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
    return describe(solve(newcomers, mentors, weights, vetoes=vetoes, keep=keep))


def assign(
    newcomers: Iterable[Newcomer], mentors: Iterable[Mentor], weights: Weights = DEFAULT_WEIGHTS
) -> dict[UUID, UUID]:
    """Who would get whom, as `match` has it, without saying why: newcomer → mentor."""
    solved = solve(newcomers, mentors, weights)
    return {newcomer: mentor for one in solved for newcomer, mentor in one.mates()}


def describe(solved: Iterable[Solved]) -> Result:
    """Points and reasons for what was solved."""
    pairs: list[Pair] = []
    unmatched: list[Unmatched] = []
    for one in solved:
        grid, group = one.grid, one.grid.newcomers
        pairs += _pairs(grid, one.chosen)
        left = [row for row in range(len(group)) if row not in one.chosen]
        blocks = _overfull(grid) if left else {}
        unmatched += [Unmatched(group[at].id, *_reason(grid, at, blocks.get(at))) for at in left]
    pairs.sort(key=lambda pair: pair.newcomer.int)
    unmatched.sort(key=lambda gap: gap.newcomer.int)
    return Result(tuple(pairs), tuple(unmatched), sum(pair.score for pair in pairs))


def solve(
    newcomers: Iterable[Newcomer],
    mentors: Iterable[Mentor],
    weights: Weights = DEFAULT_WEIGHTS,
    *,
    vetoes: Set[tuple[UUID, UUID]] = frozenset(),
    keep: Mapping[UUID, UUID] = MappingProxyType({}),
) -> Iterator[Solved]:
    """As `match`, region by region and not described yet."""
    mentors_in = _by_region(mentors)
    vetoed: dict[UUID, list[UUID]] = {}
    for newcomer, mentor in vetoes:
        vetoed.setdefault(newcomer, []).append(mentor)
    for region, group in _by_region(newcomers).items():
        local = mentors_in.get(region, [])
        kept = {n.id: keep[n.id] for n in group if n.id in keep}
        grid = grid_of(group, local, weights, kept)
        blocked = ((n.id, mentor) for n in group for mentor in vetoed.get(n.id, ()))
        chosen = _solve(grid, grid.free & grid.fits & ~marked(group, local, blocked))
        yield Solved(grid, chosen)


def _by_region(people: Iterable[Person]) -> dict[str, list[Person]]:
    """Each region sorted by id: everything after is independent of the order of rows."""
    regions: dict[str, list[Person]] = {}
    ordered = sorted(people, key=lambda person: person.id.int)
    if len({person.id for person in ordered}) < len(ordered):
        raise ValueError("somebody appears twice")
    for person in ordered:
        regions.setdefault(person.region, []).append(person)
    return regions


def _solve(grid: Grid, allowed: Bools) -> dict[int, int]:
    """The best assignment, row → column, one connected component after the other."""
    import numpy as np  # lazy, see module docstring
    from scipy.optimize import linear_sum_assignment

    score = np.zeros(allowed.shape, np.int32)
    for part in grid.parts.values():
        score += part
    waiting = np.array([newcomer.waiting_days for newcomer in grid.newcomers])
    left, right = (
        np.array([one.id.int * MIX % (2**61 - 1) | 1 for one in side], np.uint64)
        for side in (grid.newcomers, grid.mentors)
    )
    ties = np.multiply.outer(left, right)
    ties >>= np.uint64(44)
    chosen: dict[int, int] = {}
    for rows, columns in _components(allowed):
        loads = [grid.loads[column] for column in columns]
        places = np.repeat(columns, [len(load) for load in loads])
        is_all = len(rows) == len(allowed) and np.array_equal(places, range(allowed.shape[1]))
        cells: Any = slice(None) if is_all else np.ix_(rows, places)
        cost = _pack(
            allowed[cells],
            score[cells] - np.concatenate(loads).astype(np.int32),
            *([grid.kept[cells]] if grid.kept.any() else []),
            np.unique(waiting[rows], return_inverse=True)[1][:, None],
            ties.view(np.int64)[cells],
        )
        best = zip(*linear_sum_assignment(cost), strict=True)
        chosen |= {int(rows[row]): int(places[at]) for row, at in best if cost[row, at]}
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


def _pack(links: Bools, score: Ints, *lesser: Ints) -> NDArray[np.float64]:
    """One cost per link, minus a whole number: sums ordered by (matched, score, *lesser).

    `Weights` keeps scores so small that only `lesser` may have to coarsen.
    """
    import numpy as np  # lazy, see module docstring

    gain = score - np.where(links, score, score.max()).min()
    gain *= links
    gain //= max(1, np.gcd.reduce(gain, axis=None))
    cost, unit = links.astype(np.float64), 1
    for level in (gain, *lesser):
        room = LARGEST_UNIT // unit - 1
        highest = int(np.sort(level.max(axis=1))[-min(links.shape) :].sum())
        if highest > room:
            bits = (highest // max(1, room)).bit_length()
            level, highest = level >> bits, highest >> bits
        cost *= highest + 1
        cost += level
        unit *= highest + 1
    np.negative(cost, out=cost)
    cost *= links  # what is no link costs nothing
    return cost


def _pairs(grid: Grid, chosen: Mapping[int, int]) -> list[Pair]:
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


def _reason(grid: Grid, row: int, block: tuple[int, int] | None) -> tuple[str, str]:
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


def _overfull(grid: Grid) -> dict[int, tuple[int, int]]:
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
