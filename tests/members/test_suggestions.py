"""What fits whom: pure rules, tried with thousands of people and offers."""

from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from members import suggestions
from members.labels import SHIFTS, SLOTS
from members.suggestions import Me, Offer, Wanted

MONDAY = date(2026, 11, 23)
TOPICS = {"k": "Klima", "m": "Mobilität", "b": "Bildung"}
PLACES = ("", "gehrden", "ronnenberg", "uetze")
CODES = sorted(SLOTS)


@st.composite
def people(draw):
    names = draw(st.sets(st.sampled_from(sorted(TOPICS))))
    return Me(
        topics={key: TOPICS[key] for key in names},
        wish=draw(st.sampled_from(["", "active", "watching", "supporting"])),
        time_budget=draw(st.sampled_from(["", "once", "two", "weekly", "much"])),
        slots=draw(st.frozensets(st.sampled_from(CODES))),
        shifts=draw(st.text(alphabet="".join(SHIFTS) + "x", max_size=28)),
        shifts_from=draw(st.none() | st.dates(MONDAY - timedelta(40), MONDAY + timedelta(9))),
        kommune=draw(st.sampled_from(PLACES)),
        neighbours=draw(st.frozensets(st.sampled_from(PLACES[1:]))),
        languages=draw(st.frozensets(st.sampled_from(["de", "tr", "uk"]))),
    )


@st.composite
def offers(draw):
    place = draw(st.sampled_from(PLACES))
    return Offer(
        key=draw(st.text(alphabet="abc", min_size=1, max_size=4)),
        topics=draw(st.frozensets(st.sampled_from(sorted(TOPICS)))),
        kommune=place,
        kommune_name=place.title(),
        is_online=draw(st.booleans()),
        from_home=draw(st.booleans()),
        slots=draw(st.frozensets(st.sampled_from(CODES))),
        when=draw(st.sampled_from(["", "montags abends"])),
        minutes=draw(st.none() | st.integers(5, 300)),
        language=draw(st.sampled_from(["de", "tr"])),
        just_come=draw(st.booleans()),
    )


catalogues = st.lists(offers(), max_size=8, unique_by=lambda offer: offer.key)
days = st.dates(MONDAY, MONDAY + timedelta(30))
shifts = st.text(alphabet="".join(SHIFTS), min_size=28, max_size=28)


def worker(plan, first=MONDAY, **values):
    return Me(topics={}, slots=frozenset({"schicht"}), shifts=plan, shifts_from=first, **values)


def test_every_code_of_a_time_is_known_to_the_suggestions():
    assert set(suggestions.SLOT_TIMES) == set(SLOTS)
    assert set(suggestions.LEAVES_FREE) == set(SHIFTS)


@pytest.mark.parametrize(
    ("plan", "slot", "fits"),
    [
        ("FFFFFFF", "mo-abend", True),
        ("SSSSSSS", "mo-abend", False),
        ("NNNNNNN", "mo-abend", False),
        ("SSSSSSS", "mo-fr-vormittag", True),
        ("NNNNNNN", "mo-fr-vormittag", False),
        ("SFSSSSS", "mo-abend", False),
        ("SFSSSSS", "di-abend", True),
        ("SSSSS--", "wochenende", True),
        ("-----FF", "wochenende", False),
        ("SSSSS--", "mo-fr-abend", False),
        ("F??????", "di-abend", False),
        ("F??????", "schicht", False),
    ],
)
def test_a_shift_leaves_only_some_times_free(plan, slot, fits):
    free = suggestions.free_times(worker(plan), MONDAY)
    assert suggestions.fits_times([slot], free) is fits


@given(shifts, days, st.frozensets(st.sampled_from(CODES)), st.integers(0, 27))
@example("F" * 28, MONDAY, frozenset({"mo-abend"}), 0)
def test_a_day_off_more_never_takes_a_fitting_offer_away(plan, today, slots, number):
    """Turning any day into a free one only adds times."""
    freer = plan[:number] + "-" + plan[number + 1 :]
    before = suggestions.free_times(worker(plan), today)
    after = suggestions.free_times(worker(freer), today)
    if suggestions.has_plan(worker(plan), today):
        assert before <= after
        assert suggestions.fits_times(slots, before) <= suggestions.fits_times(slots, after)


@given(shifts, days)
def test_only_the_next_seven_days_count(plan, today):
    number = (today - MONDAY).days
    inside = plan[number : number + 7]
    other = "".join(
        letter if number <= index < number + 7 else "-" for index, letter in enumerate(plan)
    )
    if set(inside) - {"?"}:
        both = [suggestions.free_times(worker(text), today) for text in (plan, other)]
        assert both[0] == both[1]


@given(shifts, days)
def test_a_time_is_free_exactly_if_some_shift_of_the_week_leaves_it(plan, today):
    me = worker(plan)
    if not suggestions.has_plan(me, today):
        return
    for day, part in ((day, part) for day in range(7) for part in ("vormittag", "abend", "tag")):
        dates = [today + timedelta(n) for n in range(7) if (today + timedelta(n)).weekday() == day]
        letters = [suggestions.shift_on(plan, MONDAY, one) for one in dates]
        left = any(part in suggestions.LEAVES_FREE[letter] for letter in letters)
        assert ((day, part) in suggestions.free_times(me, today)) is left


@given(people(), catalogues, days, st.randoms())
def test_the_order_of_the_catalogue_does_not_matter(me, found, today, random):
    mixed = list(found)
    random.shuffle(mixed)
    assert suggestions.suggest(me, found, today) == suggestions.suggest(me, mixed, today)


@given(people(), catalogues, days)
def test_suggestions_are_few_different_reachable_and_in_a_common_language(me, found, today):
    by_key = {offer.key: offer for offer in found}
    best = suggestions.suggest(me, found, today)
    assert len({one.key for one in best}) == len(best) <= 3
    assert [one.score for one in best] == sorted((one.score for one in best), reverse=True)
    for one in best:
        offer = by_key[one.key]
        assert offer.language in (me.languages or {"de"})
        assert (
            offer.is_online
            or offer.from_home
            or "" in (offer.kommune, me.kommune)
            or offer.kommune in {me.kommune, *me.neighbours}
        )
        assert not (me.topics and offer.topics and not offer.topics & me.topics.keys())
        assert me.time_budget != "once" or suggestions.is_short(offer)
        assert not one.reason[:1].islower()


@given(people(), catalogues, days)
def test_whoever_only_supports_is_left_in_peace(me, found, today):
    if me.wish == "supporting":
        assert suggestions.suggest(me, found, today) == []


@given(people(), catalogues, offers(), days)
def test_one_offer_more_never_makes_the_best_one_worse(me, found, another, today):
    if another.key in {offer.key for offer in found}:
        return
    before = suggestions.suggest(me, found, today)
    after = suggestions.suggest(me, [*found, another], today)
    assert len(after) >= len(before)
    assert not before or after[0].score >= before[0].score


@given(people(), offers(), days)
def test_narrowing_more_never_shows_more(me, offer, today):
    steps = [
        Wanted(),
        Wanted(my_time=True),
        Wanted(my_time=True, short=True),
        Wanted(my_time=True, short=True, from_home=True, topic="k", where="online"),
    ]
    shown = [suggestions.matches(me, offer, wanted, today) for wanted in steps]
    assert shown[0]
    assert shown == sorted(shown, reverse=True)


def test_the_reason_is_one_german_sentence():
    me = worker("F" * 28, kommune="gehrden")
    me = Me(
        topics=TOPICS,
        slots=me.slots,
        shifts=me.shifts,
        shifts_from=MONDAY,
        kommune="gehrden",
    )
    offer = Offer(
        key="a",
        topics=frozenset({"m"}),
        kommune="gehrden",
        kommune_name="Gehrden",
        slots=frozenset({"mo-abend"}),
        when="montags abends",
    )
    best = suggestions.suggest(me, [offer], MONDAY)
    assert [one.reason for one in best] == [
        "Mobilität, in Gehrden, montags abends – passt zu deiner Schicht"
    ]


def test_two_interests_and_two_hours_a_month_give_three_suggestions():
    me = Me(topics={"k": "Klima", "m": "Mobilität"}, time_budget="two", kommune="gehrden")
    found = [
        Offer("both", frozenset({"k", "m"}), "gehrden", "Gehrden", minutes=120),
        Offer("home", frozenset({"k"}), from_home=True, minutes=30),
        Offer("meets", frozenset({"m"}), "gehrden", "Gehrden"),
        Offer("long", frozenset({"k"}), "gehrden", "Gehrden", minutes=180),
        Offer("far", frozenset({"k", "m"}), "uetze", "Uetze"),
        Offer("other", frozenset({"b"}), "gehrden", "Gehrden"),
    ]
    best = suggestions.suggest(me, found, MONDAY)
    assert [one.key for one in best] == ["both", "home", "meets"]
