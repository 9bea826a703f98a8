"""Who may use the pages about applicants, interested people and the card „Komm mit“."""

from django.core import signing

from members.models import Interest, Membership
from members.services import cards, interest
from portal.common import clock
from tests.members.interested import asked, filled, make_application, make_interest
from tests.security.cell import ALL, GEHRDEN, MISSING, SIGNED_IN, STAFF, UETZE, Cell
from tests.world import CAST, World

VORSITZ = {"vorsitz"}
WELCOMES = GEHRDEN | UETZE | STAFF
NOBODY_ELSE = {"Gehrden": GEHRDEN | STAFF, "Uetze": UETZE | STAFF}
PLZ = {"Gehrden": "30989", "Uetze": "31311"}


def _application(place: str):
    def make(world: World) -> dict:
        found = Membership.objects.filter(person__family_name=f"Zzantrag{place}").first()
        made = found or make_application(f"Zzantrag{place}", world.gliederung(place), 25)
        return {"pk": made.pk}

    return make


def _interest(place: str):
    def make(world: World) -> dict:
        email = f"zzinteresse{place.lower()}@example.org"
        found = Interest.objects.filter(email=email, state=Interest.State.CONFIRMED).first()
        if found is None:
            found = make_interest(
                email, plz=PLZ[place], given_name="Ida", family_name=f"Zzinteresse{place}"
            )
        return {"pk": found.pk}

    return make


def _verb(make, verb: str):
    return lambda world: make(world) | {"verb": verb}


def _link(world: World) -> dict:
    interest.ask(asked(email="zzlink@example.org"))
    one = Interest.objects.filter(email="zzlink@example.org").latest("created_at")
    return {"token": signing.Signer(salt="interest").sign(one.pk.hex)}


def _card(world: World) -> dict:
    return {"code": cards.make(world.person("member")).code}


def _image(world: World) -> dict:
    for role in CAST:
        cards.make(world.person(role))
    return {}


def _absent(world: World) -> dict:
    return {"pk": "00000000-0000-4000-8000-000000000000"}


def _today(_: World) -> dict:
    return {"day": f"{clock.today():%Y-%m-%d}"}


def _apply(_: World) -> dict:
    return {"applied_on": f"{clock.today():%Y-%m-%d}", "kind": "member"}


def _decides(name: str, **values) -> list[Cell]:
    """The Vorsitz and the office decide; who only sees it is told so; others find nothing."""
    make = values.pop("make")
    return [
        Cell("POST", VORSITZ | STAFF, make("Gehrden"), denied="any", name=name, **values),
        Cell("POST", STAFF, make("Uetze"), denied="any", name=f"{name} Uetze", **values),
    ]


SPEC: dict[str, list[Cell]] = {
    "members:interest": [
        Cell("GET", ALL, public=True),
        Cell("POST", ALL, data=lambda _: filled(), public=True),
    ],
    "members:come_along": [
        Cell("GET", ALL, _card, public=True),
        Cell("POST", ALL, _card, lambda _: filled(), public=True),
    ],
    "members:interest_confirm": [
        Cell("GET", ALL, _link, public=True),
        Cell("POST", ALL, _link, lambda _: {"tun": "ja"}, public=True, moves=True),
    ],
    "members:card": [
        Cell("GET", SIGNED_IN),
        Cell("POST", SIGNED_IN, moves=True),
    ],
    "members:card_image": [Cell("GET", SIGNED_IN, _image, is_file=True)],
    "members:admissions": [Cell("GET", WELCOMES)],
    "members:admission": [
        *(
            Cell("GET", allowed, _application(place), denied=MISSING, name=place)
            for place, allowed in NOBODY_ELSE.items()
        ),
        *_decides("admit", make=_application, data=_today, moves=True),
        Cell("GET", set(), _absent, denied=MISSING, name="absent"),
    ],
    "members:admission_act": [
        *_decides("refuse", make=lambda place: _verb(_application(place), "ablehnen"), moves=True),
        *_decides(
            "undo", make=lambda place: _verb(_application(place), "zuruecknehmen"), moves=True
        ),
    ],
    "members:interested_list": [Cell("GET", WELCOMES)],
    "members:interested": [
        *(
            Cell("GET", allowed, _interest(place), denied=MISSING, name=place)
            for place, allowed in NOBODY_ELSE.items()
        ),
        *(
            Cell("POST", allowed, _interest(place), _apply, MISSING, name=place, moves=True)
            for place, allowed in NOBODY_ELSE.items()
        ),
        Cell("GET", set(), _absent, denied=MISSING, name="absent"),
    ],
    "members:interested_act": [
        Cell(
            "POST",
            allowed,
            _verb(_interest(place), verb),
            denied=MISSING,
            name=f"{verb} {place}",
            moves=True,
        )
        for place, allowed in NOBODY_ELSE.items()
        for verb in ("gesprochen", "nicht-erreicht", "loeschen")
    ],
    "members:interest_held": [Cell("GET", STAFF)],
    "members:interest_held_act": [
        Cell("POST", STAFF, _verb(lambda _: {}, verb), name=verb, moves=True)
        for verb in ("freigeben", "verwerfen")
    ],
}
