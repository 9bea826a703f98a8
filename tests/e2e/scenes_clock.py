"""Promises in every state: given up, unwanted, late, and a Parteibuch on its way."""

import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta

from django.urls import reverse
from playwright.sync_api import Page

from members.models import Contact, MilestoneTemplate, Parteibuch
from members.queries import parteibuecher
from members.services import onboarding as service
from portal.common import clock
from tests.e2e.scenes import LONG, Scene, fill, nothing
from tests.world import World

Kind, Result = Contact.Kind, Contact.Result


def _talk(world: World, kind: str, result: str) -> Contact:
    talk = service.Talk(kind, result, uuid.uuid4())
    return service.log_contact(world.onboarding("newcomer"), world.person("ansprechperson"), talk)


def unreached(world: World) -> None:
    for days, kind in ((14, Kind.CALL), (7, Kind.EMAIL)):
        contact = _talk(world, kind, Result.NOT_REACHED)
        day = clock.today() - timedelta(days=days)
        Contact.objects.filter(pk=contact.pk).update(
            made_on=day, created_at=clock.now() - timedelta(days=days)
        )
    _talk(world, Kind.CALL, Result.NOT_REACHED)


def _no_contact(world: World) -> None:
    _talk(world, Kind.CALL, Result.NO_CONTACT)


def _late(world: World) -> None:
    world.onboarding("newcomer").milestones.update(is_late_data=True)


def _book(days: int, *, received: bool, given: bool = False) -> Callable[[World], None]:
    def prepare(world: World) -> None:
        milestone = world.onboarding("newcomer").milestones.get(code="parteibuch")
        day = clock.today() - timedelta(days=days)
        Parteibuch.objects.create(
            milestone=milestone,
            ordered_on=day,
            received_on=day if received else None,
            received_by=world.person("ansprechperson") if received else None,
        )
        if given:
            service.hand_over(milestone, world.person("ansprechperson"), LONG[:80])

    return prepare


def _sheet(world: World) -> str:
    return reverse("members:newcomer", args=[world.onboarding("newcomer").pk])


def _start(_world: World) -> str:
    return reverse("dashboards:mein_start")


def _books(code: str) -> Callable[[World], str]:
    return lambda _: f"{reverse('members:parteibuecher')}?liste={code}"


def _template(_world: World) -> str:
    template = MilestoneTemplate.objects.get(code="1-3-6")
    return reverse("dashboards:verwaltung_edit", args=["meilensteine", template.pk])


def _half_a_step(page: Page) -> None:
    page.get_by_label("Neuer Schritt: Name").fill("Halb")
    page.get_by_label("3. Schritt: Name").fill("")
    page.locator("main form button[type=submit]").last.click()


def scenes() -> Iterator[Scene]:
    states = (
        ("unreached", unreached),
        ("no contact", _no_contact),
        ("late data", _late),
        ("ordered", _book(3, received=False)),
        ("received", _book(40, received=True)),
        ("handed over", _book(40, received=True, given=True)),
    )
    for name, prepare in states:
        yield Scene("call sheet", name, "ansprechperson", _sheet, prepare)
        yield Scene("mein start", name, "newcomer", _start, prepare)
    for code in parteibuecher.LISTS:
        yield Scene(f"parteibuecher {code}", "empty-ish", "staff", _books(code), nothing)
        yield Scene(f"parteibuecher {code}", "filled", "staff", _books(code), _filled)
    yield Scene("meilensteine", "errors", "staff", _template, nothing, _half_a_step)


def _filled(world: World) -> None:
    fill(world)
    _book(40, received=True)(world)
    other = world.onboarding("other_newcomer").milestones.get(code="parteibuch")
    service.order([other.pk], world.person("staff"))
