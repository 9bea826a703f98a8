"""Access to a run after staging, to manual entry, exits and transfers."""

import uuid

from members.models import ImportRun, Person, Transfer
from members.services import imports
from portal.common import clock
from tests.security.cell import GEHRDEN, MISSING, STAFF, UETZE, Cell
from tests.world import World

CSV = "Mitgliedsnummer;Nachname;Eintrittsdatum;Ortsverein\n{number};{name};{joined};Gehrden\n"


def staged(name: str, number: str = "9001") -> ImportRun:
    text = CSV.format(name=name, number=number, joined=f"{clock.today():%d.%m.%Y}")
    return imports.stage(text.encode(), None)


def _staged(world: World) -> dict:
    run = ImportRun.objects.filter(state="staged").first()
    return {"pk": (run or staged("Zzimported")).pk}


def _rejected(world: World) -> dict:
    run = ImportRun.objects.filter(counts__rejected__gt=0, state="staged").first()
    return {"pk": (run or staged("Zzimported", "")).pk}


def _applied(world: World) -> dict:
    run = ImportRun.objects.filter(state="applied").first()
    if run is None:
        run = imports.apply(staged("Zzimported"), None)
    return {"pk": run.pk}


def _member(world: World) -> dict:
    return {"pk": world.person("member").pk}


def _newcomer(world: World) -> dict:
    return {"pk": world.person("newcomer").pk}


def _left(world: World) -> dict:
    person = world.person("member")
    person.memberships.update(left_on=clock.today(), left_reason="wish", has_ended=True)
    return {"pk": person.pk}


def _transfer(world: World) -> dict:
    transfer = Transfer.objects.first() or Transfer.objects.create(
        person=world.person("newcomer"),
        from_gliederung=world.gliederung("Gehrden"),
        to_gliederung=world.gliederung("Uetze"),
        started_by=world.person("staff"),
        started_at=clock.now(),
    )
    return {"pk": transfer.pk}


def _step(code: str):
    return lambda world: _transfer(world) | {"step": code}


def _absent(world: World) -> dict:
    return {"pk": uuid.UUID(int=4), "step": "abgeben"}


def _move(world: World) -> dict:
    return {"gliederung": str(world.gliederung("Uetze").pk)}


def _moved(world: World) -> dict:
    """A plain member moved by an export: neither side sees members, so it sees no name here."""
    member = world.person("member")
    Person.objects.filter(pk=member.pk).update(gliederung=world.gliederung("Uetze"))
    Transfer.objects.create(
        person=member,
        from_gliederung=world.gliederung("Gehrden"),
        to_gliederung=world.gliederung("Uetze"),
        state=Transfer.State.DONE,
        source=Transfer.Source.IMPORT,
        started_at=clock.now(),
        ended_at=clock.now(),
    )
    return {}


SPEC: dict[str, list[Cell]] = {
    "members:import_decide": [Cell("POST", STAFF, _staged, moves=True)],
    "members:import_rejected": [Cell("GET", STAFF, _rejected, is_file=True)],
    "members:import_undo": [Cell("POST", STAFF, _applied, moves=True)],
    "members:enter": [Cell("GET", STAFF), Cell("POST", STAFF)],
    "members:exit": [
        Cell("GET", STAFF, _member, shows="member"),
        Cell("POST", STAFF, _member),
    ],
    "members:reverse_exit": [Cell("POST", STAFF, _left, moves=True)],
    "members:start_transfer": [
        Cell("GET", GEHRDEN | STAFF, _newcomer, denied=MISSING, shows="newcomer"),
        Cell("POST", GEHRDEN | STAFF, _newcomer, _move, denied=MISSING, moves=True),
    ],
    "members:transfers": [
        Cell("GET", GEHRDEN | UETZE | STAFF),
        Cell("GET", GEHRDEN | UETZE | STAFF, _moved, name="moved"),
    ],
    "members:transfer_step": [
        Cell("POST", GEHRDEN | STAFF, _step("abgeben"), denied="any", moves=True, name="give"),
        Cell("POST", UETZE | STAFF, _step("aufnehmen"), denied="any", moves=True, name="take"),
        Cell("POST", STAFF, _step("vollziehen"), denied="any", moves=True, name="complete"),
        Cell("POST", set(), _absent, denied=MISSING, name="absent"),
    ],
}
