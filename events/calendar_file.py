"""Events as an iCalendar file (RFC 5545) to subscribe to. Pure: no Django, no clock, no database.

The same entries always give the same bytes, whatever their order.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vText

# Control characters that no text may hold (newline and tab may stay), lone surrogates, and
# the byte order mark, which some readers drop and some show.
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufeff]")
_NOT_IN_URLS = re.compile("[\x00-\x20\x7f\ud800-\udfff\ufeff]")
_ESCAPES = str.maketrans({"\\": r"\\", ";": r"\;", ",": r"\,", "\n": r"\n"})

# Since 1996 the EU changes all clocks at 1:00 UTC on the last Sundays of March and October.
_SINCE, _MARCH, _OCTOBER = 1996, 3, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event; a cancelled one stays in the file, so that calendars take it out.

    `sequence` rises with each change of time or place. An alarm is for personal files.
    """

    uid: str
    starts_at: datetime
    ends_at: datetime
    title: str
    changed_at: datetime
    sequence: int = 0
    text: str = ""
    place: str = ""
    url: str = ""
    cancelled: bool = False
    alarm_hours: int | None = None

    def __post_init__(self) -> None:
        if None in (at.utcoffset() for at in (self.starts_at, self.ends_at, self.changed_at)):
            raise ValueError(f"{self.uid} has a time without a zone")
        # Two times of one zone would be compared by the clock on the wall, even across a change.
        if _utc(self.ends_at) < _utc(self.starts_at):
            raise ValueError(f"{self.uid} ends before it starts")


def calendar_file(name: str, entries: Iterable[Entry], *, zone: str = "Europe/Berlin") -> bytes:
    """Return the file; `zone` must change its clocks as the EU does."""
    local = ZoneInfo(zone)
    calendar = Calendar()
    calendar.add("PRODID", "-//Ankommen//Termine//DE")
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", "PUBLISH")
    for key in ("NAME", "X-WR-CALNAME"):  # RFC 7986, and what everybody read before it
        calendar.add(key, _text(name))
    calendar.add("REFRESH-INTERVAL", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", "PT1H")
    calendar.add_component(_timezone(local))
    for entry in sorted(entries, key=lambda entry: (_utc(entry.starts_at), entry.uid)):
        calendar.add_component(_event(entry, local))
    return calendar.to_ical()


class _Text(vText):
    """The package itself takes a backslash before an N for a line break: "C:\\Neu"."""

    def to_ical(self) -> bytes:
        return self.translate(_ESCAPES).encode()


def _text(value: str) -> _Text:
    return _Text(_FORBIDDEN.sub("", value))


def _event(entry: Entry, local: ZoneInfo) -> Event:
    event = Event()
    event.add("UID", _text(entry.uid))
    event.add("DTSTAMP", _utc(entry.changed_at))
    event.add("LAST-MODIFIED", _utc(entry.changed_at))
    event.add("SEQUENCE", entry.sequence)
    event.add("DTSTART", _moment(entry.starts_at, local))
    if _utc(entry.ends_at) > _utc(entry.starts_at):  # else it may have no end (3.8.2.2)
        event.add("DTEND", _moment(entry.ends_at, local))
    event.add("SUMMARY", _text(entry.title))
    for key, value in (("DESCRIPTION", entry.text), ("LOCATION", entry.place)):
        if text := _text(value):
            event.add(key, text)
    if url := _NOT_IN_URLS.sub("", entry.url):
        event.add("URL", url)
    event.add("STATUS", "CANCELLED" if entry.cancelled else "CONFIRMED")
    event.add("TRANSP", "TRANSPARENT" if entry.cancelled else "OPAQUE")
    event.add("CLASS", "PRIVATE")
    if entry.alarm_hours is not None and not entry.cancelled:
        event.add_component(_alarm(entry.title, entry.alarm_hours))
    return event


def _alarm(title: str, hours: int) -> Alarm:
    alarm = Alarm()
    alarm.add("ACTION", "DISPLAY")
    alarm.add("DESCRIPTION", _text(title))
    # Never in days: a day of 23 or 25 hours would move the alarm.
    alarm.add("TRIGGER", _text(f"-PT{hours}H"))
    return alarm


def _timezone(local: ZoneInfo) -> Timezone:
    """Return the rules themselves, for calendars that know no zone by its name."""
    winter, summer = _offsets(local)
    timezone = Timezone()
    timezone.add("TZID", local.key)
    for part, month, before, after in (
        (TimezoneStandard(), _OCTOBER, summer, winter),
        (TimezoneDaylight(), _MARCH, winter, summer),
    ):
        change = _change(_SINCE, month)
        part.add("DTSTART", change.replace(tzinfo=None) + before)
        part.add("RRULE", {"FREQ": "YEARLY", "BYMONTH": month, "BYDAY": "-1SU"})
        part.add("TZOFFSETFROM", before)
        part.add("TZOFFSETTO", after)
        part.add("TZNAME", _change(2026, month).astimezone(local).tzname())
        timezone.add_component(part)
    return timezone


def _moment(at: datetime, local: ZoneInfo) -> datetime:
    """Return the time as every calendar reads it alike: by the local clock, in doubt in UTC.

    In doubt is the hour that comes twice (RFC 5545 means the first one, Thunderbird the second),
    and any time for which the rules in the file differ from the zone's real ones.
    """
    utc = _utc(at)
    there = utc.astimezone(local)
    twice = there.replace(fold=0).utcoffset() != there.replace(fold=1).utcoffset()
    is_summer = _change(utc.year, _MARCH) <= utc < _change(utc.year, _OCTOBER)
    by_rule = utc.year > _SINCE and there.utcoffset() == _offsets(local)[is_summer]
    return there if by_rule and not twice else utc


def _offsets(local: ZoneInfo) -> tuple[timedelta, timedelta]:
    """Return the offsets of winter and summer; 2026 is past, so no later law changes them."""
    march, october = _change(2026, _MARCH), _change(2026, _OCTOBER)
    second, hour = timedelta(seconds=1), timedelta(hours=1)
    found = [
        at.astimezone(local).utcoffset() or timedelta()
        for at in (march - second, march, october - second, october)
    ]
    winter, summer = found[:2]
    if summer != winter + hour or found[2:] != [summer, winter]:
        raise ValueError(f"{local.key} does not change its clocks as the EU does")
    return winter, summer


def _change(year: int, month: int) -> datetime:
    last = datetime(year, month, 31, 1, tzinfo=UTC)
    return last - timedelta(days=last.isoweekday() % 7)


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)
