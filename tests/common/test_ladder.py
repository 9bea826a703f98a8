"""The rungs of a reminder."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.common.ladder import (
    ARRIVED,
    DUE,
    LATE,
    SOON,
    step,
)

DAY = timedelta(days=1)
DUE_ON = date(2027, 1, 29)
DATES = st.dates(date(2026, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize(
    ("today", "reached"),
    [
        (DUE_ON - 11 * DAY, None),
        (DUE_ON - 10 * DAY, SOON),
        (DUE_ON - DAY, SOON),
        (DUE_ON, DUE),
        (DUE_ON + 6 * DAY, DUE),
        (DUE_ON + 7 * DAY, LATE),
        (DUE_ON + 400 * DAY, LATE),
    ],
)
def test_each_rung_begins_on_its_day(today, reached):
    assert step(DUE_ON, today) == reached


def test_the_first_promise_is_named_from_arrival_on():
    assert step(DUE_ON, DUE_ON - 30 * DAY, from_arrival=True) == ARRIVED
    assert step(DUE_ON, DUE_ON - 10 * DAY, from_arrival=True) == SOON


@pytest.mark.parametrize(
    ("due_on", "today", "reached"),
    [
        (date(2028, 2, 29), date(2028, 2, 19), SOON),
        (date(2028, 2, 29), date(2028, 3, 7), LATE),
        (date(2027, 2, 28), date(2027, 3, 7), LATE),
        (date(2027, 1, 31), date(2027, 1, 21), SOON),
        (date(2027, 1, 1), date(2026, 12, 22), SOON),
        (date(2026, 12, 31), date(2027, 1, 6), DUE),
        (date(2026, 12, 31), date(2027, 1, 7), LATE),
    ],
)
def test_ends_of_months_and_years_are_ordinary_days(due_on, today, reached):
    assert step(due_on, today) == reached


@given(due_on=DATES, today=DATES, later=st.integers(0, 400))
def test_a_step_never_falls(due_on, today, later):
    before = step(due_on, today, from_arrival=True)
    after = step(due_on, today + later * DAY, from_arrival=True)

    assert before is not None
    assert after is not None
    assert before <= after
