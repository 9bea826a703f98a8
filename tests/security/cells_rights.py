"""Who may use „Meine Daten“ with its requests, the consents, and the office's pages for them."""

from members.models import RightsRequest
from members.services import rights
from tests.security.cell import GEHRDEN, MISSING, PRIVACY, SIGNED_IN, STAFF, UETZE, Cell
from tests.world import World


def _waiting(world: World, role: str) -> RightsRequest:
    person = world.person(role)
    found = RightsRequest.objects.waiting().filter(person=person).first()
    return found or rights.ask(person, rights.Asked("correction", "Bitte ändern."), person)[0]


def _request(role: str, *, by_phone: bool = False):
    def make(world: World) -> dict:
        one = _waiting(world, role)
        return {"pk": one.person_id, "one": one.pk} if by_phone else {"pk": one.pk}

    return make


def _person(role: str):
    return lambda world: {"pk": world.person(role).pk}


def _kind(slug: str):
    return lambda _: {"kind": slug}


def _reply(_: World) -> dict:
    return {"outcome": "yes", "text": "Wir haben es geändert.", "refusal": ""}


def _said(_: World) -> dict:
    return {"kind": "correction", "text": "Der Name hat zwei n."}


def _by_phone(method: str, make, **values) -> list[Cell]:
    return [
        Cell(method, who | STAFF, make(role), denied=MISSING, name=name, **values)
        for who, role, name in (
            (GEHRDEN, "newcomer", "Gehrden"),
            (UETZE, "foreign_newcomer", "Uetze"),
        )
    ]


SPEC: dict[str, list[Cell]] = {
    "members:my_export": [Cell("GET", SIGNED_IN), Cell("POST", SIGNED_IN, is_file=True)],
    "members:my_request": [
        Cell("GET", SIGNED_IN, _kind("berichtigung"), name="correction"),
        Cell(
            "POST",
            SIGNED_IN,
            _kind("berichtigung"),
            lambda _: {"text": "Bitte ändern."},
            moves=True,
            name="correction",
        ),
        Cell("GET", set(), _kind("gibt-es-nicht"), denied=MISSING, name="absent"),
    ],
    "members:my_request_withdraw": [
        Cell("POST", {"newcomer"}, _request("newcomer"), denied=MISSING, moves=True)
    ],
    "members:consents": [Cell("GET", SIGNED_IN)],
    "members:my_proof": [Cell("GET", SIGNED_IN)],
    "members:consent": [
        Cell(
            "POST",
            SIGNED_IN,
            lambda _: {"purpose": "messenger"},
            lambda _: {"answer": "yes"},
            moves=True,
        ),
        Cell("POST", set(), lambda _: {"purpose": "x"}, denied=MISSING, name="absent"),
    ],
    "members:rights": [Cell("GET", STAFF | PRIVACY)],
    "members:rights_request": [
        Cell("GET", STAFF, _request("member"), shows="member"),
        Cell("POST", STAFF, _request("member"), _reply, moves=True),
    ],
    "members:person_export": [
        Cell("GET", STAFF, _person("member"), shows="member"),
        Cell("POST", STAFF, _person("member"), lambda _: {"reason": "Am Telefon."}, is_file=True),
    ],
    "members:proof": [Cell("GET", STAFF, _person("member"), shows="member")],
    "members:rights_by_phone": [
        *_by_phone("GET", _person),
        *_by_phone("POST", _person, data=_said, moves=True),
    ],
    "members:rights_by_phone_withdraw": _by_phone(
        "POST", lambda role: _request(role, by_phone=True), moves=True
    ),
}
