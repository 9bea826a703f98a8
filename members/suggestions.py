"""What fits somebody: places to engage against interests, time and shifts. Pure: no Django."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

MOST = 3
SHORT = 60
SHIFT_WORK = "schicht"
UNKNOWN = "?"
GERMAN = "de"
ONLINE = "online"
SUPPORTING, WATCHING = "supporting", "watching"
# Longest single appointment, in minutes, that goes with what somebody can give.
LONGEST: Mapping[str, int] = {"once": SHORT, "two": 120}

MORNING, EVENING, DAY = "vormittag", "abend", "tag"
WORKDAYS, WEEKEND = range(5), (5, 6)
Times = frozenset[tuple[int, str]]


def _times(days: Iterable[int], part: str) -> Times:
    return frozenset((day, part) for day in days)


# What the codes of members.labels.SLOTS mean: days as date.weekday() says them.
SLOT_TIMES: Mapping[str, Times] = {
    "mo-fr-vormittag": _times(WORKDAYS, MORNING),
    "mo-fr-abend": _times(WORKDAYS, EVENING),
    "mo-abend": _times([0], EVENING),
    "di-abend": _times([1], EVENING),
    "mi-abend": _times([2], EVENING),
    "do-abend": _times([3], EVENING),
    "wochenende": _times(WEEKEND, DAY),
    SHIFT_WORK: frozenset(),
}
# What each shift surely leaves free. Before a night shift an evening out is none, after it one
# sleeps; a day at the weekend is free only when it is off.
LEAVES_FREE: Mapping[str, frozenset[str]] = {
    "F": frozenset({EVENING}),
    "S": frozenset({MORNING}),
    "N": frozenset(),
    "-": frozenset({MORNING, EVENING, DAY}),
    UNKNOWN: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Me:
    """What somebody said about themselves; every part may be missing."""

    topics: Mapping[str, str]  # id → name
    wish: str = ""
    time_budget: str = ""
    slots: frozenset[str] = frozenset()
    shifts: str = ""
    shifts_from: date | None = None
    kommune: str = ""
    neighbours: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Offer:
    """What one place offers."""

    key: str
    topics: frozenset[str] = frozenset()
    kommune: str = ""
    kommune_name: str = ""
    is_online: bool = False
    from_home: bool = False
    slots: frozenset[str] = frozenset()
    when: str = ""
    minutes: int | None = None
    language: str = GERMAN
    just_come: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """How somebody narrows the catalogue; `where` is a Kommune's id, "online" or empty."""

    topic: str = ""
    where: str = ""
    my_time: bool = False
    from_home: bool = False
    short: bool = False


@dataclass(frozen=True, slots=True)
class Suggestion:
    key: str
    score: int
    reason: str


def shift_on(shifts: str, first: date | None, day: date) -> str:
    """Return the letter of one day; "?" outside of the plan."""
    number = (day - first).days if first else -1
    letter = shifts[number] if 0 <= number < len(shifts) else UNKNOWN
    return letter if letter in LEAVES_FREE else UNKNOWN


def has_plan(me: Me, today: date) -> bool:
    """Works in shifts and has told at least one of the next seven days."""
    return SHIFT_WORK in me.slots and any(
        shift_on(me.shifts, me.shifts_from, day) != UNKNOWN for day in _week(today)
    )


def _week(today: date) -> list[date]:
    return [today + timedelta(days=number) for number in range(7)]


def free_times(me: Me, today: date) -> Times:
    """Return when this person is free in the seven days from today on."""
    if has_plan(me, today):
        return frozenset(
            (day.weekday(), part)
            for day in _week(today)
            for part in LEAVES_FREE[shift_on(me.shifts, me.shifts_from, day)]
        )
    return frozenset[tuple[int, str]]().union(
        *(SLOT_TIMES.get(slot, frozenset()) for slot in me.slots)
    )


def fits_times(slots: Iterable[str], free: Times) -> bool:
    """Is there one of these times at which somebody is free?"""
    return any(SLOT_TIMES.get(slot, frozenset()) & free for slot in slots)


def fits_my_time(me: Me, offer: Offer, today: date) -> bool:
    """Surely fits: at a free time, or at home whenever one likes."""
    if offer.from_home and not offer.slots:
        return True
    return fits_times(offer.slots, free_times(me, today))


def is_short(offer: Offer) -> bool:
    return offer.minutes is not None and offer.minutes <= SHORT


def matches(me: Me, offer: Offer, wanted: Wanted, today: date) -> bool:
    where = offer.is_online if wanted.where == ONLINE else offer.kommune == wanted.where
    return (
        (not wanted.topic or wanted.topic in offer.topics)
        and (not wanted.where or where)
        and (not wanted.my_time or fits_my_time(me, offer, today))
        and (not wanted.from_home or offer.from_home)
        and (not wanted.short or is_short(offer))
    )


def suggest(me: Me, offers: Iterable[Offer], today: date, most: int = MOST) -> Sequence[Suggestion]:
    """Return what fits best; whoever only wants to support is left in peace."""
    if me.wish == SUPPORTING:
        return []
    fitting = [offer for offer in offers if _possible(me, offer, today)]
    found = [_suggestion(me, offer, today) for offer in fitting]
    return sorted(found, key=lambda one: (-one.score, one.key))[:most]


def _possible(me: Me, offer: Offer, today: date) -> bool:
    return (
        _speaks(me, offer)
        and _reachable(me, offer)
        and _interesting(me, offer)
        and _not_too_long(me, offer)
        and _not_at_a_wrong_time(me, offer, today)
    )


def _speaks(me: Me, offer: Offer) -> bool:
    """A common language is a must; who named none is taken to speak German (R10)."""
    return offer.language in (me.languages or {GERMAN})


def _reachable(me: Me, offer: Offer) -> bool:
    if offer.is_online or offer.from_home or not offer.kommune or not me.kommune:
        return True
    return offer.kommune == me.kommune or offer.kommune in me.neighbours


def _interesting(me: Me, offer: Offer) -> bool:
    return not me.topics or not offer.topics or bool(offer.topics & me.topics.keys())


def _not_too_long(me: Me, offer: Offer) -> bool:
    longest = LONGEST.get(me.time_budget)
    if longest is None:
        return True
    # A group without a length meets for an evening: too much for an hour now and then.
    return offer.minutes <= longest if offer.minutes else longest > SHORT


def _not_at_a_wrong_time(me: Me, offer: Offer, today: date) -> bool:
    knows_when = bool(me.slots - {SHIFT_WORK}) or has_plan(me, today)
    return not knows_when or not offer.slots or fits_my_time(me, offer, today)


def _suggestion(me: Me, offer: Offer, today: date) -> Suggestion:
    shared = sorted(name for key, name in me.topics.items() if key in offer.topics)
    fits = fits_my_time(me, offer, today)
    is_here = bool(offer.kommune) and offer.kommune == me.kommune
    score = (
        100 * min(len(shared), 2)
        + 30 * is_here
        + 20 * (offer.is_online or offer.from_home)
        + 20 * fits
        + 10 * (is_short(offer) and me.time_budget == "once")
        + 10 * (offer.just_come and me.wish == WATCHING)
    )
    return Suggestion(offer.key, score, _reason(me, offer, shared, fits, today))


def _reason(me: Me, offer: Offer, shared: Sequence[str], fits: bool, today: date) -> str:
    """„Mobilität, in Gehrden, montags abends – passt zu deiner Schicht“."""
    parts = [" und ".join(shared), _where(offer), offer.when, _how_long(offer)]
    said = ", ".join(part for part in parts if part)
    if fits and offer.slots:
        mine = "deiner Schicht" if has_plan(me, today) else "deiner Zeit"
        said = f"{said} – passt zu {mine}"
    return said[:1].upper() + said[1:]


def _where(offer: Offer) -> str:
    if offer.from_home:
        return "von zu Hause aus"
    if offer.is_online:
        return "online"
    return f"in {offer.kommune_name}" if offer.kommune_name else ""


def _how_long(offer: Offer) -> str:
    return f"dauert {offer.minutes} Minuten" if offer.minutes else ""
