"""Who may use the pages about getting in: public doors, own devices, staff's page per person."""

from allauth.mfa.models import Authenticator

from members.models import OneTimeCode
from portal.common import clock
from tests.security.cell import ALL, MISSING, SIGNED_IN, STAFF, Cell
from tests.world import World


def _member(world: World) -> dict:
    return {"pk": world.person("member").pk}


def _absent(world: World) -> dict:
    return {"pk": "00000000-0000-4000-8000-000000000000"}


def _verb(verb: str):
    return lambda world: _member(world) | {"verb": verb}


def _notice(world: World) -> dict:
    user, chair = world.user("member"), world.person("vorsitz")
    found = OneTimeCode.objects.filter(user=user).first()
    now = clock.now()
    made = found or OneTimeCode.objects.create(
        user=user, made_by=chair, told=world.person("staff"), created_at=now, expires_at=now
    )
    return {"pk": made.pk}


def _passkey(world: World) -> dict:
    """A factor whose credential nobody reads: these pages need a name only."""
    passkey, _ = Authenticator.objects.get_or_create(
        user=world.user("ansprechperson"),
        type=Authenticator.Type.WEBAUTHN,
        defaults={"data": {"name": "Handy", "credential": {}}},
    )
    return {"pk": passkey.pk}


_PUBLIC = [Cell("GET", ALL, public=True), Cell("POST", ALL, public=True)]
SPEC: dict[str, list[Cell]] = {
    "members:locked_out": [Cell("GET", ALL, public=True)],
    "members:call_back": _PUBLIC,
    "members:one_time": _PUBLIC,
    "members:join": _PUBLIC,
    # Whoever has just signed in is sent on at once (the others: tests/members/test_reauth.py).
    "members:confirm": [Cell("GET", SIGNED_IN, moves=True), Cell("POST", SIGNED_IN, moves=True)],
    "members:sessions": [Cell("GET", SIGNED_IN)],
    "members:session_end": [Cell("POST", SIGNED_IN, moves=True)],
    "members:accesses": [Cell("GET", STAFF)],
    "members:access": [
        Cell("GET", STAFF, _member, shows="member"),
        Cell("GET", set(), _absent, name="absent", denied="any"),
    ],
    "members:access_code": [
        Cell("GET", STAFF, _member, moves=True),
        Cell("POST", STAFF, _member),
    ],
    "members:access_act": [
        Cell("POST", STAFF, _verb(verb), name=verb, moves=True)
        for verb in ("einladen", "zurueckziehen", "sperren", "oeffnen", "erledigt")
    ],
    "members:code_notice": [
        Cell("GET", STAFF, _notice, denied=MISSING, shows="member"),
        Cell("POST", STAFF, _notice, denied=MISSING, moves=True),
    ],
    "members:passkey_rename": [
        Cell("GET", {"ansprechperson"}, _passkey, denied=MISSING),
        Cell("POST", {"ansprechperson"}, _passkey, denied=MISSING),
    ],
    "members:passkey_remove": [
        Cell("GET", {"ansprechperson"}, _passkey, denied=MISSING),
        Cell("POST", {"ansprechperson"}, _passkey, denied=MISSING, moves=True),
    ],
}
