"""Who may be away, hand a newcomer on, and what staff see of who looks after whom."""

from datetime import timedelta

from members.models import Absence
from portal.common import clock
from tests.security.cell import GEHRDEN, MISSING, STAFF, UETZE, Cell
from tests.world import World

CARES = GEHRDEN | UETZE | STAFF


def _days(_: World) -> dict:
    today = clock.today()
    return {"first_day": today.isoformat(), "last_day": (today + timedelta(days=3)).isoformat()}


def _absence(world: World) -> dict:
    today = clock.today()
    absence, _ = Absence.objects.get_or_create(
        person=world.person("deputy"),
        first_day=today + timedelta(days=40),
        last_day=today + timedelta(days=50),
    )
    return {"pk": absence.pk}


def _newcomer(role: str):
    return lambda world: {"pk": world.onboarding(role).pk}


def _one_newcomer(method: str) -> list[Cell]:
    return [
        Cell(
            method,
            whose | STAFF,
            _newcomer(role),
            denied=MISSING,
            moves=True,
            name=role,
        )
        for role, whose in (("newcomer", GEHRDEN), ("foreign_newcomer", UETZE))
    ]


SPEC: dict[str, list[Cell]] = {
    "members:absences": [
        Cell("GET", CARES),
        Cell("POST", CARES, data=_days, moves=True),
    ],
    "members:absent_this_week": [
        Cell("GET", CARES, moves=True),
        Cell("POST", CARES, moves=True),
    ],
    "members:absence_end": [
        Cell("GET", CARES, _absence, moves=True),
        Cell("POST", {"deputy"}, _absence, denied="any", moves=True, name="own"),
    ],
    "members:hand_on": [*_one_newcomer("GET"), *_one_newcomer("POST")],
    "members:hand_back": [*_one_newcomer("GET"), *_one_newcomer("POST")],
}
