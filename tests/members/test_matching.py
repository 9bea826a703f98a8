import subprocess
import sys
from collections import Counter
from pathlib import Path
from uuid import UUID

import pytest

from members.matching import Weights, match
from members.matching_sentences import explain
from tests.members.matching_people import (
    SLOT_NAMES,
    TOPIC_NAMES,
    couples,
    mentor,
    newcomer,
    reasons,
)


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
    with pytest.raises(ValueError, match="too large"):
        Weights(topic=2**52 + 1)


def test_a_falling_load_is_refused():
    with pytest.raises(ValueError, match="load"):
        Weights(load=(30, 0, 70))


def test_a_match_explains_itself_with_every_shared_fact():
    one = newcomer(1, topics="wohn mob", languages="de tr", slots="di-abend")
    other = mentor(9, topics="mob wohn x", languages="tr", slots="di-abend", kommune="Hannover")
    (pair,) = match([one], [other, mentor(8)], keep={one.id: other.id}).pairs
    assert explain(pair, TOPIC_NAMES, SLOT_NAMES, {"tr": "Türkisch"}) == (
        "Beide interessieren sich für Mobilität und Wohnen, wohnen in derselben Kommune, "
        "sprechen Türkisch und haben dienstags abends Zeit."
    )


@pytest.mark.parametrize(
    ("left", "right", "text"),
    [
        ({}, {}, "gehören zum selben Gebiet"),
        ({}, {"gliederung": "Linden"}, "gehören zur selben Gliederung"),
        ({}, {"near": "Hannover"}, "wohnen in benachbarten Kommunen"),
        ({"topics": "z mob x"}, {"topics": "x z mob"}, "interessieren sich für Mobilität, x und z"),
    ],
)
def test_a_match_explains_itself_in_one_sentence(left, right, text):
    (pair,) = match([newcomer(1, **left)], [mentor(9, **right)]).pairs
    assert explain(pair, TOPIC_NAMES, SLOT_NAMES) == f"Beide {text}."


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


def test_importing_the_module_loads_neither_numpy_nor_django():
    code = "import sys, members.matching; sys.exit(bool({'numpy', 'django'} & {*sys.modules}))"
    root = Path(__file__).resolve().parents[2]
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True)
