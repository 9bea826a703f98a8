"""Runs in an environment of its own, with mentor-match and none of our packages.

Reads people as JSON from standard input, prints seconds and pairs. Its rules give the same points
as ours; it knows no places and no waiting, so each mentor has one place.
"""

import json
import sys
import time

from matching.mentee import Mentee
from matching.mentor import Mentor
from matching.process import process_data
from matching.rules.rule import Disqualify, Generic

TOPIC_POINTS = {0: 0, 1: 10, 2: 20, 3: 30}


def person(cls, facts):
    made = cls(grade=1, email=facts["id"])
    for name in ("topics", "languages", "slots", "near"):
        setattr(made, name, set(facts.get(name, ())))
    made.facts = facts
    return made


def same_gliederung(match):
    return match.mentor.facts["gliederung"] == match.mentee.facts["gliederung"]


def is_near(match):
    town = match.mentee.facts["kommune"]
    near = town in match.mentor.near or town == match.mentor.facts["kommune"]
    return near and not same_gliederung(match)


def speaks_nothing_shared(match):
    one, other = match.mentee.languages, match.mentor.languages
    return bool(one and other and not one & other)


RULES = (
    Disqualify(speaks_nothing_shared),
    Disqualify(lambda m: m.mentee.facts["is_minor"] and not m.mentor.facts["accepts_minors"]),
    Generic({True: 30, False: 0}, same_gliederung),
    Generic({True: 20, False: 0}, is_near),
    Generic(TOPIC_POINTS, lambda m: min(3, len(m.mentee.topics & m.mentor.topics))),
    Generic(
        {True: 5, False: 0},
        lambda m: bool((m.mentee.languages & m.mentor.languages) - {"de"}),
    ),
    Generic({True: 5, False: 0}, lambda m: bool(m.mentee.slots & m.mentor.slots)),
)


def main():
    people = json.load(sys.stdin)
    mentees = [person(Mentee, facts) for facts in people["newcomers"]]
    mentors = [person(Mentor, facts) for facts in people["mentors"]]
    started = time.perf_counter()
    process_data(mentors, mentees, [list(RULES)])
    seconds = time.perf_counter() - started
    pairs = [(mentee.email, mentor.email) for mentor in mentors for mentee in mentor.mentees]
    json.dump({"seconds": seconds, "pairs": pairs}, sys.stdout)


if __name__ == "__main__":
    main()
