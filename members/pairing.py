"""Around the engine: pairs that are fixed, and two mentors for whoever is under age (T24).

Pure, like the engine: data in, data out.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from types import MappingProxyType
from uuid import UUID

from members.matching import describe, match, solve
from members.matching_data import (
    DEFAULT_WEIGHTS,
    Mentor,
    Newcomer,
    Pair,
    Result,
    Unmatched,
    Weights,
)

NO_SECOND = "Für Minderjährige braucht es zwei freie Mentor:innen mit Schutzkonzept."


@dataclass(frozen=True, slots=True)
class Proposed:
    """`seconds` gives every paired newcomer under age a second mentor: newcomer → mentor."""

    result: Result
    seconds: Mapping[UUID, UUID]


def propose(
    newcomers: Sequence[Newcomer],
    mentors: Sequence[Mentor],
    weights: Weights = DEFAULT_WEIGHTS,
    *,
    vetoes: Set[tuple[UUID, UUID]] = frozenset(),
    keep: Mapping[UUID, UUID] = MappingProxyType({}),
    fixed: Mapping[UUID, UUID] = MappingProxyType({}),
) -> Proposed:
    """As `match`; a `fixed` pair comes first if it is possible, the longest waiting before others.

    Nobody under age is paired with one mentor alone: without a second one they stay unmatched.
    """
    asked, lonely = list(newcomers), set[UUID]()
    while True:
        places = {mentor.id: mentor for mentor in mentors}
        held = _fixed(asked, places, weights, vetoes, keep, fixed)
        first = {pair.newcomer: pair.mentor for pair in held}
        rest = [one for one in asked if one.id not in first]
        solved = list(solve(rest, places.values(), weights, vetoes=vetoes, keep=keep))
        found = dict(mates for one in solved for mates in one.mates())
        _take(places, found.values())
        first |= found
        young = [one for one in asked if one.is_minor and one.id in first]
        seconds = _seconds(young, first, places, weights, vetoes)
        alone = {one.id for one in young} - seconds.keys()
        if not alone:
            return _together(held, describe(solved), lonely, seconds)
        lonely |= alone
        asked = [one for one in asked if one.id not in alone]


def _fixed(
    newcomers: Sequence[Newcomer],
    places: dict[UUID, Mentor],
    weights: Weights,
    vetoes: Set[tuple[UUID, UUID]],
    keep: Mapping[UUID, UUID],
    fixed: Mapping[UUID, UUID],
) -> list[Pair]:
    """What was fixed and is possible; it takes its places out of `places`."""
    pairs: list[Pair] = []
    for newcomer in sorted(newcomers, key=lambda one: (-one.waiting_days, one.id.int)):
        mentor = places.get(fixed[newcomer.id]) if newcomer.id in fixed else None
        if mentor is not None:
            found = match([newcomer], [mentor], weights, vetoes=vetoes, keep=keep).pairs
            _take(places, [pair.mentor for pair in found])
            pairs += found
    return pairs


def _take(places: dict[UUID, Mentor], mentors: Iterable[UUID]) -> None:
    for pk, count in Counter(mentors).items():
        places[pk] = replace(places[pk], taken=places[pk].taken + count)


def _seconds(
    young: Sequence[Newcomer],
    first: Mapping[UUID, UUID],
    places: Mapping[UUID, Mentor],
    weights: Weights,
    vetoes: Set[tuple[UUID, UUID]],
) -> dict[UUID, UUID]:
    """The best second mentors out of the places that are left."""
    if not young:
        return {}
    not_twice = {(one.id, first[one.id]) for one in young}
    found = solve(young, places.values(), weights, vetoes=vetoes | not_twice)
    return {newcomer: mentor for one in found for newcomer, mentor in one.mates()}


def _together(
    held: Sequence[Pair], found: Result, lonely: Set[UUID], seconds: Mapping[UUID, UUID]
) -> Proposed:
    pairs = [*held, *found.pairs]
    left = [*found.unmatched, *(Unmatched(pk, "second_mentor", NO_SECOND) for pk in lonely)]
    result = Result(
        tuple(sorted(pairs, key=lambda pair: pair.newcomer.int)),
        tuple(sorted(left, key=lambda one: one.newcomer.int)),
        sum(pair.score for pair in pairs),
    )
    return Proposed(result, seconds)
