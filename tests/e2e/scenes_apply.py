"""The dry run in its tabs, progress, result, and what is entered by hand, each as it looks."""

import uuid
from collections.abc import Iterator

from django.urls import reverse
from playwright.sync_api import Page

from members.models import ImportRun, Person
from members.queries import import_runs
from members.services import entry, exits, imports, transfers
from members.services.imports import progress
from portal.common import clock
from tests.e2e.scenes import LONG, Scene, fill, nothing
from tests.world import World

HEAD = "Mitgliedsnummer;Vorname;Nachname;E-Mail;PLZ;Eintrittsdatum;Ortsverein\n"
State = ImportRun.State


def _entered(world: World) -> Person:
    values = {
        "given_name": "Jana",
        "family_name": "Handeintrag",
        "email": "hand@example.org",
        "plz": "30989",
        "joined_on": clock.today().isoformat(),
    }
    one = entry.Entry(values, world.gliederung("Gehrden"), "de", "phone", uuid.UUID(int=77))
    return entry.enter(one, world.person("staff"))


def _staged(world: World) -> ImportRun:
    """A file with something in every tab, long names included."""
    _entered(world)
    today = f"{clock.today():%d.%m.%Y}"
    lines = [
        f"M-member;Bo;Neuername;neu@example.org;30989;{today};Gehrden",
        f"M-mentor;Mentor;Zzmentor;zzmentor@example.org;31311;{today};Uetze",
        f"8001;Jana;Handeintrag;hand@example.org;30989;{today};Gehrden",
        f"8002;Ann;{LONG[:90]};;30449;{today};",
        f"8003;;;x;1;{today};Gehrden",
    ]
    return imports.stage((HEAD + "\n".join(lines)).encode(), world.person("staff"))


def _run(world: World) -> str:
    return reverse("members:import_run", args=[_staged(world).pk])


def _tab(code: str):
    return lambda world: f"{_run(world)}?ergebnis={code}"


def _running(world: World) -> str:
    run = _staged(world)
    ImportRun.objects.filter(pk=run.pk).update(state=State.APPLYING)
    progress.Progress(run).report("Neue Mitglieder werden angelegt", 40)
    return reverse("members:import_run", args=[run.pk])


def _undone(world: World) -> str:
    run = imports.apply(_staged(world), None)
    kept = {"Gespräch eingetragen": 2, "von Hand bearbeitet": 1}
    report = {"deleted": 12, "restored": 3, "kept": kept, "newer": 1}
    ImportRun.objects.filter(pk=run.pk).update(
        state=State.UNDONE, undone_at=clock.now(), undo_report=report
    )
    return reverse("members:import_run", args=[run.pk])


def _broken(world: World) -> str:
    run = _staged(world)
    imports.give_back(run.pk)
    ImportRun.objects.filter(pk=run.pk).update(reason="Das hat gerade nicht geklappt.")
    return reverse("members:import_run", args=[run.pk])


def _changing(world: World) -> None:
    fill(world)
    newcomer, uetze = world.person("newcomer"), world.gliederung("Uetze")
    transfers.start(newcomer, uetze, world.person("staff"), gives=False)


def _leaving(world: World) -> str:
    member, staff = world.person("member"), world.person("staff")
    exits.record_exit(member, clock.today().replace(year=2099), "moved", staff)
    return reverse("members:exit", args=[member.pk])


def _send_known(page: Page) -> None:
    """Somebody who looks like a person that is there already."""
    page.get_by_label("Nachname").fill("Anders")
    page.get_by_label("E-Mail").fill("zzmember@example.org")
    page.locator("main form button[type=submit]").last.click()


def _send_empty(page: Page) -> None:
    page.locator("main form button[type=submit]").last.click()


def _two_candidates(world: World) -> str:
    person = Person.objects.create(family_name="Zweifel", plz="30449", open_question="ortsverein")
    return reverse("members:decide", args=[person.pk])


def scenes() -> Iterator[Scene]:
    for code in import_runs.TABS:
        yield Scene(f"import {code}", "filled", "staff", _tab(code), nothing)
    pages = (
        ("import running", _running),
        ("import undone", _undone),
        ("import given back", _broken),
        ("exit entered", _leaving),
        ("decide likely", _two_candidates),
    )
    for name, path in pages:
        yield Scene(name, "filled", "staff", path, nothing)
    for role in ("staff", "ansprechperson"):
        yield Scene("transfers", "open", role, lambda _: reverse("members:transfers"), _changing)

    def entry_page(_world: World) -> str:
        return reverse("members:enter")

    def exit_page(world: World) -> str:
        return reverse("members:exit", args=[world.person("member").pk])

    yield Scene("entry", "errors", "staff", entry_page, nothing, _send_empty)
    yield Scene("entry known", "errors", "staff", entry_page, nothing, _send_known)
    yield Scene("exit", "errors", "staff", exit_page, nothing, _send_empty)
