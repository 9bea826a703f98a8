import random
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from functools import cache
from itertools import combinations, permutations
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from members.matching import Mentor, Newcomer, Result, Weights, explain, match

TOPIC_NAMES = {"mob": "Mobilität", "wohn": "Wohnen"}
SLOT_NAMES = {"di-abend": "dienstags abends"}


def codes(text):
    return frozenset(text.split())


def newcomer(number, **facts):
    sets = {name: codes(facts.pop(name, "")) for name in ("topics", "languages", "slots")}
    defaults = {"region": "R", "gliederung": "Linden", "kommune": "Hannover"}
    return Newcomer(id=UUID(int=number), **defaults | sets | facts)


def mentor(number, **facts):
    sets = {name: codes(facts.pop(name, "")) for name in ("topics", "languages", "slots", "near")}
    defaults = {"region": "R", "gliederung": "Barsinghausen", "kommune": "Barsinghausen"}
    return Mentor(id=UUID(int=number), **defaults | {"capacity": 1} | sets | facts)


def couples(result):
    return {pair.newcomer.int: pair.mentor.int for pair in result.pairs}


def reasons(result):
    return {left.newcomer.int: (left.code, left.text) for left in result.unmatched}


@pytest.mark.parametrize(
    ("left", "right", "parts"),
    [
        ({}, {}, {}),
        ({}, {"gliederung": "Linden", "kommune": "Hannover"}, {"gliederung": 30}),
        ({}, {"kommune": "Hannover"}, {"kommune": 20}),
        ({}, {"near": "Seelze Hannover"}, {"kommune": 20}),
        ({"kommune": ""}, {"kommune": ""}, {}),
        ({"gliederung": ""}, {"gliederung": ""}, {}),
        ({"topics": "mob wohn"}, {"topics": "wohn bild"}, {"topics": 10}),
        ({"topics": "a b c d e"}, {"topics": "a b c d e"}, {"topics": 30}),
        ({"languages": "de"}, {"languages": "de"}, {}),
        ({"languages": "de tr ar"}, {"languages": "de tr ar"}, {"languages": 5}),
        ({"slots": "di-abend sa"}, {"slots": "sa di-abend mo"}, {"availability": 5}),
        ({}, {"capacity": 3, "taken": 1}, {"load": -30}),
        ({}, {"capacity": 3, "taken": 2}, {"load": -70}),
    ],
)
def test_each_shared_fact_gives_its_points(left, right, parts):
    (pair,) = match([newcomer(1, **left)], [mentor(9, **right)]).pairs
    assert (pair.parts, pair.score) == (parts, sum(parts.values()))


def test_of_the_two_kinds_of_near_only_the_better_counts():
    home = mentor(9, gliederung="Linden", kommune="Hannover")
    (pair,) = match([newcomer(1)], [home], Weights(near_kommune=40)).pairs
    assert pair.parts == {"kommune": 40}


@pytest.mark.parametrize(
    ("left", "right", "fits"),
    [
        ({"region": "R2"}, {}, False),
        ({"is_minor": True}, {}, False),
        ({"is_minor": True}, {"accepts_minors": True}, True),
        ({"languages": "tr"}, {"languages": "de en"}, False),
        ({"languages": "tr de"}, {"languages": "de"}, True),
        ({"languages": ""}, {"languages": "de"}, True),
        ({"languages": "tr"}, {"languages": ""}, True),
        ({}, {"capacity": 2, "taken": 2}, False),
        ({}, {"capacity": 1, "taken": 3}, False),
        ({}, {"capacity": 2, "taken": 1}, True),
    ],
)
def test_a_hard_rule_parts_two_people_unless_met_or_unknown(left, right, fits):
    result = match([newcomer(1, **left)], [mentor(9, **right)])
    assert couples(result) == ({1: 9} if fits else {})


def test_a_veto_is_never_traded_for_score():
    rich, poor = mentor(8, topics="a b c", gliederung="Linden"), mentor(9)
    result = match([newcomer(1, topics="a b c")], [rich, poor], vetoes={(UUID(int=1), rich.id)})
    assert couples(result) == {1: 9}


def test_groups_without_a_link_are_all_served():
    people = [newcomer(1, languages="tr"), newcomer(2, languages="en"), newcomer(3, region="R2")]
    mentors = [mentor(7, languages="en"), mentor(8, languages="tr"), mentor(9, region="R2")]
    assert couples(match(people, mentors)) == {1: 8, 2: 7, 3: 9}


def test_a_person_twice_is_refused():
    with pytest.raises(ValueError, match="twice"):
        match([newcomer(1), newcomer(1, region="R2")], [])


def test_more_people_matched_beats_a_higher_sum():
    eager = newcomer(1, topics="a b c", gliederung="Barsinghausen")
    minor = newcomer(2, is_minor=True)
    wanted, other = mentor(8, topics="a b c", accepts_minors=True), mentor(9, gliederung="Seelze")
    assert couples(match([eager, minor], [wanted, other])) == {1: 9, 2: 8}


def test_the_highest_total_score_beats_the_single_best_pair():
    first, second = newcomer(1, topics="a b c"), newcomer(2, topics="a d")
    mentors = [mentor(8, topics="a b c d"), mentor(9, topics="b c")]
    assert couples(match([first, second], mentors)) == {1: 9, 2: 8}


def test_an_open_proposal_stays_for_a_gain_up_to_the_bonus():
    one = newcomer(1, topics="a b c")
    mentors = [mentor(8), mentor(9, topics="a b c")]
    assert couples(match([one], mentors, keep={one.id: UUID(int=8)})) == {1: 8}


def test_an_open_proposal_gives_way_to_more_than_the_bonus():
    one = newcomer(1, topics="a b c", slots="sa")
    mentors = [mentor(8), mentor(9, topics="a b c", slots="sa")]
    assert couples(match([one], mentors, keep={one.id: UUID(int=8)})) == {1: 9}


def test_an_open_proposal_stays_before_a_longer_wait_at_equal_score():
    kept, waiting = newcomer(1), newcomer(2, topics="a b c", waiting_days=300)
    result = match([kept, waiting], [mentor(9, topics="a b c")], keep={kept.id: UUID(int=9)})
    assert couples(result) == {1: 9}


@pytest.mark.parametrize("longer", [1, 2, 3])
def test_of_equals_the_longest_waiting_gets_the_place(longer):
    people = [newcomer(number, waiting_days=7 + (number == longer)) for number in (1, 2, 3)]
    assert couples(match(people, [mentor(9)])) == {longer: 9}


def test_nobody_gets_a_third_mentee_while_an_equal_mentor_has_none():
    mentors = [mentor(8, capacity=3, taken=2, topics="a b c"), mentor(9, topics="a b c")]
    people = [newcomer(1, topics="a b c")]
    assert couples(match(people, mentors, keep={UUID(int=1): UUID(int=8)})) == {1: 9}


def test_places_fill_evenly_among_equal_mentors():
    people, mentors = (
        [newcomer(at) for at in range(1, 7)],
        [mentor(at, capacity=3) for at in (8, 9)],
    )
    result = match(people, mentors)
    assert result == match(people[::-1], mentors[::-1])
    assert Counter(couples(result).values()) == {8: 3, 9: 3}
    assert sorted(pair.score for pair in result.pairs) == [-70, -70, -30, -30, 0, 0]


def test_the_tie_break_does_not_favour_low_ids():
    winners = [min(couples(match([newcomer(1), newcomer(2)], [mentor(at)]))) for at in range(9, 99)]
    assert 20 < winners.count(1) < 70


def test_weights_that_float64_cannot_hold_are_refused():
    mentors = [mentor(7), mentor(8, topics="a"), mentor(9, slots="sa")]
    with pytest.raises(ValueError, match="too large"):
        match([newcomer(1, topics="a", slots="sa")], mentors, Weights(topic=2**52 + 1))


def test_a_falling_load_is_refused():
    with pytest.raises(ValueError, match="load"):
        Weights(load=(30, 0, 70))


def test_a_match_explains_itself_with_every_shared_fact():
    one = newcomer(1, topics="wohn mob", languages="de tr", slots="di-abend")
    other = mentor(9, topics="mob wohn x", languages="tr", slots="di-abend", kommune="Hannover")
    (pair,) = match([one], [other, mentor(8)], keep={one.id: other.id}).pairs
    assert explain(pair, TOPIC_NAMES, SLOT_NAMES, {"tr": "Türkisch"}) == (
        "Beide interessieren sich für Mobilität und Wohnen, wohnen in derselben Kommune, "
        "sprechen Türkisch und haben dienstags abends Zeit; der offene Vorschlag bleibt "
        "(2 mögliche Mentor:innen)."
    )


@pytest.mark.parametrize(
    ("left", "right", "text"),
    [
        ({}, {}, "gehören zum selben Gebiet"),
        ({}, {"gliederung": "Linden"}, "sind im selben Ortsverein"),
        ({}, {"near": "Hannover"}, "wohnen in benachbarten Kommunen"),
        ({"topics": "z mob x"}, {"topics": "x z mob"}, "interessieren sich für Mobilität, x und z"),
    ],
)
def test_a_match_explains_itself_in_one_sentence(left, right, text):
    (pair,) = match([newcomer(1, **left)], [mentor(9, **right)]).pairs
    assert explain(pair, TOPIC_NAMES, SLOT_NAMES) == f"Beide {text} (1 mögliche Mentor:in)."


NONE_HERE = "Im Gebiet gibt es noch keine Mentor:in mit freiem Platz."
NONE_FREE = "Zurzeit ist keine passende Mentor:in frei; ein weiterer Platz oder eine weitere hilft."
FULL = {"capacity": 1, "taken": 1}


@pytest.mark.parametrize(
    ("mentors", "code", "text"),
    [
        ([], "no_mentor_in_region", NONE_HERE),
        ([mentor(9, region="R2")], "no_mentor_in_region", NONE_HERE),
        ([mentor(1)], "no_mentor_in_region", NONE_HERE),
        ([mentor(9, **FULL)], "no_mentor_in_region", NONE_HERE),
        ([mentor(9, **FULL, accepts_minors=True)], "capacity", NONE_FREE),
        (
            [mentor(9)],
            "excluded",
            "1 Mentor:in hat einen freien Platz, aber keine passt: "
            "ohne Schutzkonzept für Minderjährige (1).",
        ),
        (
            [mentor(7), mentor(8, languages="de"), mentor(9, languages="en", accepts_minors=True)],
            "excluded",
            "3 Mentor:innen haben einen freien Platz, aber keine passt: "
            "ohne gemeinsame Sprache (2), ohne Schutzkonzept für Minderjährige (2).",
        ),
    ],
)
def test_the_unmatched_learn_what_is_missing(mentors, code, text):
    minor = newcomer(1, is_minor=True, languages="tr")
    assert reasons(match([minor], mentors)) == {1: (code, text)}


def test_lack_of_places_names_the_crowded_block_only():
    crowd = [newcomer(at, is_minor=True) for at in (1, 2, 3)]
    safe = [mentor(at, accepts_minors=True) for at in (8, 9)]
    result = match([*crowd, newcomer(4), newcomer(5)], [*safe, mentor(7, capacity=3)])
    text = "2 mögliche Mentor:innen, alle voll: 3 Neumitglieder teilen sich 2 Plätze."
    assert list(reasons(result).values()) == [("capacity", text)]


def test_the_block_holds_everybody_along_the_chain():
    people = [newcomer(at, languages=known) for at, known in enumerate(["tr", "tr en", "en"])]
    result = match(people, [mentor(8, languages="tr"), mentor(9, languages="en")])
    ((_, text),) = reasons(result).values()
    assert text.endswith("voll: 3 Neumitglieder teilen sich 2 Plätze.")


def test_one_place_for_two_is_said_in_the_singular():
    result = match([newcomer(1), newcomer(2)], [mentor(9)])
    text = "1 mögliche Mentor:in voll: 2 Neumitglieder teilen sich 1 Platz."
    assert list(reasons(result).values()) == [("capacity", text)]


def test_where_only_vetoes_hinder_the_sentence_is_a_usual_one():
    one = newcomer(1)
    result = match([one], [mentor(9)], vetoes={(one.id, UUID(int=9))})
    assert reasons(result) == {1: ("capacity", NONE_FREE)}


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
            told[-1][pair.newcomer, pair.mentor] = (explain(pair), pair.options)
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


def test_importing_the_module_loads_neither_numpy_nor_django():
    code = "import sys, members.matching; sys.exit(bool({'numpy', 'django'} & {*sys.modules}))"
    root = Path(__file__).resolve().parents[2]
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True)
