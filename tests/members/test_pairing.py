"""Around the engine: what is fixed comes first, and nobody under age is alone with one mentor."""

import random
from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from members.labels import LANGUAGES, SLOTS
from members.matching import Weights
from members.matching_sentences import explain
from members.pairing import NO_SECOND, propose
from tests.members.matching_people import mentor, newcomer
from tests.members.test_matching_properties import allowed, brute_force, worlds


@st.composite
def fixed_worlds(draw):
    people, mentors, more = draw(worlds())
    ids = [[one.id for one in side] for side in (people, mentors)]
    if not mentors:
        return people, mentors, more, {}
    fixed = draw(st.dictionaries(st.sampled_from(ids[0]), st.sampled_from(ids[1]), max_size=3))
    return people, mentors, more, fixed


TOPIC_LABELS = dict.fromkeys("abcdefghi", "Sicherheit und Zusammenleben")


def first_of(proposed):
    return {pair.newcomer: pair.mentor for pair in proposed.result.pairs}


@settings(max_examples=150, deadline=None)
@given(fixed_worlds())
def test_the_rest_is_the_best_there_is_beside_what_is_fixed(world):
    people, mentors, more, fixed = world
    adults = [replace(one, is_minor=False) for one in people]
    proposed = propose(adults, mentors, fixed=fixed, **more)
    places, held = {one.id: one for one in mentors}, set()
    for one in sorted(adults, key=lambda one: (-one.waiting_days, one.id.int)):
        other = places.get(fixed.get(one.id))
        if other and other.taken < other.capacity and allowed(one, other, more["vetoes"]):
            assert first_of(proposed)[one.id] == other.id
            places[other.id] = replace(other, taken=other.taken + 1)
            held.add(one.id)
    rest = [one for one in adults if one.id not in held]
    best = brute_force(rest, list(places.values()), Weights(), **more)
    found = [pair for pair in proposed.result.pairs if pair.newcomer not in held]
    kept = sum(more["keep"].get(pair.newcomer) == pair.mentor for pair in found)
    assert (len(found), sum(pair.score for pair in found), kept) == best


@settings(max_examples=200, deadline=None)
@given(fixed_worlds())
def test_every_rule_holds_for_first_and_second_mentors(world):
    people, mentors, more, fixed = world
    proposed = propose(people, mentors, fixed=fixed, **more)
    left, right = ({one.id: one for one in side} for side in (people, mentors))
    used = Counter(first_of(proposed).values()) + Counter(proposed.seconds.values())
    for one in mentors:
        assert used[one.id] <= max(0, one.capacity - one.taken)
    for pk, other in [*first_of(proposed).items(), *proposed.seconds.items()]:
        assert allowed(left[pk], right[other], more["vetoes"])
    for one in people:
        paired = one.id in first_of(proposed)
        assert (one.id in proposed.seconds) == (paired and one.is_minor)
        assert proposed.seconds.get(one.id) != first_of(proposed).get(one.id, 0)
    answered = [pair.newcomer for pair in proposed.result.pairs]
    answered += [left.newcomer for left in proposed.result.unmatched]
    assert sorted(pk.int for pk in answered) == sorted(one.id.int for one in people)


@settings(max_examples=60, deadline=None)
@given(fixed_worlds(), st.integers(0, 99))
def test_the_order_of_rows_changes_nothing(world, seed):
    people, mentors, more, fixed = world
    mixed = [random.Random(seed).sample(side, len(side)) for side in (people, mentors)]
    assert propose(*mixed, fixed=fixed, **more) == propose(people, mentors, fixed=fixed, **more)


def test_a_minor_without_a_second_mentor_leaves_the_place_to_somebody_else():
    young, old = newcomer(1, is_minor=True, waiting_days=90), newcomer(2)
    one = mentor(101, accepts_minors=True)
    proposed = propose([young, old], [one])
    assert first_of(proposed) == {old.id: one.id}
    assert [(left.newcomer, left.text) for left in proposed.result.unmatched] == [
        (young.id, NO_SECOND)
    ]
    both = propose([young], [one, mentor(102, accepts_minors=True)])
    assert set(both.seconds) == {young.id}


def test_what_is_fixed_and_impossible_is_no_obstacle():
    full = mentor(101, capacity=1, taken=1)
    free = mentor(102)
    proposed = propose([newcomer(1)], [full, free], fixed={newcomer(1).id: full.id})
    assert first_of(proposed) == {newcomer(1).id: free.id}
    gone = propose([newcomer(1)], [free], fixed={newcomer(1).id: full.id})
    assert first_of(gone) == {newcomer(1).id: free.id}


def test_who_shares_everything_is_explained_in_one_sentence_that_fits():
    everything = {
        "topics": " ".join(TOPIC_LABELS),
        "slots": " ".join(SLOTS),
        "languages": "de en tr",
    }
    pair = propose(
        [newcomer(1, **everything)], [mentor(101, gliederung="Linden", **everything)]
    ).result.pairs[0]
    text = explain(pair, TOPIC_LABELS, SLOTS, LANGUAGES)
    assert len(text) < 300
    assert text.endswith("Zeit.")


def test_a_wish_beats_what_is_near_and_never_a_rule():
    near = mentor(101, gliederung="Linden")
    wished = mentor(102)
    one = newcomer(1, wished=frozenset({wished.id}))
    assert first_of(propose([one], [near, wished])) == {one.id: wished.id}
    vetoed = propose([one], [near, wished], vetoes={(one.id, wished.id)})
    assert first_of(vetoed) == {one.id: near.id}
