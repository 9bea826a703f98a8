"""After a talk, the guide, and the timeline."""

from collections.abc import Callable

from members.models import Contact
from portal.common import clock
from tests.security.cell import GEHRDEN, MISSING, STAFF, UETZE, Cell
from tests.world import World

TOKENS = {"newcomer": 11, "foreign_newcomer": 12}


def talk(world: World, role: str) -> Contact:
    """A talk with somebody of the cast, made once."""
    onboarding = world.onboarding(role)
    found, _ = Contact.objects.get_or_create(
        submit_token=f"8b0a4a70-6d2e-4f6e-9f0e-0000000000{TOKENS[role]}",
        defaults={
            "onboarding": onboarding,
            "made_by": onboarding.responsible,
            "made_on": clock.today(),
            "result": "not_reached",
            "note": "Mag Musik.",
            "created_at": clock.now(),
        },
    )
    return found


def _talk(role: str) -> Callable[[World], dict]:
    return lambda world: {"pk": world.onboarding(role).pk, "contact": talk(world, role).pk}


def _newcomer(role: str) -> Callable[[World], dict]:
    return lambda world: {"pk": world.onboarding(role).pk}


def _cells(method: str, make: Callable[[str], Callable[[World], dict]], **options) -> list[Cell]:
    gehrden, uetze = ("newcomer", "foreign_newcomer")
    return [
        Cell(method, GEHRDEN | STAFF, make(gehrden), denied=MISSING, name="Gehrden", **options),
        Cell(method, UETZE | STAFF, make(uetze), denied=MISSING, name="Uetze", **options),
    ]


def _person(world: World) -> dict:
    talk(world, "newcomer")
    return {"pk": world.person("newcomer").pk}


def _day(_: World) -> dict:
    return {"on": clock.today().isoformat()}


SPEC = {
    "members:logged": _cells("GET", _talk),
    "members:undo_contact": _cells("POST", _talk, moves=True),
    "members:put_off": _cells("POST", _newcomer, data=_day, moves=True),
    "members:first_talk": [
        *_cells("GET", _newcomer),
        *_cells("POST", _newcomer, data=lambda _: {"motives": "ort"}, moves=True),
    ],
    "members:timeline": [Cell("GET", STAFF, _person, shows="newcomer")],
}
