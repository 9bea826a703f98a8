"""Who may read who looked at whom: the person themselves, and staff when it was very many."""

from members.models import LookStop
from portal.common import clock
from tests.security.cell import MISSING, PRIVACY, SIGNED_IN, STAFF, Cell
from tests.world import World


def _stop(world: World) -> dict:
    now = clock.now()
    found, _ = LookStop.objects.get_or_create(
        viewer=world.person("ansprechperson"),
        day=clock.today(),
        defaults={"stopped_at": now, "most": 200},
    )
    return {"pk": found.pk}


def _act(verb: str):
    return lambda world: _stop(world) | {"verb": verb}


def _absent(world: World) -> dict:
    return {"pk": "00000000-0000-4000-8000-000000000000"}


def _why(_: World) -> dict:
    return {"reason": "Telefonaktion am Samstag"}


SPEC: dict[str, list[Cell]] = {
    "members:looks": [Cell("GET", SIGNED_IN)],
    "members:look_stop": [
        Cell("GET", STAFF | PRIVACY, _stop, denied=MISSING, shows="ansprechperson"),
        Cell("GET", set(), _absent, denied=MISSING, name="absent"),
    ],
    "members:look_release": [
        Cell("GET", STAFF, _stop, denied=MISSING, sees=PRIVACY, shows="ansprechperson"),
        Cell("POST", STAFF, _stop, _why, denied=MISSING, sees=PRIVACY, moves=True),
    ],
    "members:look_act": [
        Cell(
            "POST",
            STAFF,
            _act("geklaert"),
            denied=MISSING,
            sees=PRIVACY,
            name="geklaert",
            moves=True,
        ),
        Cell(
            "POST",
            STAFF | PRIVACY,
            _act("gesehen"),
            denied=MISSING,
            name="gesehen",
            moves=True,
        ),
    ],
}
