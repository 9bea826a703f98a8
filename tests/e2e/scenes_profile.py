"""Pages about oneself in the states the access matrix does not reach."""

from collections.abc import Iterator

from django.urls import reverse
from playwright.sync_api import Page

from members import shifts
from members.models import Person
from members.services import about_me
from portal.common import clock
from tests.e2e.scenes import Scene, fill
from tests.world import World


def _empty(world: World) -> None:
    fill(world)
    Person.objects.filter(pk=world.person("newcomer").pk).update(
        language="en", languages=[], availability=[], skills=[], wish="", own_interest=""
    )
    world.person("newcomer").topics.clear()


def _full(world: World) -> None:
    fill(world)
    Person.objects.filter(pk=world.person("newcomer").pk).update(
        own_interest="Stadtbäume und Donaudampfschifffahrtsgesellschaftskapitäne",
        languages=["de", "tr"],
        availability=["schicht"],
        skills=["kochen", "zuhoeren", "technik"],
        wish="active",
        time_budget="two",
        shifts="FFFFF--SSSSS--NNNN---???????",
        shifts_from=shifts.monday_of(clock.today()),
    )


def _wrong(page: Page) -> None:
    page.locator("[name=own_interest]").evaluate("field => field.removeAttribute('maxlength')")
    page.locator("[name=own_interest]").fill("x" * 81)
    with page.expect_navigation():
        page.get_by_role("button", name="Speichern").click()


def scenes() -> Iterator[Scene]:
    for state, prepare in (("empty-english", _empty), ("full", _full)):
        for name in ("dashboards:mein_start", "members:about_me", "members:my_data"):
            yield Scene(name, state, "newcomer", lambda _, n=name: reverse(n), prepare)
    for section in about_me.SECTIONS:
        yield Scene(
            "members:about_section",
            section.slug,
            "newcomer",
            lambda _, slug=section.slug: reverse("members:about_section", args=[slug]),
            _full,
        )
    yield Scene(
        "members:about_section",
        "errors",
        "newcomer",
        lambda _: reverse("members:about_section", args=["interessen"]),
        _full,
        _wrong,
    )
    yield Scene(
        "members:my_shifts", "tapped", "newcomer", lambda _: reverse("members:my_shifts"), _full
    )
    yield Scene(
        "members:by_phone",
        "shifts",
        "ansprechperson",
        lambda world: reverse("members:by_phone", args=[world.person("newcomer").pk]),
        _full,
    )
