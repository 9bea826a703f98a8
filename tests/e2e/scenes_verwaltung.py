"""Verwaltung at its fullest, and after mistakes."""

from collections.abc import Callable, Iterator

from django.urls import reverse
from playwright.sync_api import Page

from members.models import Amt
from members.services import offices, tree
from portal.common import clock, verwaltung
from tests.e2e.scenes import LONG, Scene, _submit
from tests.world import Kind, World, make_person


def busy(world: World) -> None:
    """Offices in every state, a merged Gliederung, long names."""
    staff, today = world.person("staff"), clock.today()
    person = make_person(LONG, world.gliederung("Gehrden"), given_name="Ann-Kathrin")
    region = world.gliederung("Region")
    offices.give(offices.Grant(person, region, Kind.GESCHAEFTSSTELLE, today), staff)
    Amt.objects.filter(person=world.person("vorsitz")).update(ende=today)
    tree.merge(world.gliederung("Uetze"), world.gliederung("Gehrden"), staff)
    gehrden = world.gliederung("Gehrden")
    gehrden.name = LONG[:90]
    gehrden.save()


def _row(section: str, **found: str) -> Callable[[World], str]:
    def path(world: World) -> str:
        rows = verwaltung.find(section).rows(world.user("staff"))
        return reverse("dashboards:verwaltung_edit", args=[section, rows.filter(**found)[0].pk])

    return path


def _clear_and_submit(page: Page) -> None:
    page.locator("main form [name=name]").fill("")
    _submit(page)


def _list(section: str, chosen: str = "") -> Callable[[World], str]:
    query = f"?liste={chosen}" if chosen else ""
    return lambda world: reverse("dashboards:verwaltung_list", args=[section]) + query


def _new(section: str) -> Callable[[World], str]:
    return lambda world: reverse("dashboards:verwaltung_new", args=[section])


def _who(page: Page) -> None:
    page.locator("[name=who]").fill("zz")
    _submit(page)


def scenes() -> Iterator[Scene]:
    for section in ("aemter", "gliederungen"):
        yield Scene(f"verwaltung {section}", "filled", "staff", _list(section), busy)
    yield Scene("verwaltung closed", "filled", "staff", _list("gliederungen", "geschlossen"), busy)
    for section in ("aemter", "gliederungen", "kommunen", "personen"):
        path = _new(section)
        yield Scene(f"verwaltung neu {section}", "filled", "staff", path, busy)
        yield Scene(f"verwaltung neu {section}", "errors", "staff", path, busy, _submit)
    listed = (
        ("pending", "aemter", {"is_pending": True}),
        ("ended", "aemter", {"ended_at__isnull": False}),
        ("merged", "gliederungen", {"successor__isnull": False}),
        ("long", "gliederungen", {"name": LONG[:90]}),
        ("settings", "einstellungen", {}),
    )
    for name, section, found in listed:
        yield Scene(f"verwaltung {name}", "filled", "staff", _row(section, **found), busy)
    path = _row("gliederungen", name="Springe")
    yield Scene("verwaltung row", "errors", "staff", path, busy, _clear_and_submit)
    yield Scene("verwaltung neu aemter who", "errors", "staff", _new("aemter"), busy, _who)
