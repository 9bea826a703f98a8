"""The file that calendars subscribe to, read back by two independent readers."""

import io
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil import tz
from hypothesis import example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from events.calendar_file import Entry, calendar_file

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 7, 1, 12, tzinfo=BERLIN)
# The clocks change at 1:00 UTC.
SPRING = datetime(2026, 3, 29, 1, tzinfo=UTC)
AUTUMN = datetime(2026, 10, 25, 1, tzinfo=UTC)

# What needs care between everything there is, lone surrogates too; repeated to make long lines.
CAREFUL = st.text('\\,;:"\r\n\t\x00\x0b\x7f nN\u2028\u0085\u202eשלוםäß🏳️‍🌈\ud800\ufeff', max_size=20)
ANYTHING = st.text(st.characters(codec=None, exclude_categories=()), max_size=20)
PIECES = st.lists(CAREFUL | ANYTHING, max_size=8).map("".join)
TEXTS = st.builds(lambda text, times: text * times, PIECES, st.integers(1, 40))
FORBIDDEN = {chr(n) for n in [*range(32), 127, *range(0xD800, 0xE000), 0xFEFF]} - {"\n", "\t"}


def entry(starts_at=NOON, hours=2.0, **given):
    """Build an entry; `hours` are real ones, also across a change of the clocks."""
    end = (starts_at.astimezone(UTC) + timedelta(hours=hours)).astimezone(starts_at.tzinfo)
    usual = {
        "uid": "1@example.org",
        "title": "Stammtisch",
        "ends_at": end,
        "changed_at": datetime(2026, 6, 1, 8, 30, 5, 250, tzinfo=BERLIN),
    }
    return Entry(starts_at=starts_at, **usual | given)


def events(*entries):
    return Calendar.from_ical(calendar_file("Termine", entries)).events


def lines(*entries, name="Termine"):
    """Return the lines as they are meant, after taking the folds out."""
    return calendar_file(name, entries).decode().replace("\r\n ", "").split("\r\n")


def utc(at):
    return at.astimezone(UTC)


def allowed(text):
    return "".join(char for char in text if char not in FORBIDDEN)


def test_the_head_tells_every_calendar_its_name_and_when_to_come_back():
    head = lines(name="SPD Gehrden, Termine")
    assert head[: head.index("BEGIN:VTIMEZONE")] == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Ankommen//Termine//DE",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        r"NAME:SPD Gehrden\, Termine",
        r"X-WR-CALNAME:SPD Gehrden\, Termine",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    ]


def test_an_entry_is_written_in_full():
    full = entry(
        sequence=3,
        text="Kommt alle.\nEs gibt Kuchen; Kaffee, Tee.",
        place="Rathaus, Saal 1",
        url="https://example.org/termine/1?a=1,2;3",
        alarm_hours=24,
    )
    written = lines(full)
    assert written[written.index("BEGIN:VEVENT") :] == [
        "BEGIN:VEVENT",
        "SUMMARY:Stammtisch",
        "DTSTART;TZID=Europe/Berlin:20260701T120000",
        "DTEND;TZID=Europe/Berlin:20260701T140000",
        "DTSTAMP:20260601T063005Z",
        "UID:1@example.org",
        "SEQUENCE:3",
        "CLASS:PRIVATE",
        r"DESCRIPTION:Kommt alle.\nEs gibt Kuchen\; Kaffee\, Tee.",
        "LAST-MODIFIED:20260601T063005Z",
        r"LOCATION:Rathaus\, Saal 1",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        "URL:https://example.org/termine/1?a=1,2;3",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "DESCRIPTION:Stammtisch",
        "TRIGGER:-PT24H",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


def test_what_is_empty_is_left_out():
    (event,) = events(entry())
    assert not {"DESCRIPTION", "LOCATION", "URL"} & set(event)
    assert event.subcomponents == []


def test_a_cancelled_entry_stays_without_taking_time_or_ringing():
    (event,) = events(entry(cancelled=True, alarm_hours=2))
    assert (event["STATUS"], event["TRANSP"]) == ("CANCELLED", "TRANSPARENT")
    assert event.subcomponents == []


@settings(deadline=None)
@given(TEXTS, TEXTS, TEXTS)
@example("C:\\Neu\\neu\\", "\\N", "a" * 62 + "\\\\n")
@example("🏳️‍🌈" * 2_500, "مرحبا " * 1_700, "\n" * 10_000)
@example("\r\nEND:VEVENT\r\n", " \t\x00\x1f\x7f ", "\u2028\u2029\u0085")
def test_any_text_comes_back_and_no_line_is_too_long(title, text, place):
    data = calendar_file(title, [entry(title=title, text=text, place=place, alarm_hours=1)])
    physical = data.split(b"\r\n")
    assert max(map(len, physical)) <= 75
    assert not re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", b"".join(physical))
    for line in physical:
        line.decode()
    calendar = Calendar.from_ical(data)
    (event,) = calendar.events
    assert calendar["NAME"] == calendar["X-WR-CALNAME"]
    assert event["SUMMARY"] == allowed(title)
    assert event.get("DESCRIPTION", "") == allowed(text)
    assert event.get("LOCATION", "") == allowed(place)


@given(TEXTS, TEXTS)
def test_no_uid_or_address_can_write_a_property_of_its_own(uid, url):
    (plain,) = events(entry(url="x"))
    (event,) = events(entry(uid=uid, url=f"https://example.org/{url}"))
    assert set(event) == set(plain)
    assert event["UID"] == allowed(uid)


def test_both_sides_of_a_change_of_the_clocks_keep_their_instants():
    days = [datetime(2026, 3, 28, 19), datetime(2026, 3, 29, 19), datetime(2026, 10, 24, 19)]
    days = [day.replace(tzinfo=BERLIN) for day in [*days, datetime(2026, 10, 25, 19)]]
    found = events(*(entry(day) for day in days))
    assert [utc(event.start).hour for event in found] == [18, 17, 17, 18]
    assert [event.start.hour for event in found] == [19] * 4


@pytest.mark.parametrize("change", [SPRING, AUTUMN])
@pytest.mark.parametrize("minutes", range(-180, 181, 30))
def test_the_night_of_a_change_keeps_every_instant(change, minutes):
    start = change + timedelta(minutes=minutes)
    (event,) = events(entry(start.astimezone(BERLIN), hours=0.5))
    assert (utc(event.start), utc(event.end)) == (start, start + timedelta(minutes=30))


@pytest.mark.parametrize(("fold", "written"), [(0, "20261025T003000Z"), (1, "20261025T013000Z")])
def test_the_hour_that_comes_twice_is_written_in_utc(fold, written):
    """Calendars disagree which of the two is meant by the local time."""
    start = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=fold)
    assert f"DTSTART:{written}" in lines(entry(start))


def test_a_time_that_the_clocks_skip_is_an_hour_later():
    skipped = datetime(2026, 3, 29, 2, 30, tzinfo=BERLIN)
    assert "DTSTART;TZID=Europe/Berlin:20260329T033000" in lines(entry(skipped))


def test_a_time_for_which_the_rules_of_the_file_are_wrong_is_written_in_utc():
    assert "DTSTART:19950701T160000Z" in lines(entry(datetime(1995, 7, 1, 18, tzinfo=BERLIN)))
    # Lithuania had no summer time in 2001.
    without = entry(datetime(2001, 7, 1, 18, tzinfo=ZoneInfo("Europe/Vilnius")))
    assert b"DTSTART:20010701T160000Z" in calendar_file("x", [without], zone="Europe/Vilnius")


@settings(deadline=None)
@given(
    st.datetimes(datetime(1980, 1, 1), datetime(2060, 1, 1), timezones=st.timezones()),
    st.floats(0, 100),
)
def test_any_instant_of_any_zone_comes_back(start, hours):
    given = entry(start, hours=hours)
    (event,) = events(given)
    assert utc(event.start) == utc(given.starts_at).replace(microsecond=0)
    assert utc(event.end) == utc(given.ends_at).replace(microsecond=0)


@given(st.datetimes(datetime(1997, 1, 1), datetime(2037, 12, 1)))
def test_the_rules_in_the_file_alone_give_the_right_time(naive):
    """A second reader that knows no zone by its name."""
    data = calendar_file("Termine", [])
    assert data.count(b"BEGIN:VTIMEZONE") == data.count(b"TZID:Europe/Berlin") == 1
    rules = re.search(rb"BEGIN:VTIMEZONE.*END:VTIMEZONE", data, re.DOTALL)
    zone = tz.tzical(io.StringIO(rules[0].decode())).get("Europe/Berlin")
    there = naive.replace(tzinfo=UTC).astimezone(BERLIN)
    if there.replace(fold=0).utcoffset() == there.replace(fold=1).utcoffset():
        assert there.replace(tzinfo=zone).utcoffset() == there.utcoffset()


def test_another_zone_with_the_same_rule_has_its_own_hours():
    written = calendar_file("Termine", [entry()], zone="Europe/Helsinki").decode()
    assert "DTSTART;TZID=Europe/Helsinki:20260701T130000" in written
    assert "TZOFFSETFROM:+0200\r\nTZOFFSETTO:+0300" in written
    assert "DTSTART:19960331T030000" in written
    assert "TZNAME:EEST" in written


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo", "Australia/Sydney"])
def test_a_zone_with_other_rules_is_refused(zone):
    with pytest.raises(ValueError, match="clocks as the EU"):
        calendar_file("Termine", [], zone=zone)


@given(st.permutations([entry(NOON + timedelta(hours=n // 2), uid=f"{n}@x") for n in range(6)]))
def test_order_does_not_matter(entries):
    assert calendar_file("Termine", entries) == calendar_file("Termine", reversed(entries))
    assert [event["UID"] for event in events(*entries)] == [f"{n}@x" for n in range(6)]


def test_entries_of_the_hour_that_comes_twice_stand_in_their_order():
    first = entry(datetime(2026, 10, 25, 2, 45, tzinfo=BERLIN), uid="first@x")
    second = entry(datetime(2026, 10, 25, 2, 15, tzinfo=BERLIN, fold=1), uid="second@x")
    assert [event["UID"] for event in events(second, first)] == ["first@x", "second@x"]


def test_the_zone_of_the_given_times_does_not_matter():
    def seen_from(zone):
        return calendar_file("Termine", [entry(NOON.astimezone(zone))])

    assert seen_from(UTC) == seen_from(BERLIN) == seen_from(ZoneInfo("Asia/Kathmandu"))


def test_an_entry_that_changes_changes_the_file():
    later = entry(changed_at=NOON, sequence=1)
    assert calendar_file("Termine", [entry()]) != calendar_file("Termine", [later])


def test_an_entry_without_length_has_no_end():
    (event,) = events(entry(hours=0))
    assert "DTEND" not in event
    assert event.end == event.start == NOON


def test_an_entry_that_ends_before_it_starts_is_refused():
    with pytest.raises(ValueError, match=r"1@example\.org ends before it starts"):
        entry(hours=-0.01)
    second = datetime(2026, 10, 25, 2, 15, tzinfo=BERLIN, fold=1)
    with pytest.raises(ValueError, match="ends before"):
        entry(second, ends_at=second.replace(minute=45, fold=0))


def test_an_entry_may_end_earlier_by_the_clock_on_the_wall():
    start = datetime(2026, 10, 25, 2, 45, tzinfo=BERLIN)
    (event,) = events(entry(start, ends_at=datetime(2026, 10, 25, 2, 15, tzinfo=BERLIN, fold=1)))
    assert utc(event.end) - utc(event.start) == timedelta(minutes=30)


@pytest.mark.parametrize("field", ["starts_at", "ends_at", "changed_at"])
def test_a_time_without_a_zone_is_refused(field):
    times = dict.fromkeys(["starts_at", "ends_at", "changed_at"], NOON)
    with pytest.raises(ValueError, match="without a zone"):
        Entry(uid="1", title="", **times | {field: datetime(2026, 7, 1, 12)})
