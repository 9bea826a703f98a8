"""Who takes people out of the portal as a file."""

from datetime import timedelta

from portal.common import clock
from portal.common.models import ExportRun
from tests.security.cell import STAFF, Cell
from tests.world import World


def _code(code: str):
    return lambda _: {"code": code}


def _run(world: World) -> dict:
    made_by = world.person("staff").pk
    now, today = clock.now(), clock.today()
    found, _ = ExportRun.objects.get_or_create(
        made_by=made_by,
        code="neumitglieder",
        defaults={
            "purpose": "Einladung zum Neumitgliederabend",
            "count": 3,
            "made_at": now,
            "delete_on": today + timedelta(days=14),
        },
    )
    return {"pk": found.pk}


def _listed(world: World) -> dict:
    _run(world)
    return {}


def _why(_: World) -> dict:
    return {"purpose": "Einladung zum Neumitgliederabend"}


SPEC: dict[str, list[Cell]] = {
    "members:exports": [Cell("GET", STAFF, _listed)],
    "members:export": [
        Cell("GET", STAFF, _code("neumitglieder")),
        Cell("POST", STAFF, _code("neumitglieder"), _why, shows="newcomer", name="Neumitglieder"),
        Cell("POST", STAFF, _code("aemter"), _why, shows="vorsitz", name="Ämter"),
    ],
    "members:export_deleted": [Cell("POST", STAFF, _run, moves=True)],
}
