"""„Wieder anknüpfen“: for the office only."""

import uuid
from datetime import timedelta

from members.models import Membership, Wave
from members.queries import waves as query
from members.services import waves
from portal.common import clock
from tests.security.cell import STAFF, Cell
from tests.world import World, make_person


def make_member(family_name, gliederung, years=12, **values):
    """Somebody who has been a member for long, and with whom nobody has spoken."""
    person = make_person(family_name, gliederung, **values)
    Membership.objects.create(
        person=person,
        number=person.pk.hex,
        joined_on=clock.today() - timedelta(days=365 * years),
        first_seen_on=clock.today(),
    )
    return person


def order(world: World, **changes) -> waves.Order:
    values = {
        "token": uuid.uuid4(),
        "name": "Probe",
        "gliederung": world.gliederung("Region"),
        "months": 12,
        "size": 25,
        "way": Wave.Way.CALL,
        "meeting_at": None,
        "meeting_place": "",
    } | changes
    if values["way"] == Wave.Way.MEETING:
        values["meeting_at"] = values["meeting_at"] or clock.now() + timedelta(days=20)
        values["meeting_place"] = values["meeting_place"] or "Gasthaus Probe"
    if "digest" not in values:
        found = query.without_contact(world.user("staff"), values["months"], values["gliederung"])
        values["digest"] = query.preview(query.next_ones(found, values["size"])).digest
    return waves.Order(**values)


def make_wave(world: World, **changes) -> Wave:
    return waves.start(order(world, **changes), world.user("staff"))


def _wave(world: World) -> dict:
    found = Wave.objects.first()
    if found is None:
        make_member("Zzlangedabei", world.gliederung("Gehrden"))
        found = make_wave(world)
    return {"pk": found.pk}


SPEC: dict[str, list[Cell]] = {
    "members:waves": [Cell("GET", STAFF)],
    "members:wave_new": [Cell("GET", STAFF), Cell("POST", STAFF)],
    "members:wave": [Cell("GET", STAFF, _wave)],
    "members:wave_undo": [Cell("POST", STAFF, _wave, moves=True)],
}
