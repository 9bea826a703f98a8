"""Tandems with everything in them, forms with mistakes, and the pages while they are empty."""

from collections.abc import Iterator

from django.urls import reverse
from playwright.sync_api import Page

from members.models import Mentor, Tandem, TandemMeeting
from portal.common import clock
from tests.e2e.scenes import LONG, Scene, fill, nothing
from tests.members.tandem_people import tandem
from tests.world import World


def full(world: World) -> None:
    """One that runs, one that waits, one that has ended; long words everywhere."""
    fill(world)
    Mentor.objects.update(functions=LONG[:120])
    running = tandem(world, days=70, explanation=LONG[:300])
    TandemMeeting.objects.create(tandem=running, met_on=clock.today(), how="video")
    tandem(world, "asked", newcomer="other_newcomer", explanation=LONG[:300])
    tandem(world, "ended", newcomer="foreign_newcomer")


def _page(name: str, state: str = "active"):
    return lambda _: reverse(name, args=[Tandem.objects.filter(state=state).first().pk])


def _at(name: str):
    return lambda _: reverse(name)


def _prepare(_: World) -> str:
    return reverse("members:mentor_prepare", args=[Mentor.objects.first().pk])


def _send(page: Page) -> None:
    with page.expect_navigation():
        page.locator("main form .btn-main").first.click()


def _no_day(page: Page) -> None:
    page.get_by_label("Wann?").fill("2020-01-01")
    page.get_by_role("button", name="Eintragen").click()


def _late_day(page: Page) -> None:
    page.get_by_label("Vorbereitet am").fill("2999-01-01")
    _send(page)


def scenes() -> Iterator[Scene]:
    for role in ("newcomer", "mentor"):
        yield Scene(f"tandem {role}", "filled", role, _page("members:tandem"), full)
    leave = _page("members:tandem_leave")
    yield Scene("tandem end", "filled", "newcomer", leave, full)
    yield Scene("tandem met", "errors", "mentor", _page("members:tandem"), full, _no_day)
    feedback = _page("members:tandem_feedback", "ended")
    yield Scene("tandem feedback", "errors", "mentor", feedback, full, _send)
    yield Scene("my tandems", "filled", "mentor", _at("members:my_tandems"), full)
    yield Scene("tandem board", "filled", "coordinator", _at("members:tandem_board"), full)
    yield Scene("tandem board", "empty", "coordinator", _at("members:tandem_board"), nothing)
    yield Scene("mentors", "filled", "coordinator", _at("members:mentors"), full)
    yield Scene("mentor prepare", "errors", "coordinator", _prepare, full, _late_day)
    yield Scene("reports", "empty", "staff", _at("members:tandem_reports"), nothing)
    yield Scene("mentor new", "errors", "member", _at("members:mentor_new"), nothing, _send)
    yield Scene("mentor profile", "filled", "mentor", _at("members:mentor_profile"), full)
