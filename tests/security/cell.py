"""One cell of the access matrix, and the groups of people its rows speak of."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.world import CAST, PERSONAS, World

STAFF = {"staff"}
GEHRDEN = {"ansprechperson", "deputy", "vorsitz"}
UETZE = {"foreign_ansprechperson"}
COORDINATES = {"staff", "coordinator"}
PRIVACY = {"privacy"}
# Everybody with a login who is not kept at the enrolment page.
SIGNED_IN = set(CAST) - {"staff_without_mfa"}
ALL = set(PERSONAS)

OK, MISSING, FORBIDDEN, LOGIN, ENROL, MOVED = "ok", "404", "403", "login", "enrol", "moved"


@dataclass(frozen=True)
class Cell:
    """One URL, one method, one object: who is let in, and how the others are turned away."""

    method: str
    allowed: set[str]
    make: Callable[[World], dict] = lambda _: {}
    data: Callable[[World], dict] = lambda _: {}
    denied: str = FORBIDDEN
    sees: set[str] = field(default_factory=set)  # the object, but may not do this: 403
    shows: str = ""  # a canary the allowed must see: proves that the cell is not empty
    public: bool = False
    name: str = ""
    moves: bool = False  # the right answer is a redirect to somewhere inside
    is_file: bool = False  # a download or one word: no page to look at
    writes: set[str] = field(default_factory=set)
