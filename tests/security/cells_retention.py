"""Deletion rules and holds: the office, and whoever answers for data protection."""

from members.models import Hold
from portal.common import clock
from tests.security.cell import PRIVACY, STAFF, Cell
from tests.world import World


def _person(world: World) -> dict:
    return {"pk": world.person("newcomer").pk}


def _absent(world: World) -> dict:
    return {"pk": "00000000-0000-4000-8000-000000000000"}


def _held(world: World) -> dict:
    person = world.person("member")
    Hold.objects.get_or_create(person=person, reason="Streit", set_on=clock.today())
    return {"pk": person.pk}


def _some_are_held(world: World) -> dict:
    _held(world)
    return {}


def _rule(world: World) -> dict:
    return {"code": "mail.body"}


SPEC = {
    "members:retention": [Cell("GET", STAFF | PRIVACY)],
    "members:retention_approve": [Cell("POST", STAFF | PRIVACY, moves=True)],
    "members:retention_count": [Cell("POST", STAFF | PRIVACY, moves=True)],
    "members:retention_stop": [Cell("POST", STAFF | PRIVACY, _rule, moves=True)],
    "members:holds": [Cell("GET", STAFF, _some_are_held, shows="member")],
    "members:hold": [
        Cell("GET", STAFF, _person, shows="newcomer"),
        Cell("POST", STAFF, _person, name="set"),
        Cell("GET", set(), _absent, name="absent", denied="any"),
    ],
    "members:lift_hold": [Cell("POST", STAFF, _held, moves=True)],
}
