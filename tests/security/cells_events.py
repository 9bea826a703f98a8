"""Who may use the pages about events; "member" leads one by name, without an office."""

import uuid
from datetime import timedelta

from events.models import Event, EventKind, Registration
from events.services import doors, events, places, subscribing
from portal.common import clock
from tests.security.cell import ALL, GEHRDEN, MISSING, SIGNED_IN, STAFF, UETZE, Cell
from tests.world import World

LEADS = GEHRDEN | STAFF
PLANS = GEHRDEN | UETZE | STAFF
NAMED = {"member"}


def event(world: World, audience: str = "public", kind: str = "workshop", **values) -> Event:
    """One in Gehrden next week, made once per audience."""
    if found := Event.objects.filter(audience=audience, kind__code=kind).first():
        return found
    start = clock.now() + timedelta(days=7)
    facts = {
        "kind": EventKind.objects.get(code=kind),
        "title": "Zzevent",
        "audience": audience,
        "gliederung": world.gliederung("Gehrden"),
        "starts_at": start,
        "ends_at": start + timedelta(hours=2),
        "place": "Bürgerhaus",
    }
    made = events.create(Event(**facts | values), world.person("ansprechperson"))
    made.delegates.add(world.person("member"))
    return made


def registration(world: World, audience: str = "public") -> Registration:
    newcomer = world.person("newcomer")
    return places.register(event(world, audience), newcomer, newcomer)


def _public(world: World) -> dict:
    registration(world)
    return {"pk": event(world).pk}


def _invited(world: World) -> dict:
    registration(world, "invited")
    return {"pk": event(world, "invited").pk}


def _over(world: World) -> dict:
    found = event(world)
    past = clock.now() - timedelta(days=1)
    Event.objects.filter(pk=found.pk).update(starts_at=past, ends_at=past + timedelta(hours=2))
    return {"pk": found.pk}


def _absent(_world: World) -> dict:
    return {"pk": uuid.UUID(int=8)}


def _kind(_world: World) -> dict:
    return {"code": "stammtisch"}


def _item(world: World) -> dict:
    found = event(world)
    return {"pk": found.pk, "item": found.checklist.first().pk}


def _row(world: World) -> dict:
    return {"pk": event(world).pk, "registration": registration(world).pk}


def _door(world: World) -> dict:
    return {"token": doors.url(event(world)).rstrip("/").rpartition("/")[2]}


def _feed(world: World) -> dict:
    return {"token": subscribing.make(world.person("newcomer"), neutral=False)}


def _place(world: World) -> dict:
    event(world)
    return {"pk": world.gliederung("Gehrden").pk}


def _some(world: World) -> dict:
    event(world)
    return {}


def _person(world: World) -> dict:
    event(world)
    return {"pk": world.person("newcomer").pk}


def _comes(world: World) -> dict:
    return {"termin": str(event(world).pk), "kommt": "ja"}


def _guest(_world: World) -> dict:
    return {"guest_name": "Kim Gast", "guest_email": "gast@example.org"}


def _reason(_world: World) -> dict:
    return {"reason": "Krank"}


def _headcount(_world: World) -> dict:
    return {"headcount": "12"}


INSIDE = LEADS | NAMED
SPEC: dict[str, list[Cell]] = {
    "events:termine": [Cell("GET", ALL, _some, public=True)],
    "events:event": [
        Cell("GET", ALL, _public, public=True, name="public"),
        Cell(
            "GET",
            INSIDE | {"newcomer"},
            _invited,
            denied=MISSING,
            public=True,
            name="invited",
        ),
        Cell("GET", set(), _absent, denied=MISSING, public=True, name="absent"),
    ],
    "events:event_file": [
        Cell("GET", ALL, _public, public=True, is_file=True, name="public"),
        Cell(
            "GET",
            INSIDE | {"newcomer"},
            _invited,
            denied=MISSING,
            public=True,
            is_file=True,
            name="invited",
        ),
    ],
    "events:register": [
        Cell("POST", SIGNED_IN, _public, moves=True, name="public"),
        Cell("POST", INSIDE | {"newcomer"}, _invited, denied=MISSING, moves=True, name="invited"),
    ],
    "events:unregister": [Cell("POST", SIGNED_IN, _public, moves=True)],
    "events:guest": [
        Cell("GET", ALL, _public, public=True, name="public"),
        Cell("GET", set(), _invited, denied=MISSING, public=True, name="invited"),
        Cell("POST", ALL, _public, _guest, public=True, name="ask"),
    ],
    "events:kinds": [Cell("GET", PLANS)],
    "events:new": [Cell("GET", PLANS, _kind), Cell("POST", PLANS, _kind)],
    "events:edit": [
        Cell("GET", INSIDE, _public, sees=SIGNED_IN - INSIDE, name="public"),
        Cell("GET", INSIDE, _invited, denied=MISSING, sees={"newcomer"}, name="invited"),
        Cell("POST", INSIDE, _public, sees=SIGNED_IN - INSIDE),
    ],
    "events:cancel": [
        Cell("GET", INSIDE, _public),
        Cell("POST", INSIDE, _public, _reason, moves=True),
    ],
    "events:prepare": [Cell("GET", INSIDE, _public), Cell("POST", INSIDE, _public)],
    "events:tick": [Cell("POST", INSIDE, _item, moves=True)],
    "events:report": [
        Cell("GET", INSIDE, _over, name="over"),
        Cell("POST", INSIDE, _over, _headcount, moves=True),
    ],
    "events:participants": [Cell("GET", INSIDE, _public)],
    "events:sheet": [Cell("GET", INSIDE, _public, is_file=True)],
    "events:mark": [Cell("POST", INSIDE, _row, moves=True)],
    "events:talked": [Cell("POST", INSIDE, _row, moves=True)],
    "events:arrive": [
        Cell("GET", SIGNED_IN, _door),
        Cell("POST", SIGNED_IN, _door),
    ],
    "events:invite": [
        Cell("GET", LEADS, _public),
        Cell("POST", LEADS, _public, moves=True),
    ],
    "events:subscribe": [Cell("GET", SIGNED_IN), Cell("POST", SIGNED_IN)],
    "events:revoke": [Cell("POST", SIGNED_IN, moves=True)],
    "events:my_calendar": [Cell("GET", ALL, _feed, public=True, is_file=True)],
    "events:public_calendar": [Cell("GET", ALL, _place, public=True, is_file=True)],
    "events:by_phone": [
        Cell("GET", LEADS, _person, denied=MISSING),
        Cell("POST", LEADS, _person, _comes, denied=MISSING, moves=True),
    ],
}
