"""Somebody opens very many people and is stopped; staff release; a member reads who saw them."""

import re

import pytest
from playwright.sync_api import Page, expect

from members.models import Look, Onboarding
from portal.common.outbox.services import drain
from tests.e2e.journeys import link_in, received
from tests.world import canary, make_newcomer

AGAIN = re.compile("Das sind für heute sehr viele Menschen")


@pytest.fixture
def busy(live_world, settings):
    """An Ortsverein with more newcomers than may be seen in a day."""
    settings.LOOKS_PER_DAY = 6
    for n in range(8):
        make_newcomer(f"Qx{n}q", live_world.gliederung("Gehrden"), given_name="Ida")
    return live_world


def open_people(page: Page) -> int:
    """One after the other, until a page does not come."""
    opened = 0
    for n in range(8):
        page.goto(f"/neumitglieder/{arrival_of(f'Qx{n}q')}/")
        if page.get_by_role("heading", name=AGAIN).count():
            break
        opened += 1
    return opened


def arrival_of(family_name: str):
    return Onboarding.objects.get(person__family_name=family_name).pk


def test_from_the_stop_to_the_release_and_the_members_own_page(
    busy, live_server, open_page, sink, settings
):
    settings.BASE_URL = live_server.url
    contact = open_page(live_server.url, busy.user("ansprechperson"), java_script_enabled=False)
    opened = open_people(contact)
    assert 3 <= opened <= 6
    expect(contact.get_by_role("main")).to_contain_text("kein Vorwurf")
    expect(contact.get_by_role("link", name=re.compile("anrufen"))).to_be_visible()

    # Whoever was seen stays reachable.
    contact.goto(f"/neumitglieder/{arrival_of('Qx0q')}/")
    expect(contact.get_by_role("heading", level=1)).to_contain_text("Qx0q")

    # Staff get one mail, and its link leads to the page.
    drain()
    staff_user = busy.user("staff")
    (mail,) = received(sink, staff_user.email)
    assert "Ansprechperson für Neumitglieder, Ortsverein Gehrden" in mail.get_body().get_content()
    staff = open_page(live_server.url, staff_user, java_script_enabled=False)
    staff.goto(link_in(mail, "Ansehen"))
    expect(staff.get_by_role("heading", level=1)).to_contain_text(canary("ansprechperson"))
    staff.get_by_role("link", name="Für heute mehr freigeben").click()
    staff.get_by_label(re.compile("Wofür")).fill("Telefonaktion am Samstag")
    staff.get_by_role("button", name="Freigeben").click()
    expect(staff.get_by_role("status")).to_contain_text("Freigegeben.")

    contact.goto(f"/neumitglieder/{arrival_of('Qx7q')}/")
    expect(contact.get_by_role("heading", level=1)).to_contain_text("Qx7q")

    # A member reads it on the own page: office and day, never a time.
    contact.goto(f"/neumitglieder/{busy.onboarding('newcomer').pk}/")
    assert Look.objects.filter(person=busy.person("newcomer"), is_close=True).exists()
    member = open_page(live_server.url, busy.user("newcomer"), java_script_enabled=False)
    member.goto("/ich/daten/angesehen/")
    expect(member.get_by_role("main")).to_contain_text("Ansprechperson für Neumitglieder")
    expect(member.get_by_role("main")).to_contain_text("Ortsverein Gehrden")
