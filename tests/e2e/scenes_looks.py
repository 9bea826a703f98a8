"""Pages about looking at people, in the states the access matrix does not reach."""

from collections.abc import Iterator

from django.urls import reverse
from playwright.sync_api import Page

from members.models import Look, LookStop, Person
from members.services import looks
from portal.common import clock
from portal.common.models import ExportRun
from tests.e2e.scenes import Scene, fill
from tests.security.cells_exports import _run
from tests.security.cells_looks import _stop
from tests.world import World


def _seen(world: World) -> None:
    """The newcomer was looked at by everybody who may, on many days."""
    fill(world)
    for role in ("ansprechperson", "deputy", "vorsitz", "staff"):
        Look.objects.bulk_create(
            Look(viewer=world.person(role), person=world.person("newcomer"), day=day, is_close=True)
            for day in (clock.today().replace(month=month, day=3) for month in range(1, 13))
        )


def _used_up(world: World) -> None:
    """Somebody has seen 200 people today."""
    fill(world)
    people = Person.objects.bulk_create(
        Person(family_name=f"Fremd{n}", sort_name="x") for n in range(200)
    )
    for role in ("ansprechperson", "staff"):
        looks.record(world.person(role).pk, [person.pk for person in people], [])


def _released(world: World) -> None:
    _used_up(world)
    found = LookStop.objects.get(pk=_stop(world)["pk"])
    looks.release(found, world.person("coordinator"), "Telefonaktion am Samstag " + "sehr lang" * 9)
    LookStop.objects.update(settled_at=None, settled_by=None, most=400)


def _late_file(world: World) -> None:
    _run(world)
    ExportRun.objects.update(delete_on=clock.today(), purpose="Einladung" * 20)


def _submit(page: Page) -> None:
    with page.expect_navigation():
        page.locator("main form .btn-main").first.click()


def scenes() -> Iterator[Scene]:
    def at(name: str, *args: object):
        return lambda _world: reverse(name, args=args)

    def stop(name: str):
        return lambda world: reverse(name, kwargs=_stop(world))

    yield Scene("members:looks", "full", "newcomer", at("members:looks"), _seen)
    yield Scene("stopped", "filled", "ansprechperson", at("members:newcomers"), _used_up)
    yield Scene("stopped", "filled", "staff", at("members:newcomers"), _used_up)
    yield Scene("members:look_stop", "released", "staff", stop("members:look_stop"), _released)
    yield Scene(
        "members:look_release", "errors", "staff", stop("members:look_release"), fill, _submit
    )
    yield Scene("members:exports", "late", "staff", at("members:exports"), _late_file)
    export = at("members:export", "neumitglieder")
    yield Scene("members:export", "errors", "staff", export, fill, _submit)
