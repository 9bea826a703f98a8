"""The contact's pages in each state worth looking at."""

import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta

from django.urls import reverse
from playwright.sync_api import Page

from members.models import Onboarding, Person, Topic
from members.services import onboarding as service
from portal.common import clock
from tests.e2e.scenes import LONG, Scene
from tests.world import World, make_newcomer


def _heute(_: World) -> str:
    return reverse("dashboards:heute")


def _at(name: str) -> Callable[[World], str]:
    return lambda world: reverse(name, args=[world.onboarding("newcomer").pk])


def _nobody(world: World) -> None:
    Onboarding.objects.all().delete()


def three(world: World) -> None:
    """Each in another channel, one with shifts, one who waits, one with a long name."""
    Onboarding.objects.all().delete()
    gehrden, today = world.gliederung("Gehrden"), clock.today()
    monday = today - timedelta(days=today.weekday())
    values = {"mobile": "+49 151 55500000"}
    writes = make_newcomer("Schreibt", gehrden, days=33, preferred_channel="email", **values)
    Person.objects.filter(pk=writes.person_id).update(
        family_name=LONG, shifts="S" * 28, shifts_from=monday
    )
    make_newcomer("Kurz", gehrden, days=25, preferred_channel="messenger", **values)
    waits = make_newcomer("Wartet", gehrden, days=40, availability=["wochenende"], **values)
    waits.person.topics.set(Topic.objects.all()[:3])
    service.ask_for_call(waits)


def _enough(world: World) -> None:
    """Three talks this week, and more people who wait."""
    three(world)
    for onboarding in Onboarding.objects.all():
        _log(onboarding, world)
    make_newcomer("Naechste", world.gliederung("Gehrden"), days=30)


def _log(onboarding: Onboarding, world: World, result: str = "reached") -> None:
    talk = service.Talk("call", result, uuid.uuid4(), "Mag Musik.")
    service.log_contact(onboarding, world.person("ansprechperson"), talk)


def _agreed(world: World) -> None:
    three(world)
    agreed = make_newcomer("Heute", world.gliederung("Gehrden"), days=10)
    Onboarding.objects.filter(pk=agreed.pk).update(follow_up_on=clock.today())


def _told(world: World) -> None:
    """A full call sheet: everything ticked, an agreed day, many entries."""
    onboarding = world.onboarding("newcomer")
    Onboarding.objects.filter(pk=onboarding.pk).update(
        motives=["werte", "ort", "leute"], expectations=["aufgabe"], follow_up_on=clock.today()
    )
    person = onboarding.person
    person.skills, person.time_budget, person.wish = ["kochen", "zahlen"], "two", "active"
    person.mobile = "+49 151 55500000"
    person.save()
    for _ in range(5):
        _log(onboarding, world, "not_reached")


def _log_now(page: Page) -> None:
    page.get_by_role("button", name="Nicht erreicht").click()


def _reach_now(page: Page) -> None:
    page.get_by_role("button", name="Wir haben gesprochen").click()


def _undo_now(page: Page) -> None:
    _log_now(page)
    page.get_by_role("button", name="Rückgängig").click()


def _open_details(page: Page) -> None:
    for summary in page.locator("main summary").all():
        summary.click()


def scenes() -> Iterator[Scene]:
    contact, log = "ansprechperson", _at("members:log_contact")
    for state, prepare in (
        ("nobody", _nobody),
        ("three", three),
        ("enough", _enough),
        ("agreed", _agreed),
    ):
        yield Scene("heute", state, contact, _heute, prepare)
    sheet = _at("members:newcomer")
    yield Scene("call sheet", "told", contact, sheet, _told, _open_details)
    yield Scene("guide", "told", contact, _at("members:first_talk"), _told)
    yield Scene("talk form", "open", contact, log, _told, _open_details)
    yield Scene("talk", "tried", contact, log, _told, _log_now)
    yield Scene("talk", "reached", contact, log, _told, _reach_now)
    yield Scene("talk", "undone", contact, log, _told, _undo_now)
    yield Scene("mein start", "told", "newcomer", lambda _: reverse("dashboards:mein_start"), _told)
