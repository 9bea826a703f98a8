"""Everybody against everybody of one region, as arrays: what the matching engine solves.

numpy is imported inside functions: pages need none of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from members.matching_data import Mentor, Newcomer, Weights

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.integer]
    Bools = NDArray[np.bool_]

GERMAN = "de"
NOTHING: frozenset[str] = frozenset()
COUNTED_TOPICS = 3
BITS_IN_A_WORD = 32


@dataclass(frozen=True, slots=True)
class Grid:
    """One region before vetoes; arrays are [newcomers, mentors], `loads` one penalty per place."""

    newcomers: Sequence[Newcomer]
    mentors: Sequence[Mentor]
    loads: Sequence[Sequence[int]]
    free: Bools
    speaks: Bools
    protects: Bools
    fits: Bools
    kept: Bools
    parts: Mapping[str, Ints]


def grid_of(
    newcomers: Sequence[Newcomer],
    mentors: Sequence[Mentor],
    weights: Weights,
    keep: Mapping[UUID, UUID],
) -> Grid:
    import numpy as np  # lazy, see module docstring

    last = len(weights.load) - 1
    loads = [[weights.load[min(at, last)] for at in range(m.taken, m.capacity)] for m in mentors]
    others = ~marked(newcomers, mentors, ((n.id, n.id) for n in newcomers))
    languages = _shared([n.languages for n in newcomers], [m.languages for m in mentors])
    speaks = languages > 0
    speaks[[not n.languages for n in newcomers]] = True
    speaks[:, [not m.languages for m in mentors]] = True
    adult = np.array([not n.is_minor for n in newcomers], bool)
    protects = adult[:, None] | np.array([m.accepts_minors for m in mentors], bool)
    kept = marked(newcomers, mentors, keep.items())
    parts = _parts(newcomers, mentors, weights, languages)
    if kept.any():
        parts["keep"] = kept * np.int32(weights.keep)
    if named := [(n.id, mentor) for n in newcomers for mentor in n.wished]:
        parts["wish"] = marked(newcomers, mentors, named) * np.int32(weights.wish)
    return Grid(
        newcomers,
        mentors,
        loads,
        free=others & np.array([bool(places) for places in loads], bool),
        speaks=speaks,
        protects=protects,
        fits=others & speaks & protects,
        kept=kept,
        parts=parts,
    )


def _parts(
    newcomers: Sequence[Newcomer], mentors: Sequence[Mentor], weights: Weights, languages: Ints
) -> dict[str, Ints]:
    """Points per shared fact, each [newcomers, mentors]; of the two kinds of near the better.

    `languages` counts those they share.
    """
    import numpy as np  # lazy, see module docstring

    same = _equal([n.gliederung for n in newcomers], [m.gliederung for m in mentors])
    towns = [frozenset((n.kommune,)) if n.kommune else NOTHING for n in newcomers]
    places = [m.near | {m.kommune} for m in mentors]
    near = _shared(towns, places) > 0
    if weights.same_gliederung >= weights.near_kommune:
        near &= ~same
    else:
        same &= ~near
    topics = _shared([n.topics for n in newcomers], [m.topics for m in mentors])
    german = np.array([GERMAN in n.languages for n in newcomers], bool)[:, None]
    further = languages > (german & np.array([GERMAN in m.languages for m in mentors], bool))
    slots = _shared([n.slots for n in newcomers], [m.slots for m in mentors])
    return {
        "gliederung": same * np.int32(weights.same_gliederung),
        "kommune": near * np.int32(weights.near_kommune),
        "topics": np.minimum(topics, COUNTED_TOPICS) * np.int32(weights.topic),
        "languages": further * np.int32(weights.language),
        "availability": (slots > 0) * np.int32(weights.availability),
    }


def _equal(left: Sequence[str], right: Sequence[str]) -> Bools:
    """Where two codes are the same and known, [left, right]."""
    import numpy as np  # lazy, see module docstring

    numbers = {code: at for at, code in enumerate({*left, *right})}
    one, other = (
        np.array([numbers[code] if code else unknown for code in codes], np.int32)
        for codes, unknown in ((left, -1), (right, -2))
    )
    return np.equal.outer(one, other)


def _shared(left: Sequence[frozenset[str]], right: Sequence[frozenset[str]]) -> Ints:
    """How many codes each two sets share, [left, right]; a set is bits, so many to a word."""
    import numpy as np  # lazy, see module docstring

    kinds, others = set(left), set(right)  # many people have the same set
    known, word = sorted(set().union(*kinds) & set().union(*others)), np.uint32
    shared = np.zeros((len(left), len(right)), np.uint8)
    for start in range(0, len(known), BITS_IN_A_WORD):
        bits = {code: 1 << at for at, code in enumerate(known[start : start + BITS_IN_A_WORD])}
        masks = {kind: sum([bits.get(code, 0) for code in kind]) for kind in kinds | others}
        one, other = (np.array([masks[kind] for kind in sets], word) for sets in (left, right))
        shared += np.bitwise_count(one[:, None] & other)
    return shared


def marked(
    newcomers: Sequence[Newcomer], mentors: Sequence[Mentor], pairs: Iterable[tuple[UUID, UUID]]
) -> Bools:
    """Where a newcomer meets a mentor of theirs in `pairs`; whoever is not here is left out."""
    import numpy as np  # lazy, see module docstring

    marks = np.zeros((len(newcomers), len(mentors)), bool)
    wanted = [(newcomer.int, mentor.int) for newcomer, mentor in pairs]
    if wanted:  # plain numbers: hashing tens of thousands of UUIDs takes longer than all the rest
        rows = {newcomer.id.int: row for row, newcomer in enumerate(newcomers)}
        columns = {mentor.id.int: column for column, mentor in enumerate(mentors)}
        for newcomer, mentor in wanted:
            if newcomer in rows and mentor in columns:
                marks[rows[newcomer], columns[mentor]] = True
    return marks
