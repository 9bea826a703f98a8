"""Short ways to write people for the matching tests."""

from uuid import UUID

from members.matching import Mentor, Newcomer

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
