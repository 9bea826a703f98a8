"""Every page in every state worth looking at, derived from the access matrix."""

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.urls import NoReverseMatch, reverse
from playwright.sync_api import Page

from members.models import (
    Contact,
    ImportRun,
    MatchingRun,
    MatchProposal,
    Mentor,
    Onboarding,
    Person,
    Topic,
)
from members.services import imports, onboarding
from portal.common import clock
from tests.security.matrix import ALLAUTH, SPEC
from tests.world import World, make_newcomer, make_person

LONG = (
    "Donaudampfschifffahrtsgesellschaftskapitänswitwen"
    "rentenauszahlungsstellenvorsteherinnenvertretung"
)
# Who looks at a page: the one it was made for.
VIEWERS = ("anon", "newcomer", "ansprechperson", "staff", "privacy")
VIEWER = {
    "dashboards:mein_start": "newcomer",
    "members:newcomers": "staff",
    "members:profile": "ansprechperson",
}
SIGNED_IN_ACCOUNT = {
    "account_logout",
    "account_reauthenticate",
    "account_change_password",
    "account_set_password",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_choose",
    "mfa_add_webauthn",
    "mfa_activate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
}


@dataclass(frozen=True)
class Scene:
    """One page in one state, and how to get there."""

    name: str
    state: str
    role: str
    path: Callable[[World], str]
    prepare: Callable[[World], None]
    act: Callable[[Page], None] | None = None

    @property
    def id(self) -> str:
        return f"{self.name}-{self.state}-{self.role}"


def fill(world: World) -> None:
    """Long names, notes, a call for help, proposals and open questions: pages at their fullest."""
    gehrden = world.gliederung("Gehrden")
    for number in range(3):
        late = make_newcomer(f"Lang{number}", gehrden, days=40 + number, given_name="Ann-Kathrin")
        Person.objects.filter(pk=late.person_id).update(family_name=f"{LONG}{number}")
    person = world.person("newcomer")
    person.topics.set(Topic.objects.all()[:4])
    running = world.onboarding("newcomer")
    talk = onboarding.Talk("call", "not_reached", running.pk, f"Bitte abends. {LONG}")
    onboarding.log_contact(running, world.person("ansprechperson"), talk)
    Contact.objects.update(made_on=clock.today().replace(day=1))
    onboarding.ask_for_call(running)
    make_person(LONG, None, given_name="Bo", open_question="ortsverein", plz="30989")
    _proposals()


def _proposals() -> None:
    run = MatchingRun.objects.create(
        state=MatchingRun.State.CURRENT,
        created_at=clock.now(),
        finished_at=clock.now(),
        newcomers=3,
        matched=1,
    )
    found = list(Onboarding.objects.order_by("pk"))
    mentor = Mentor.objects.first()
    for one in found:
        is_matched = one.person.family_name == "Zznewcomer"
        MatchProposal.objects.create(
            run=run,
            onboarding=one,
            mentor=mentor if is_matched else None,
            score=40 if is_matched else 0,
            reason_code="" if is_matched else "full",
            explanation="Beide interessieren sich für Klima." if is_matched else "Alle sind voll.",
        )


def empty(world: World) -> None:
    """The portal on its first day: nobody has come yet."""
    Onboarding.objects.all().delete()


def nothing(world: World) -> None:
    """The world as it is."""


def _viewer(name: str, allowed: set[str]) -> str | None:
    if name in VIEWER:
        return VIEWER[name]
    return next((role for role in VIEWERS if role in allowed), None)


def _fixed(path: str) -> Callable[[World], str]:
    return lambda _world: path


def _needs_an_object(name: str) -> bool:
    try:
        return not reverse(name)
    except NoReverseMatch:
        return True


def _account_path(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return reverse(name, kwargs={"uidb36": "abc", "key": "def-ghi"})


def pages() -> Iterator[Scene]:
    """Each GET of the matrix once, filled; pages without an object also empty."""
    for name, cells in SPEC.items():
        cell = next((cell for cell in cells if cell.method == "GET"), None)
        if cell is None or cell.is_file:
            continue
        role = _viewer(name, cell.allowed)

        def path(world: World, name=name, make=cell.make) -> str:
            return reverse(name, kwargs=make(world))

        yield Scene(name, "filled", role or "anon", path, fill)
        if role not in (None, "anon") and not _needs_an_object(name):
            yield Scene(name, "empty", role, path, empty)
    for name in sorted(ALLAUTH):
        role = "ansprechperson" if name in SIGNED_IN_ACCOUNT else "anon"
        yield Scene(name, "filled", role, _fixed(_account_path(name)), nothing)


def _submit(page: Page) -> None:
    with page.expect_navigation():
        page.locator("main form .btn-main").first.click()


def _send(**values: str) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        for name, value in values.items():
            page.locator(f"main [name={name}]").fill(value)
        _submit(page)

    return act


def _wrong_talk(page: Page) -> None:
    page.locator("[name=submit_token]").evaluate("field => field.value = 'x'")
    _submit(page)


def _wrong_file(page: Page) -> None:
    file = {"name": "a.csv", "mimeType": "text/csv", "buffer": b"\xff\xfe%PDF"}
    page.locator("[name=file]").set_input_files([file])
    _submit(page)


def _many_rows(world: World) -> str:
    head = "Mitgliedsnummer;Nachname;Eintrittsdatum;Ortsverein;E-Mail\n"
    day = f"{clock.today():%d.%m.%Y}"
    rows = "".join(f"{8000 + i};Viele{i};{day};Gehrden;a{i}@example.org\n" for i in range(101))
    bad = f"8500;;{day};Gehrden;\n8501;{LONG};{day};Entenhausen;keine-adresse\n"
    run = imports.stage((head + rows + bad).encode(), None)
    return reverse("members:import_run", args=[run.pk])


def _at(name: str, make: Callable[[World], dict] | None = None) -> Callable[[World], str]:
    return lambda world: reverse(name, kwargs=make(world) if make else {})


def _matrix_path(name: str) -> Callable[[World], str]:
    return _at(name, next(cell.make for cell in SPEC[name] if cell.method == "GET"))


def mistakes() -> Iterator[Scene]:
    """Each form after something went wrong."""
    listed: list[tuple[str, str, Callable, Callable[[Page], None]]] = [
        ("account_login", "anon", _at("account_login"), _submit),
        (
            "account_login wrong",
            "anon",
            _at("account_login"),
            _send(login="a@example.org", password="falsch"),
        ),
        ("account_request_login_code", "anon", _at("account_request_login_code"), _submit),
        ("account_reset_password", "anon", _at("account_reset_password"), _send(email="x")),
        ("members:invitation", "anon", _matrix_path("members:invitation"), _send(password="kurz")),
        ("members:import_list", "staff", _at("members:import_list"), _submit),
        ("members:import_list file", "staff", _at("members:import_list"), _wrong_file),
        ("members:import_run", "staff", _many_rows, _submit),
        ("members:decide", "staff", _matrix_path("members:decide"), _submit),
        (
            "members:mentoring_weights",
            "coordinator",
            _at("members:mentoring_weights"),
            _send(second="30", third="1"),
        ),
        ("members:log_contact", "ansprechperson", _matrix_path("members:log_contact"), _wrong_talk),
        ("mfa_activate_totp", "staff_without_mfa", _at("mfa_activate_totp"), _send(code="1")),
    ]
    for name, role, path, act in listed:
        yield Scene(name, "errors", role, path, nothing, act)


def steps_of_signing_in() -> Iterator[Scene]:
    """Pages that exist only in the middle of signing in."""
    code = _send(email="zzmember@example.org")
    yield Scene("confirm code", "filled", "anon", _at("account_request_login_code"), nothing, code)
    yield Scene("enrolment", "filled", "staff_without_mfa", _at("mfa_activate_totp"), nothing)
    yield Scene("not found", "filled", "ansprechperson", _fixed("/gibt-es-nicht/"), nothing)
    yield Scene("forbidden", "filled", "ansprechperson", _at("dashboards:uebersicht"), nothing)
    yield Scene("invitation gone", "filled", "anon", _fixed("/einladung/abc/"), nothing)
    yield Scene("dead link", "filled", "anon", _fixed("/l/abc/"), nothing)
    yield Scene("no hit", "empty", "staff", _fixed("/neumitglieder/?q=niemand"), nothing)
    yield Scene("import filled", "filled", "staff", _many_rows, fill)
    yield Scene("mein start", "empty", "member", _at("dashboards:mein_start"), nothing)


def after_an_import(world: World) -> str:
    """The page of a run that was taken over."""
    run = ImportRun.objects.get(pk=_many_rows(world).rstrip("/").rpartition("/")[2])
    imports.apply(run, Person.objects.first())
    return reverse("members:import_run", args=[run.pk])


def areas() -> Iterator[Scene]:
    """Each `scenes_<area>.py` beside this file brings its own scenes."""
    for path in sorted(Path(__file__).parent.glob("scenes_*.py")):
        yield from importlib.import_module(f"tests.e2e.{path.stem}").scenes()


def scenes() -> list[Scene]:
    applied = Scene("import applied", "filled", "staff", after_an_import, nothing)
    return [*pages(), *mistakes(), *steps_of_signing_in(), applied, *areas()]
