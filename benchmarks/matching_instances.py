"""Seeded people for the matching benchmark: dense, with clones, some full, some without anybody."""

import random
from collections.abc import Iterator
from uuid import UUID

from members.matching import Mentor, Newcomer

TOPICS = [f"thema{n}" for n in range(17)]
LANGUAGES = (["de"], ["de"], ["de"], ["de", "en"], ["de", "tr"], ["en"], [])
SLOTS = ["mo-abend", "di-abend", "mi-abend", "do-abend", "sa-morgen", "so-nachmittag"]
PLACES = 12


def people(
    newcomers: int, mentors: int, seed: int, region: str = "R", *, capacity: int = 3
) -> tuple[list[Newcomer], list[Mentor]]:
    """One region; each mentor has between one and `capacity` places."""
    dice = random.Random(f"{seed} {region}")
    return (
        [_newcomer(dice, region) for _ in range(newcomers)],
        [_mentor(dice, region, capacity) for _ in range(mentors)],
    )


def country(regions: int, newcomers: int, mentors: int, seed: int) -> Iterator[tuple[list, list]]:
    """So many regions with so many people each."""
    for number in range(regions):
        yield people(newcomers, mentors, seed, f"R{number:05}")


def _facts(dice: random.Random, region: str) -> dict:
    place = dice.randrange(PLACES)
    return {
        "id": UUID(int=dice.getrandbits(128), version=4),
        "region": region,
        "gliederung": f"g{place}",
        "kommune": f"k{place // 2}",
        "topics": frozenset(dice.sample(TOPICS, dice.randint(0, 5))),
        "languages": frozenset(dice.choice(LANGUAGES)),
        "slots": frozenset(dice.sample(SLOTS, dice.randint(0, 3))),
    }


def _newcomer(dice: random.Random, region: str) -> Newcomer:
    return Newcomer(
        **_facts(dice, region), is_minor=dice.random() < 0.05, waiting_days=dice.randrange(120)
    )


def _mentor(dice: random.Random, region: str, capacity: int) -> Mentor:
    facts = _facts(dice, region)
    town = int(facts["kommune"][1:])
    return Mentor(
        **facts,
        near=frozenset({f"k{town - 1}", f"k{town + 1}"}),
        capacity=dice.randint(1, capacity),
        accepts_minors=dice.random() < 0.3,
    )
