from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.deadlines import Promise, add_months, month_end, next_working_day, plan

STANDARD = (Promise(0, 1), Promise(0, 3), Promise(3, 6))


@pytest.mark.parametrize(
    ("joined", "due"),
    [
        # The vectors of domain.md B1 (BGB §§ 187 (1), 188 (2), (3)).
        (date(2026, 11, 30), [date(2026, 12, 30), date(2027, 2, 28), date(2027, 5, 30)]),
        (date(2027, 1, 31), [date(2027, 2, 28), date(2027, 4, 30), date(2027, 7, 31)]),
        (date(2026, 8, 31), [date(2026, 9, 30), date(2026, 11, 30), date(2027, 2, 28)]),
        # A leap year has a 29th of February.
        (date(2027, 11, 30), [date(2027, 12, 30), date(2028, 2, 29), date(2028, 5, 30)]),
        (date(2028, 1, 31), [date(2028, 2, 29), date(2028, 4, 30), date(2028, 7, 31)]),
        # Born on a 29th of February, everything else is an ordinary day.
        (date(2028, 2, 29), [date(2028, 3, 29), date(2028, 5, 29), date(2028, 8, 29)]),
        # The end of a year.
        (date(2026, 12, 31), [date(2027, 1, 31), date(2027, 3, 31), date(2027, 6, 30)]),
        (date(2026, 10, 1), [date(2026, 11, 1), date(2027, 1, 1), date(2027, 4, 1)]),
        # The nights on which clocks change: a day is a day.
        (date(2027, 2, 28), [date(2027, 3, 28), date(2027, 5, 28), date(2027, 8, 28)]),
        (date(2026, 9, 25), [date(2026, 10, 25), date(2026, 12, 25), date(2027, 3, 25)]),
    ],
)
def test_the_legal_dates_follow_the_civil_code(joined, due):
    assert [dates.legal_due_on for dates in plan(joined, joined, STANDARD)] == due


@pytest.mark.parametrize(
    ("joined", "due"),
    [
        (date(2026, 5, 5), [date(2026, 6, 30), date(2026, 8, 31), date(2026, 11, 30)]),
        (date(2026, 11, 30), [date(2026, 12, 31), date(2027, 2, 28), date(2027, 5, 31)]),
        (date(2027, 1, 31), [date(2027, 2, 28), date(2027, 4, 30), date(2027, 7, 31)]),
        (date(2028, 1, 31), [date(2028, 2, 29), date(2028, 4, 30), date(2028, 7, 31)]),
        (date(2026, 12, 1), [date(2027, 1, 31), date(2027, 3, 31), date(2027, 6, 30)]),
    ],
)
def test_read_as_calendar_months_a_period_lasts_until_the_month_is_over(joined, due):
    planned = plan(joined, joined, STANDARD, ends_with_month=True)
    assert [dates.legal_due_on for dates in planned] == due


def test_read_as_calendar_months_fewer_data_are_late():
    joined, arrived = date(2026, 5, 4), date(2026, 6, 20)
    assert plan(joined, arrived, STANDARD)[0].is_late_data is True
    assert plan(joined, arrived, STANDARD, ends_with_month=True)[0].is_late_data is False


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 11, 24), date(2026, 11, 24)),  # a Tuesday
        (date(2026, 11, 28), date(2026, 11, 30)),  # Saturday
        (date(2026, 12, 25), date(2026, 12, 28)),  # Christmas, then a weekend
        (date(2026, 10, 31), date(2026, 11, 2)),  # Reformation day is a holiday in Lower Saxony
        (date(2026, 11, 1), date(2026, 11, 2)),  # All Saints is not, but this one is a Sunday
        (date(2027, 3, 26), date(2027, 3, 30)),  # Good Friday to the Tuesday after Easter
    ],
)
def test_a_day_off_moves_the_date_to_the_next_working_day(day, working):
    assert next_working_day(day) == working


def test_a_date_that_was_past_on_arrival_is_replaced_by_14_days():
    first, second, third = plan(date(2026, 5, 4), date(2026, 9, 1), STANDARD)
    assert (first.due_on, first.is_late_data) == (date(2026, 9, 15), True)
    assert first.legal_due_on == date(2026, 6, 4)
    assert (second.due_on, second.is_late_data) == (date(2026, 9, 15), True)
    assert (third.due_on, third.is_late_data) == (date(2026, 11, 4), False)


def test_a_date_on_the_day_of_arrival_is_not_late():
    first, *_ = plan(date(2026, 5, 4), date(2026, 6, 4), STANDARD)
    assert first.is_late_data is False


def test_the_second_contact_opens_after_three_months():
    assert plan(date(2026, 5, 4), date(2026, 5, 5), STANDARD)[2].opens_on == date(2026, 8, 4)


days = st.dates(date(2020, 1, 1), date(2040, 12, 31))


@given(days, st.integers(1, 24))
def test_months_end_in_the_right_month_and_never_after_the_starting_day(start, months):
    end = add_months(start, months)
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    assert end.day <= start.day


@given(days)
def test_a_working_day_is_never_before_the_day_and_stays_itself(day):
    working = next_working_day(day)
    assert working >= day
    assert next_working_day(working) == working
    assert working.weekday() < 5


@given(days, st.integers(1, 36))
def test_the_calendar_month_ends_later_never_in_another_month(start, months):
    end = add_months(start, months)
    assert end <= month_end(end)
    assert (month_end(end) + timedelta(days=1)).day == 1
    assert month_end(end).month == end.month


@given(days, st.integers(1, 36))
def test_the_day_after_a_period_the_next_one_of_a_month_has_not_ended(start, months):
    assert add_months(start, months) < add_months(start, months + 1)


@given(days, days, st.booleans())
def test_a_working_day_is_given_and_the_legal_one_stays_in_the_record(joined, arrived, whole):
    legal = [d.legal_due_on for d in plan(joined, joined, STANDARD, ends_with_month=whole)]
    planned = plan(joined, arrived, STANDARD, ends_with_month=whole)
    assert [dates.legal_due_on for dates in planned] == legal
    for dates in planned:
        assert next_working_day(dates.due_on) == dates.due_on
        assert dates.opens_on < dates.legal_due_on


@given(days, days, st.booleans())
def test_nobody_is_given_a_date_in_the_past(joined, arrived, whole):
    for dates in plan(joined, arrived, STANDARD, ends_with_month=whole):
        assert dates.due_on >= min(arrived, dates.legal_due_on)
        assert dates.is_late_data == (dates.legal_due_on < arrived)
