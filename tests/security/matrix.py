"""What the access matrix knows: every URL, who may use it, and objects that really exist."""

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path

from django.urls import URLPattern, URLResolver, get_resolver

from members.forms.mentoring import as_fields
from members.matching import DEFAULT_WEIGHTS
from members.models import ImportRun, MatchingRun, Person
from members.services import imports, invitations
from portal.common import clock, links
from tests.security.cell import (
    ALL,
    COORDINATES,
    ENROL,
    FORBIDDEN,
    GEHRDEN,
    LOGIN,
    MISSING,
    MOVED,
    OK,
    SIGNED_IN,
    STAFF,
    UETZE,
    Cell,
)
from tests.world import CAST, NEWCOMERS, World, canary, make_person


def _newcomer(role: str) -> Callable[[World], dict]:
    return lambda world: {"pk": world.onboarding(role).pk}


def _absent(world: World) -> dict:
    return {"pk": "00000000-0000-4000-8000-000000000000"}


def _handover(role: str) -> Callable[[World], dict]:
    def make(world: World) -> dict:
        onboarding = world.onboarding(role)
        return {"pk": onboarding.pk, "milestone": onboarding.milestones.get(code="parteibuch").pk}

    return make


CSV = "Mitgliedsnummer;Nachname;Eintrittsdatum;Ortsverein\n9001;Zzimported;01.10.2026;Gehrden\n"


def _run(world: World) -> dict:
    run = ImportRun.objects.filter(state="staged").first()
    return {"pk": (run or imports.stage(CSV.encode(), None)).pk}


def _undecided(world: World) -> dict:
    person = Person.objects.filter(family_name="Zzundecided").first()
    person = person or make_person("Zzundecided", None, open_question="ortsverein")
    return {"pk": person.pk}


def _preview(world: World) -> dict:
    run, _ = MatchingRun.objects.get_or_create(
        state=MatchingRun.State.PREVIEW, defaults={"created_at": clock.now()}
    )
    return {"pk": run.pk}


def _weights(world: World) -> dict:
    return as_fields(DEFAULT_WEIGHTS)


def _invitation(world: World) -> dict:
    person = Person.objects.filter(family_name="Zzinvited").first()
    invitation = invitations.ensure_invitation(person or make_person("Zzinvited", None))
    return {"token": invitations.token(invitation)}


def _link(world: World) -> dict:
    url = links.signed_url("nobody-called", str(world.onboarding("newcomer").pk))
    return {"token": url.rstrip("/").rpartition("/")[2]}


def _talk(world: World) -> dict:
    return {"result": "not_reached", "submit_token": "8b0a4a70-6d2e-4f6e-9f0e-000000000001"}


def _people_cells(name: str, method: str, **values) -> list[Cell]:
    """Own Gliederung, foreign one, and no object at all: strangers get the same 404."""
    make = values.pop("make", _newcomer)
    return [
        Cell(method, GEHRDEN | STAFF, make("newcomer"), denied=MISSING, name="Gehrden", **values),
        Cell(
            method, UETZE | STAFF, make("foreign_newcomer"), denied=MISSING, name="Uetze", **values
        ),
    ]


PUBLIC_GET = [Cell("GET", ALL, public=True)]
SPEC: dict[str, list[Cell]] = {
    "dashboards:home": [
        Cell("GET", {"anon"}, public=True, denied=MOVED, name="start"),
    ],
    "dashboards:mein_start": [
        Cell("GET", SIGNED_IN, name="anybody"),
    ],
    "dashboards:nobody_called": [
        Cell("GET", SIGNED_IN, moves=True),
        Cell("POST", set(NEWCOMERS), denied=MISSING, moves=True),
    ],
    "dashboards:heute": [
        Cell("GET", GEHRDEN | UETZE | STAFF),
        Cell("GET", {"ansprechperson"}, shows="newcomer", denied="any", name="shows own"),
    ],
    "dashboards:uebersicht": [Cell("GET", STAFF)],
    "dashboards:help": PUBLIC_GET,
    "dashboards:imprint": PUBLIC_GET,
    # Demo pages do not exist outside of demo mode, whoever asks.
    "dashboards:demo_login": [Cell("POST", set(), denied=MISSING, public=True)],
    "dashboards:demo_mailbox": [Cell("GET", set(), denied=MISSING, public=True)],
    "common:signed_link": [
        Cell("GET", ALL, _link, public=True),
        Cell("POST", ALL, _link, public=True),
    ],
    "members:newcomers": [
        Cell("GET", SIGNED_IN),
        Cell("GET", GEHRDEN | STAFF, shows="newcomer", denied="hidden", name="Gehrden"),
        Cell("GET", UETZE | STAFF, shows="foreign_newcomer", denied="hidden", name="Uetze"),
    ],
    "members:newcomer": [
        *(
            Cell("GET", cell.allowed, cell.make, denied=MISSING, name=cell.name, shows=shows)
            for cell, shows in zip(
                _people_cells("", "GET"), ("newcomer", "foreign_newcomer"), strict=True
            )
        ),
        Cell("GET", set(), _absent, denied=MISSING, name="absent"),
    ],
    "members:log_contact": [
        *_people_cells("", "GET"),
        *_people_cells("", "POST", data=_talk, moves=True),
        Cell("POST", set(), _absent, _talk, denied=MISSING, name="absent"),
    ],
    "members:hand_over": _people_cells("", "POST", make=_handover, moves=True),
    "members:people": [
        Cell("GET", STAFF, shows="newcomer", name="list"),
    ],
    "members:person": [
        Cell("GET", STAFF, lambda world: {"pk": world.person("member").pk}, shows="member"),
    ],
    "members:import_list": [Cell("GET", STAFF), Cell("POST", STAFF)],
    "members:import_run": [Cell("GET", STAFF, _run, name="staged")],
    "members:import_apply": [Cell("POST", STAFF, _run, moves=True)],
    "members:import_discard": [Cell("POST", STAFF, _run, moves=True)],
    "members:undecided": [Cell("GET", STAFF)],
    "members:decide": [
        Cell("GET", STAFF, _undecided, denied=MISSING),
        Cell("POST", STAFF, _undecided, denied=MISSING),
        Cell("GET", set(), _absent, denied=MISSING, name="absent"),
    ],
    "members:mentoring": [Cell("GET", COORDINATES)],
    "members:mentoring_weights": [
        Cell("GET", COORDINATES),
        Cell("POST", COORDINATES, data=_weights, moves=True),
    ],
    "members:mentoring_preview": [Cell("POST", COORDINATES, moves=True)],
    "members:mentoring_accept": [Cell("POST", COORDINATES, _preview, moves=True)],
    "members:invitation": [
        Cell("GET", ALL, _invitation, public=True),
        Cell("POST", ALL, _invitation, public=True),
    ],
    "members:invitation_again": [Cell("POST", ALL, _invitation, public=True)],
    "members:profile": [Cell("GET", SIGNED_IN), Cell("POST", SIGNED_IN)],
    "members:profile_phone": [Cell("POST", SIGNED_IN, moves=True)],
}
# Each area beside this file brings its own rows.
for _path in sorted(Path(__file__).parent.glob("cells_*.py")):
    SPEC |= importlib.import_module(f"tests.security.{_path.stem}").SPEC

# allauth's pages (see tests/members/test_access.py): here only that they show nobody.
ALLAUTH = {
    "account_login",
    "account_request_login_code",
    "account_confirm_login_code",
    "account_logout",
    "account_signup",
    "account_inactive",
    "account_reauthenticate",
    "account_change_password",
    "account_set_password",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "mfa_index",
    "mfa_authenticate",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "mfa_choose",
    "mfa_add_webauthn",
    "mfa_login_webauthn",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
}
# Pages that a person without second factor may still open.
WITHOUT_FACTOR = {
    "dashboards:help",
    "dashboards:imprint",
    "dashboards:privacy",
    "dashboards:privacy_citizens",
    "dashboards:accessibility",
    "common:signed_link",
    "members:pulse",
    "common:healthz",
    "members:locked_out",
    "members:call_back",
    "members:one_time",
}


def walk(resolver=None, namespace: str = "") -> Iterator[str]:
    """Yield the name of every URL the project answers."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from walk(entry, inner)
        elif isinstance(entry, URLPattern):
            yield namespace + (entry.name or str(entry.pattern))


def cells() -> Iterator[tuple[str, Cell]]:
    for name, listed in SPEC.items():
        for cell in listed:
            yield name, cell


def expected(name: str, cell: Cell, persona: str) -> str:
    """Return how this persona is answered."""
    if persona == "staff_without_mfa" and name not in WITHOUT_FACTOR:
        return ENROL
    if persona == "anon" and not cell.public:
        return LOGIN
    if persona in cell.allowed:
        return MOVED if cell.moves else OK
    return FORBIDDEN if persona in cell.sees else cell.denied


def foreign_canaries(persona: str, cell: Cell) -> set[str]:
    """Names this persona must not see: everybody's but those it may know."""
    own = {persona}
    if persona in GEHRDEN | {"ex_officer"} and persona != "ex_officer":
        own |= {"newcomer", "other_newcomer", *GEHRDEN}
    if persona in UETZE:
        own |= {"foreign_newcomer"}
    if persona in NEWCOMERS:
        own |= {"ansprechperson"} if persona != "foreign_newcomer" else UETZE
    if persona == "staff":
        own |= set(CAST)
    if persona == "coordinator":  # knows the mentors
        own |= {"mentor"}
    if persona == "privacy":  # who holds or held an office stands in the log by name
        own |= {role for role, (_, kind) in CAST.items() if kind}
    return {canary(role) for role in CAST if role not in own}
