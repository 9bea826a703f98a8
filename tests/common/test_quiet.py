"""No unasked mail at night, on Sundays and on holidays of Lower Saxony."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from portal.common.models import OutgoingMail
from portal.common.outbox.services import NIGHT, drain
from portal.common.quiet import BERLIN, is_quiet_day, next_allowed

QUEUED, SENT = OutgoingMail.State.QUEUED, OutgoingMail.State.SENT


def berlin(text):
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("moment", "allowed"),
    [
        ("2026-11-24 06:59:59", "2026-11-24 07:00"),
        ("2026-11-24 07:00", "2026-11-24 07:00"),
        ("2026-11-24 20:59:59", "2026-11-24 20:59:59"),
        ("2026-11-24 21:00", "2026-11-25 07:00"),
        ("2026-11-28 12:00", "2026-11-28 12:00"),  # a Saturday
        ("2026-11-28 21:30", "2026-11-30 07:00"),
        ("2026-11-29 12:00", "2026-11-30 07:00"),  # a Sunday
        ("2026-10-31 09:00", "2026-11-02 07:00"),  # Reformationstag, then Sunday
        ("2026-12-24 21:00", "2026-12-28 07:00"),  # Christmas Day on a Friday
        ("2026-12-31 21:00", "2027-01-02 07:00"),  # year end
        ("2027-05-06 10:00", "2027-05-07 07:00"),  # Himmelfahrt
        ("2027-05-27 10:00", "2027-05-27 10:00"),  # Fronleichnam is none here
        ("2027-01-31 12:00", "2027-02-01 07:00"),
        ("2028-02-28 22:00", "2028-02-29 07:00"),
        ("2028-02-29 22:00", "2028-03-01 07:00"),
        ("2027-03-27 22:00", "2027-03-30 07:00"),  # clocks change on Easter Sunday
        ("2027-10-30 22:00", "2027-11-01 07:00"),  # and back on a Sunday that is a holiday
    ],
)
def test_the_next_moment_is_never_at_night_or_on_a_quiet_day(moment, allowed):
    assert next_allowed(berlin(moment)) == berlin(allowed)


@pytest.mark.parametrize("night", [date(2027, 3, 28), date(2027, 10, 31)])
def test_no_hour_of_a_night_of_changing_clocks_breaks_or_gets_through(night):
    start = datetime.combine(night, datetime.min.time(), BERLIN).astimezone(UTC)
    for minute in range(0, 26 * 60, 10):
        allowed = next_allowed(start + timedelta(minutes=minute)).astimezone(BERLIN)
        assert 7 <= allowed.hour < 21
        assert not is_quiet_day(allowed.date())


@given(st.datetimes(datetime(2026, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC)))
def test_allowed_is_never_earlier_never_quiet_and_never_more_than_five_days_off(moment):
    allowed = next_allowed(moment)
    here = allowed.astimezone(BERLIN)

    assert moment <= allowed <= moment + timedelta(days=5)
    assert 7 <= here.hour < 21
    assert not is_quiet_day(here.date())
    assert next_allowed(allowed) == allowed


# --- In the outbox --------------------------------------------------------------------------


def test_what_was_delayed_into_the_night_waits_for_the_morning(mail_kind, put, sink, state):
    mail_kind(keeps_quiet=True)
    with time_machine.travel(berlin("2026-11-28 20:30"), tick=False):
        mail = put()
    with time_machine.travel(berlin("2026-11-28 22:00"), tick=False):
        drain()

    assert state(mail) == (QUEUED, NIGHT)
    assert mail.not_before == berlin("2026-11-30 07:00")
    assert mail.attempts == 0
    assert list(sink.glob("*.eml")) == []
    with time_machine.travel(berlin("2026-11-30 07:00"), tick=False):
        drain()
    assert state(mail)[0] == SENT


def test_what_somebody_asked_for_leaves_at_night(mail_kind, put, sink, state):
    mail_kind()
    with time_machine.travel(berlin("2026-11-28 22:00"), tick=False):
        mail = put()
        drain()

    assert state(mail)[0] == SENT
