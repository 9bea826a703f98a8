"""The office sets up a new Ortsverein from nothing, by clicking only, without JavaScript."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from members.models import Amt, Gliederung, Kommune
from portal.common import clock
from tests.world import make_newcomer


@pytest.fixture
def page(live_server, live_world, open_page) -> Page:
    user = live_world.user("staff")
    page = open_page(live_server.url, user, java_script_enabled=False)
    page.goto("/")
    return page


def hub(page: Page, card: str) -> None:
    page.get_by_role("navigation", name="Hauptmenü").get_by_role("link", name="Verwaltung").click()
    page.get_by_role("main").get_by_role("link", name=re.compile(rf"^\s*{card}")).click()


def field(page: Page, label: str) -> Locator:
    """The field of exactly this label, required or not."""
    return page.get_by_label(re.compile(rf"^\s*{label}\s*\*?\s*$"))


def save(page: Page) -> None:
    page.get_by_role("button", name="Speichern").click()
    expect(page.get_by_role("status")).to_have_text("Gespeichert.")


def give(page: Page, kind: str, who: str) -> None:
    """From the Gliederung's page: one link, a name, two dates."""
    page.get_by_role("definition").filter(has_text="fehlt").get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Amt vergeben")
    expect(field(page, "Amt").locator("option:checked")).to_contain_text(kind)
    field(page, r"Wer\?").fill(who)
    for label in ("Verpflichtung am", "Schulung am"):
        field(page, label).fill(clock.today().isoformat())
    save(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(who)
    expect(page.get_by_role("main")).to_contain_text("Zugang")


def add_person(page: Page, given: str, family: str) -> None:
    hub(page, "Personen")
    page.get_by_role("link", name="Neue Person").click()
    field(page, "Vorname").fill(given)
    field(page, "Nachname").fill(family)
    field(page, "E-Mail").fill(f"{family.lower()}@example.org")
    save(page)


def test_a_new_ortsverein_gets_kommune_ansprechperson_and_deputy_from_nothing(page, live_world):
    hub(page, "Kommunen")
    page.get_by_role("link", name="Neue Kommune").click()
    for label, text in (
        ("Name", "Gemeinde Neudorf"),
        ("Kurzname", "Neudorf"),
        ("Gemeindeschlüssel", "03241999"),
        ("Einwohner:innen", "4000"),
        ("Postleitzahlen", "31999"),
    ):
        field(page, label).fill(text)
    save(page)

    hub(page, "Gliederungen")
    page.get_by_role("link", name="Neue Gliederung").click()
    field(page, "Name").fill("Neudorf")
    field(page, "Ebene").select_option(label="Ortsverein")
    field(page, "gehört zu").select_option(label="Unterbezirk Region")
    field(page, "Neudorf").check()
    save(page)
    neudorf = Gliederung.objects.get(name="Neudorf")
    newcomer = make_newcomer("Zzneudorf", neudorf)
    assert newcomer.responsible == live_world.person("staff")

    add_person(page, "Ada", "Zzerste")
    add_person(page, "Bo", "Zzzweiter")
    for kind, who in (("Ansprechperson", "Ada Zzerste"), ("Stellvertretung", "Bo Zzzweiter")):
        hub(page, "Gliederungen")
        page.get_by_role("link", name="Ortsverein Neudorf").click()
        give(page, kind, who)

    hub(page, "Gliederungen")
    page.get_by_role("link", name="Ortsverein Neudorf").click()
    stand = page.get_by_role("region", name="Stand")
    expect(stand).to_contain_text("Ada Zzerste")
    expect(stand).to_contain_text("Bo Zzzweiter")
    newcomer.refresh_from_db()
    assert newcomer.responsible.full_name == "Ada Zzerste"
    assert Amt.objects.active().filter(gliederung=neudorf).count() == 2
    assert [k.short_name for k in neudorf.kommunen.all()] == ["Neudorf"]
    assert Kommune.objects.get(short_name="Neudorf").postal_codes.get().plz == "31999"
    history = page.get_by_role("region", name="Wer hat was geändert")
    expect(history).to_contain_text("Gliederung angelegt")
    expect(history).to_contain_text("Staff Zzstaff")


def test_two_ortsvereine_become_one_and_the_people_see_it(page, live_world):
    hub(page, "Gliederungen")
    page.get_by_role("link", name="Ortsverein Uetze").click()
    page.get_by_role("link", name="Zusammenlegen").click()
    page.get_by_label("Wohin?").select_option(label="Ortsverein Gehrden")
    page.get_by_role("button", name="Zusammenlegen").click()

    expect(page.get_by_role("status")).to_contain_text("ist jetzt ein Teil von Ortsverein Gehrden")
    expect(page.get_by_role("region", name="Stand")).to_contain_text("Ortsverein Gehrden")
    moved = live_world.onboarding("foreign_newcomer")
    assert moved.responsible == live_world.person("ansprechperson")
    page.goto("/verwaltung/gliederungen/?liste=geschlossen")
    expect(page.get_by_role("link", name="Ortsverein Uetze")).to_be_visible()
