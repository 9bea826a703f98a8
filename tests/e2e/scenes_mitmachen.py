"""Places to engage: found, asked for, answered, kept, each as it looks with long words."""

from collections.abc import Iterator
from datetime import timedelta

from django.urls import reverse
from playwright.sync_api import Page

from members.models import Kommune, Meldung, MitmachOrt, Person, Topic
from members.services import mitmachen
from portal.common import clock
from tests.e2e.scenes import LONG, Scene
from tests.security.cells_mitmachen import meldung, place
from tests.world import World


def full(world: World) -> None:
    """Everything at once: many places, one asked for and late, one answered, one old."""
    topics = Topic.objects.all()[:2]
    kommune = Kommune.objects.get(ags="03241006")
    for number in range(25):
        ort = place(
            world,
            f"{LONG[:60]} {number}",
            usual_times="jeden ersten Dienstag um 19 Uhr",
            minutes=45,
            just_come=number % 2 == 0,
            kommune=kommune if number % 3 else None,
            slots=["mo-abend"],
            tags=["mit-kindern", "barrierefrei"],
            ends_on=clock.today() + timedelta(days=90),
        )
        ort.topics.set(topics)
    place(world, "Alter Treff", days=400)
    meldung(world)
    answered = meldung(world, "other_newcomer")
    mitmachen.mark_answered(answered, world.person("member"))
    late = clock.now() - timedelta(days=20)
    Meldung.objects.create(
        ort=MitmachOrt.objects.get(title="Alter Treff"),
        person=world.person("newcomer"),
        created_at=late,
    )
    world.person("newcomer").topics.set(topics)
    Person.objects.filter(family_name="Zznewcomer").update(kommune=kommune)


def _at(name: str, query: str = ""):
    return lambda _world: reverse(name) + query


def _place(title: str, name: str = "members:ort"):
    def path(_world: World) -> str:
        return reverse(name, args=[MitmachOrt.objects.get(title=title).pk])

    return path


def _open_filter(page: Page) -> None:
    page.locator("summary").first.click()


def _send_empty(page: Page) -> None:
    page.locator("main form button[type=submit]").last.click()


def _send_wrong(page: Page) -> None:
    page.get_by_label("dauert").fill("1")
    page.locator("main form button[type=submit]").last.click()


def _phone(world: World) -> str:
    return reverse("members:ort_by_phone", args=[world.person("newcomer").pk])


def scenes() -> Iterator[Scene]:
    first = f"{LONG[:60]} 0"
    catalogue = _at("members:mitmachen")
    for role in ("newcomer", "member", "ansprechperson"):
        yield Scene("mitmachen", "full", role, catalogue, full)
    yield Scene("mitmachen open", "full", "newcomer", catalogue, full, _open_filter)
    narrowed = _at("members:mitmachen", "?zuhause=on")
    yield Scene("mitmachen nothing", "full", "newcomer", narrowed, full)
    for role in ("newcomer", "ansprechperson"):
        yield Scene("ort", "full", role, _place(first), full)
    yield Scene("ort asked", "full", "newcomer", _place("Klimatreff"), full)
    yield Scene("ort old", "full", "ansprechperson", _place("Alter Treff"), full)
    yield Scene("orte", "full", "ansprechperson", _at("members:orte"), full)
    for role in ("member", "ansprechperson"):
        yield Scene("meldungen", "full", role, _at("members:meldungen"), full)
    yield Scene("ort phone", "full", "ansprechperson", _phone, full)
    edit = _place(first, "members:ort_edit")
    yield Scene("ort edit", "full", "staff", edit, full)
    yield Scene("ort edit", "errors", "ansprechperson", edit, full, _send_wrong)
    yield Scene("ort new", "errors", "ansprechperson", _at("members:ort_new"), full, _send_empty)
