"""Days as people say them, around every boundary."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from portal.common import clock
from portal.common.dates import day, due, long_day, urgency

TODAY = datetime(2026, 11, 19, 12, tzinfo=UTC)  # a Thursday


@pytest.fixture(autouse=True)
def _thursday():
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (date(2026, 11, 11), "fällig seit Mi., 11.11."),
        (date(2026, 11, 12), "fällig seit Do., 12.11."),
        (date(2026, 11, 13), "fällig seit Freitag"),
        (date(2026, 11, 18), "fällig seit Mittwoch"),
        (date(2026, 11, 19), "heute"),
        (date(2026, 11, 20), "bis Fr., 20.11."),
        (date(2026, 11, 26), "bis Do., 26.11."),
        (date(2027, 7, 1), "bis Do., 01.07.2027"),
    ],
)
def test_due_says_how_late_something_is(value, text):
    assert due(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (date(2026, 12, 24), "Do., 24.12."),
        (date(2027, 1, 4), "Mo., 04.01."),
        (date(2027, 6, 6), "So., 06.06."),
        (date(2027, 6, 7), "Mo., 07.06.2027"),
        (date(2026, 5, 4), "Mo., 04.05."),
        (date(2026, 5, 3), "So., 03.05.2026"),
    ],
)
def test_a_day_carries_its_year_when_it_is_far_away(value, text):
    assert day(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (date(2026, 12, 3), "3. Dezember"),
        (date(2026, 3, 1), "1. März"),
        (date(2027, 1, 1), "1. Januar 2027"),
        (date(2025, 12, 31), "31. Dezember 2025"),
    ],
)
def test_a_long_day_carries_its_year_when_it_is_not_this_one(value, text):
    assert long_day(value) == text


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (date(2026, 11, 18), "late"),
        (date(2026, 11, 19), "soon"),
        (date(2026, 11, 29), "soon"),
        (date(2026, 11, 30), "calm"),
    ],
)
def test_urgency_turns_after_the_last_day(value, word):
    assert urgency(value) == word


@pytest.mark.parametrize(
    ("moment", "today"),
    [
        (datetime(2026, 11, 19, 22, 59, tzinfo=UTC), date(2026, 11, 19)),
        (datetime(2026, 11, 19, 23, 0, tzinfo=UTC), date(2026, 11, 20)),
        (datetime(2026, 7, 1, 21, 59, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 7, 1, 22, 0, tzinfo=UTC), date(2026, 7, 2)),
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), date(2027, 1, 1)),
    ],
)
def test_a_day_begins_at_midnight_in_berlin(moment, today):
    with time_machine.travel(moment, tick=False):
        assert clock.today() == today


@pytest.mark.parametrize(
    ("hour", "words"),
    [(9, "Guten Morgen"), (10, "Guten Tag"), (16, "Guten Tag"), (17, "Guten Abend")],
)
def test_the_greeting_follows_the_hour_in_berlin(hour, words):
    with time_machine.travel(datetime(2026, 11, 19, hour, tzinfo=UTC), tick=False):
        assert clock.greeting() == words
