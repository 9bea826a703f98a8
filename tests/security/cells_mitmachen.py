"""Who may use the pages of places to engage; the host "member" holds no office."""

import uuid
from datetime import timedelta

from members.models import Meldung, MitmachOrt, Topic
from portal.common import clock
from tests.security.cell import GEHRDEN, MISSING, SIGNED_IN, STAFF, UETZE, Cell
from tests.world import World

HOST = {"member"}
KEEPERS = GEHRDEN | STAFF
ANYWHERE = GEHRDEN | UETZE | STAFF


def place(world: World, title: str = "Klimatreff", days: int = 0, **values) -> MitmachOrt:
    """A place in Gehrden where the member welcomes people, made once."""
    values = {"kind": MitmachOrt.Kind.TREFF, "host": world.person("member")} | values
    defaults = {
        "sentence": "Wir reden und machen etwas.",
        "gliederung": world.gliederung("Gehrden"),
        "confirmed_on": clock.today() - timedelta(days=days),
        "meeting_point": "Zzmeetingpoint 7",
        **values,
    }
    return MitmachOrt.objects.get_or_create(title=title, defaults=defaults)[0]


def meldung(world: World, role: str = "newcomer", **values) -> Meldung:
    """Somebody asked for that place, once."""
    defaults = {"created_at": clock.now()}
    key = {"ort": place(world), "person": world.person(role)} | values
    return Meldung.objects.get_or_create(**key, defaults=defaults)[0]


def _offered(world: World) -> dict:
    return {"pk": place(world).pk}


def _old(world: World) -> dict:
    return {"pk": place(world, "Alter Treff", days=400).pk}


def _absent(_world: World) -> dict:
    return {"pk": uuid.UUID(int=8)}


def _open(world: World) -> dict:
    return {"pk": meldung(world).pk}


def _answered(world: World) -> dict:
    person = world.person("member")
    found = meldung(world, answered_by=person)
    Meldung.objects.filter(pk=found.pk).update(answered_at=clock.now())
    return {"pk": found.pk}


def _topic(_world: World) -> dict:
    return {"pk": Topic.objects.all()[0].pk}


def _hosting(world: World) -> dict:
    meldung(world)
    return {}


def _person(world: World) -> dict:
    place(world)
    return {"pk": world.person("newcomer").pk}


def _said(world: World) -> dict:
    return {"was": "bescheid", "id": str(place(world).pk)}


SPEC: dict[str, list[Cell]] = {
    "members:mitmachen": [Cell("GET", SIGNED_IN)],
    "members:mitmachen_topic": [Cell("POST", SIGNED_IN, _topic, moves=True)],
    "members:ort": [
        Cell("GET", SIGNED_IN, _offered, name="offered"),
        Cell("GET", KEEPERS | HOST, _old, denied=MISSING, name="old"),
        Cell("GET", set(), _absent, denied=MISSING, name="absent"),
    ],
    "members:ort_tell": [
        Cell("POST", SIGNED_IN, _offered, moves=True),
        Cell("POST", KEEPERS | HOST, _old, denied=MISSING, moves=True, name="old"),
    ],
    "members:ort_withdraw": [Cell("POST", SIGNED_IN, _offered, moves=True)],
    "members:orte": [Cell("GET", ANYWHERE)],
    "members:ort_new": [Cell("GET", ANYWHERE), Cell("POST", ANYWHERE)],
    "members:ort_edit": [
        Cell("GET", KEEPERS, _offered, denied=MISSING),
        Cell("POST", KEEPERS, _offered, denied=MISSING),
    ],
    "members:ort_confirm": [
        Cell("POST", KEEPERS | HOST, _offered, moves=True),
        Cell("POST", KEEPERS | HOST, _old, denied=MISSING, moves=True, name="old"),
    ],
    "members:ort_close": [Cell("POST", KEEPERS, _offered, moves=True)],
    "members:meldungen": [Cell("GET", ANYWHERE | HOST, _hosting)],
    "members:meldung_answered": [
        Cell("POST", KEEPERS | HOST, _open, denied=MISSING, moves=True),
        Cell("POST", set(), _absent, denied=MISSING, name="absent"),
    ],
    "members:meldung_reopen": [
        Cell("POST", KEEPERS | HOST, _answered, denied=MISSING, moves=True),
    ],
    "members:ort_by_phone": [
        Cell("GET", KEEPERS, _person, denied=MISSING),
        Cell("POST", KEEPERS, _person, _said, denied=MISSING, moves=True),
    ],
}
