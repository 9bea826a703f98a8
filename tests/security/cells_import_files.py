"""Who may upload files, map their columns and delete mappings."""

from members.models import ImportProfile, ImportRun
from members.services import imports
from portal.common import clock
from tests.security.cell import STAFF, Cell
from tests.world import World

UNKNOWN = b"Kennung;Zuname des Mitglieds\n9001;Zzmapped\n"


def mapping(world: World) -> dict:
    run = ImportRun.objects.filter(state="mapping").first()
    run = run or imports.receive(UNKNOWN, world.person("staff"), "export.csv")
    return {"pk": run.pk}


def _waiting(world: World) -> dict:
    run = ImportRun.objects.filter(state="uploaded").first()
    values = {"created_at": clock.now(), "state": "uploaded", "content": UNKNOWN}
    return {"pk": (run or ImportRun.objects.create(**values)).pk}


def _profile(world: World) -> dict:
    profile, _ = ImportProfile.objects.get_or_create(
        header_key="x", defaults={"name": "Landesverband", "created_at": clock.now()}
    )
    return {"pk": profile.pk}


def _columns(world: World) -> dict:
    return {"column_0": "number", "column_1": "family_name", "name": "Landesverband"}


SPEC: dict[str, list[Cell]] = {
    "members:import_check": [Cell("GET", STAFF, _waiting, name="waiting")],
    "members:import_mapping": [
        Cell("GET", STAFF, mapping, name="asks"),
        Cell("POST", STAFF, mapping, _columns, moves=True),
    ],
    "members:import_profile_delete": [Cell("POST", STAFF, _profile, moves=True)],
}
