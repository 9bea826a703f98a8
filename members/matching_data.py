"""What goes into a run of the matching engine and what comes out: plain data."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from uuid import UUID

# With these a hundred thousand scores add up to far below what float64 holds exactly.
MOST = 10_000


@dataclass(frozen=True, slots=True)
class Weights:
    """Points per shared fact; `load` is taken off for a mentor's 1st, 2nd, 3rd place."""

    same_gliederung: int = 30
    near_kommune: int = 20
    topic: int = 10
    language: int = 5
    availability: int = 5
    keep: int = 30
    load: tuple[int, int, int] = (0, 30, 70)
    wish: int = 100

    def __post_init__(self) -> None:
        if list(self.load) != sorted(self.load):
            raise ValueError("load must not fall: a later place cannot be cheaper")
        if max(*self.load, *(value for value in astuple(self) if isinstance(value, int))) > MOST:
            raise ValueError("weights too large to be compared exactly in every region")


DEFAULT_WEIGHTS = Weights()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Person:
    """Codes everywhere; "" or an empty set means unknown."""

    id: UUID
    region: str
    gliederung: str
    kommune: str
    topics: frozenset[str]
    languages: frozenset[str]
    slots: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer(_Person):
    """`wished` are mentors this newcomer has named."""

    is_minor: bool = False
    wished: frozenset[UUID] = frozenset()
    waiting_days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentor(_Person):
    """`capacity` counts free and taken places together; `taken` are accepted tandems."""

    near: frozenset[str]
    capacity: int
    taken: int = 0
    accepts_minors: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """A proposal: `score` is the sum of `parts` (non-zero only), the rest feeds the sentence."""

    newcomer: UUID
    mentor: UUID
    score: int
    parts: dict[str, int]
    shared_topics: tuple[str, ...]
    shared_languages: tuple[str, ...]
    shared_slots: tuple[str, ...]
    same_kommune: bool


@dataclass(frozen=True, slots=True)
class Unmatched:
    """`code` is "no_mentor_in_region", "excluded" or "capacity"; `text` one German sentence."""

    newcomer: UUID
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Result:
    """Sorted by the newcomer's id."""

    pairs: tuple[Pair, ...]
    unmatched: tuple[Unmatched, ...]
    score: int
