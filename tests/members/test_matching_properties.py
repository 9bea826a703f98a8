import random
from collections import Counter
from dataclasses import replace
from functools import cache
from itertools import combinations, permutations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from members.matching import Result, Weights, match
from members.matching_sentences import explain
from tests.members.matching_people import couples, mentor, newcomer, reasons


def pick(*values):
    return st.sampled_from(values)


FACTS = {
    "region": pick("R", "R", "R", "R2"),
    "gliederung": pick("A", "A", "B"),
    "kommune": pick("K", "L", ""),
    "topics": pick("", "a", "a b", "a b c d", "b c d"),
    "languages": pick("", "de", "de tr", "tr", "en"),
    "slots": pick("", "sa", "sa mo"),
}
YOUNG = FACTS | {"is_minor": pick(False, False, True)}
GIVING = FACTS | {
    "near": pick("", "L", "K L"),
    "capacity": st.integers(1, 3),
    "taken": pick(0, 0, 0, 1, 2),
    "accepts_minors": st.booleans(),
}


@st.composite
def worlds(draw, most=6, plain=False):
    """Newcomers, mentors, and what else `match` takes: dense, and full of clones."""

    def crowd(make, facts, first, least):
        kinds = draw(st.lists(st.fixed_dictionaries(facts), min_size=1, max_size=3))
        return [
            make(first + at, **draw(pick(*kinds))) for at in range(draw(st.integers(least, most)))
        ]

    clones = crowd(newcomer, YOUNG, 1, 1)
    people = [replace(one, waiting_days=draw(st.integers(0, 3))) for one in clones]
    mentors = crowd(mentor, GIVING, draw(pick(most, 101)), 0)
    if plain or not mentors:
        return people, mentors, {"vetoes": set(), "keep": {}}
    ids = [pick(*(one.id for one in side)) for side in (people, mentors)]
    vetoes = draw(st.sets(st.tuples(*ids), max_size=6))
    return people, mentors, {"vetoes": vetoes, "keep": draw(st.dictionaries(*ids, max_size=3))}


WEIGHTS = pick(Weights(), Weights(), Weights(7, 9, 3, 2, 1, 4, (0, 1, 5)))


def allowed(one, other, vetoes):
    return (
        one.region == other.region
        and one.id != other.id
        and (one.id, other.id) not in vetoes
        and (other.accepts_minors or not one.is_minor)
        and (not one.languages or not other.languages or bool(one.languages & other.languages))
    )


def worth(one, other, weights, keep):
    near = [0]
    if one.gliederung == other.gliederung:
        near.append(weights.same_gliederung)
    if one.kommune and one.kommune in other.near | {other.kommune}:
        near.append(weights.near_kommune)
    return (
        max(near)
        + weights.topic * min(3, len(one.topics & other.topics))
        + weights.language * bool((one.languages & other.languages) - {"de"})
        + weights.availability * bool(one.slots & other.slots)
        + weights.keep * (keep.get(one.id) == other.id)
    )


def brute_force(people, mentors, weights, vetoes, keep):
    """The best (matched, score, kept) of all assignments there are."""

    @cache
    def best(at, used):
        if at == len(people):
            return (0, 0, 0)
        found = best(at + 1, used)
        for column, other in enumerate(mentors):
            place = other.taken + used[column]
            if place < other.capacity and allowed(people[at], other, vetoes):
                rest = best(at + 1, (*used[:column], used[column] + 1, *used[column + 1 :]))
                gain = worth(people[at], other, weights, keep) - weights.load[place]
                kept = keep.get(people[at].id) == other.id
                found = max(found, (rest[0] + 1, rest[1] + gain, rest[2] + kept))
        return found

    return best(0, (0,) * len(mentors))


def measure(result: Result, keep):
    kept = sum(keep.get(pair.newcomer) == pair.mentor for pair in result.pairs)
    return len(result.pairs), result.score, kept


@settings(max_examples=250, deadline=None)
@given(worlds(), WEIGHTS)
def test_the_result_is_the_best_of_all_assignments(world, weights):
    people, mentors, more = world
    result = match(people, mentors, weights, **more)
    assert measure(result, more["keep"]) == brute_force(people, mentors, weights, **more)


@settings(max_examples=150, deadline=None)
@given(worlds(most=9), WEIGHTS)
def test_every_rule_holds_in_every_result(world, weights):
    people, mentors, more = world
    result = match(people, mentors, weights, **more)
    ids = [one.newcomer for one in (*result.pairs, *result.unmatched)]
    assert sorted(ids) == [one.id for one in people]
    assert result.score == sum(pair.score for pair in result.pairs)
    known, others = {one.id: one for one in people}, {one.id: one for one in mentors}
    loads = {}
    for pair in result.pairs:
        one, other = known[pair.newcomer], others[pair.mentor]
        load = -pair.parts.get("load", 0)
        loads.setdefault(other, []).append((-one.waiting_days, load))
        assert allowed(one, other, more["vetoes"])
        assert 0 not in pair.parts.values()
        assert pair.score == sum(pair.parts.values())
        assert pair.score + load == worth(one, other, weights, more["keep"])
    for other, found in loads.items():
        places = weights.load[other.taken : other.capacity]
        assert [load for _, load in sorted(found)] == list(places[: len(found)])


@settings(max_examples=100, deadline=None)
@given(worlds(most=12), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(world, chance):
    people, mentors, more = world
    mixed = [chance.sample(rows, len(rows)) for rows in (people, mentors)]
    assert match(*mixed, **more) == match(people, mentors, **more)


@settings(max_examples=100, deadline=None)
@given(worlds(most=8), st.data())
def test_a_further_mentor_or_a_lifted_veto_never_costs_a_match(world, data):
    people, mentors, more = world
    full = len(match(people, mentors, **more).pairs)
    if mentors:
        gone = data.draw(st.sampled_from(mentors))
        fewer = [one for one in mentors if one != gone]
        assert len(match(people, fewer, **more).pairs) <= full
    if more["vetoes"]:
        lifted = more["vetoes"] - {data.draw(st.sampled_from(sorted(more["vetoes"])))}
        assert len(match(people, mentors, vetoes=lifted, keep=more["keep"]).pairs) >= full


@settings(max_examples=150, deadline=None)
@given(worlds(most=9))
def test_no_text_or_count_changes_with_the_vetoes(world):
    people, mentors, more = world
    told = []
    for vetoes in (more["vetoes"], frozenset()):
        result = match(people, mentors, vetoes=vetoes, keep=more["keep"])
        told.append({(left.newcomer, None): left for left in result.unmatched})
        for pair in result.pairs:
            told[-1][pair.newcomer, pair.mentor] = explain(pair)
    both = told[0].keys() & told[1].keys()
    assert {one: told[0][one] for one in both} == {one: told[1][one] for one in both}


@settings(max_examples=100, deadline=None)
@given(worlds(most=9, plain=True))
def test_equals_are_treated_fairly(world):
    """A longer wait wins the place, and no mentor gets two more than an equal one."""
    people, mentors, _ = world
    paired = couples(match(people, mentors))
    for one, other in permutations(people, 2):
        if replace(one, id=other.id, waiting_days=other.waiting_days) == other:
            overtaken = other.id.int in paired and one.id.int not in paired
            assert not (overtaken and one.waiting_days > other.waiting_days)
    mentees, both = Counter(paired.values()), {one.id for one in people}
    for one, other in combinations(mentors, 2):
        if replace(one, id=other.id) == other and not both & {one.id, other.id}:
            assert abs(mentees[one.id.int] - mentees[other.id.int]) < 2


@settings(max_examples=100, deadline=None)
@given(worlds(most=9, plain=True))
def test_whoever_shares_places_really_finds_every_mentor_full(world):
    people, mentors, _ = world
    result = match(people, mentors)
    mentees = Counter(couples(result).values())
    for at, (_, text) in reasons(result).items():
        if "teilen sich" in text:
            one = next(person for person in people if person.id.int == at)
            options = [m for m in mentors if allowed(one, m, ()) and m.capacity > m.taken]
            assert text.startswith(f"{len(options)} mögliche")
            assert all(mentees[m.id.int] == m.capacity - m.taken for m in options)


def test_a_large_dense_region_is_solved_exactly():
    """Everybody fits, so that the pure (score, kept) is a small integer scipy holds easily."""
    chance = random.Random(7)
    topics = [" ".join(chance.sample("abcdefghi", 4)) for _ in range(500)]
    people = [newcomer(at, topics=topics[at], waiting_days=at) for at in range(250)]
    mentors = [mentor(at, topics=topics[at]) for at in range(250, 500)]
    keep = {one.id: chance.choice(mentors).id for one in people}

    def value(one, other):
        return 1000 * worth(one, other, Weights(), keep) + (keep[one.id] == other.id)

    table = np.array([[value(one, other) for other in mentors] for one in people])
    best = int(table[linear_sum_assignment(table, maximize=True)].sum())
    assert measure(match(people, mentors, keep=keep), keep) == (250, best // 1000, best % 1000)
