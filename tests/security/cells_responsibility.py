"""Who may be away, hand a newcomer on, and what staff see of who looks after whom."""

from datetime import timedelta

from members.models import Absence, Assignment, Membership, Onboarding, Person
from members.services import assignments, exits
from portal.common import clock
from tests.security.cell import GEHRDEN, MISSING, STAFF, UETZE, Cell
from tests.world import World, make_newcomer

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


def _batch(world: World) -> dict:
    """What the deputy has shared out, made once."""
    found = Assignment.objects.live().filter(batch__isnull=False).first()
    if found:
        return {"batch": found.batch}
    rows = Onboarding.objects.filter(pk=world.onboarding("other_newcomer").pk)
    taker, by = world.person("vorsitz"), world.person("deputy")
    return {"batch": assignments.share_out(rows, [taker.pk], by).batch}


def _share(world: World) -> dict:
    pk = world.onboarding("newcomer").pk
    return {"neumitglied": [str(pk)], "person": [str(world.person("vorsitz").pk)]}


def _office(world: World) -> dict:
    return {"amt": [str(world.person("vorsitz").aemter.get().pk)]}


def _left(world: World) -> Membership:
    person = Person.objects.filter(family_name="Zzleft").first()
    if person is None:
        person = make_newcomer("Zzleft", world.gliederung("Gehrden")).person
        exits.record_exit(person, clock.today(), Membership.LeftReason.WISH, world.person("staff"))
    return Membership.objects.get(person=person)


def _win_back(world: World) -> dict:
    return {"pk": _left(world).pk, "step": "angerufen"}


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
    "members:share_out": [
        Cell("GET", CARES),
        Cell("POST", GEHRDEN | STAFF, data=_share, denied="any", moves=True, name="Gehrden"),
    ],
    "members:shared_out": [
        Cell("GET", {"deputy"}, _batch, denied="any", name="own"),
    ],
    "members:share_undo": [
        Cell("GET", CARES, _batch, moves=True),
        Cell("POST", CARES, _batch, moves=True),
    ],
    "members:coverage": [Cell("GET", STAFF, shows="ansprechperson")],
    "members:recertify": [
        Cell("GET", STAFF, shows="ansprechperson"),
        Cell("POST", STAFF, data=_office, moves=True),
    ],
    "members:win_back": [Cell("GET", STAFF, lambda world: _left(world) and {})],
    "members:win_back_note": [
        Cell("GET", STAFF, _win_back, moves=True),
        Cell("POST", STAFF, _win_back, moves=True),
    ],
}
