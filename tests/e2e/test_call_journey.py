"""A contact's evening: two taps after the call, everything under the thumb, nothing to type."""

import re

import pytest
from playwright.sync_api import Page, expect

from members.models import Contact, Onboarding
from members.services import onboarding as service
from portal.common import clock

HEIGHT = 640
PHONE = {"width": 360, "height": HEIGHT}
TOUCH = 45.9


@pytest.fixture
def page(live_server, live_world, open_page) -> Page:
    """A small telephone without JavaScript."""
    user = live_world.user("ansprechperson")
    return open_page(live_server.url, user, viewport=PHONE, java_script_enabled=False)


def out_of_reach(page: Page, *controls: str) -> list[tuple[str, dict]]:
    """Those that are small, in the upper third, or under the bar, as the page opens."""
    bar = page.get_by_role("navigation", name="Hauptmenü").bounding_box()
    assert bar is not None
    wrong = []
    for name in controls:
        begins = re.compile(f"^{re.escape(name)}")
        main = page.locator("main")
        control = main.get_by_role("link", name=begins).or_(main.get_by_role("button", name=begins))
        at = control.first.bounding_box()
        assert at is not None, name
        low = at["y"] + at["height"] <= bar["y"] and at["y"] >= HEIGHT / 3
        if at["height"] < TOUCH or not low:
            wrong.append((name, dict(at)))
    return wrong


def test_everything_needed_to_finish_lies_under_the_thumb(page, live_world):
    onboarding = live_world.onboarding("newcomer")
    Onboarding.objects.exclude(pk=onboarding.pk).delete()
    onboarding.person.mobile = "+49 151 55500000"
    onboarding.person.save()

    page.goto("/heute/")
    assert out_of_reach(page, "Anrufen", "Ergebnis eintragen") == []

    page.goto(f"/neumitglieder/{onboarding.pk}/")
    assert out_of_reach(page, "Anrufen", "Ergebnis eintragen") == []

    page.get_by_role("link", name="Ergebnis eintragen").click()
    results = [label for _, label in Contact.Result.choices]
    assert out_of_reach(page, *results) == []

    page.get_by_role("button", name="Nicht erreicht").click()
    assert out_of_reach(page, "Weiter", "Rückgängig", "morgen") == []

    page.goto(f"/neumitglieder/{onboarding.pk}/leitfaden/")
    assert out_of_reach(page, "Speichern") == []


def test_two_taps_after_the_call_and_one_takes_it_back(page, live_world):
    onboarding = live_world.onboarding("newcomer")
    taps = 0
    page.goto("/heute/")

    card = page.get_by_role("article").filter(has_text=onboarding.person.full_name)
    card.get_by_role("link", name="Ergebnis eintragen").click()
    taps += 1
    page.get_by_role("button", name="Wir haben gesprochen").click()
    taps += 1

    assert (taps, onboarding.contacts.count()) == (2, 1)
    expect(page.get_by_role("status")).to_contain_text("Als Nächstes: Parteibuch")
    page.get_by_role("button", name="Rückgängig").click()
    expect(page.get_by_role("status")).to_contain_text("Zurückgenommen.")
    assert onboarding.contacts.count() == 0
    page.goto("/heute/")
    expect(page.get_by_role("article").filter(has_text=onboarding.person.full_name)).to_be_visible()


def test_one_tap_agrees_on_a_day_and_heute_keeps_it(page, live_world):
    onboarding = live_world.onboarding("newcomer")
    page.goto(f"/neumitglieder/{onboarding.pk}/gespraech/")
    page.get_by_role("button", name="Soll noch mal anrufen").click()
    page.get_by_role("button", name="morgen").click()

    expect(page.get_by_role("status")).to_contain_text("wieder auf deiner Liste")
    onboarding.refresh_from_db()
    assert (onboarding.follow_up_on - clock.today()).days == 1
    Onboarding.objects.filter(pk=onboarding.pk).update(follow_up_on=clock.today())
    Contact.objects.all().delete()
    page.goto("/heute/")
    expect(page.get_by_text("Ihr hattet ausgemacht: heute")).to_be_visible()


def test_the_guide_is_ticked_with_the_thumb_and_the_newcomer_sees_it(
    page, live_world, live_server, open_page
):
    onboarding = live_world.onboarding("newcomer")
    page.goto(f"/neumitglieder/{onboarding.pk}/")
    page.get_by_role("link", name="Leitfaden zum Ankreuzen").click()
    for label in ("etwas vor Ort verändern", "kochen und backen", "2 Stunden im Monat"):
        page.locator("label").filter(has_text=label).click()
    page.get_by_role("button", name="Speichern").click()

    expect(page.get_by_role("status")).to_contain_text("Gespeichert.")
    expect(page.get_by_text("kochen und backen")).to_be_visible()
    theirs = open_page(live_server.url, live_world.user("newcomer"))
    theirs.goto("/start/")
    expect(theirs.get_by_text("etwas vor Ort verändern")).to_be_visible()


def test_the_week_has_an_end(page, live_world):
    service.put_off(
        live_world.onboarding("newcomer"), clock.today(), live_world.person("ansprechperson")
    )
    Onboarding.objects.exclude(person=live_world.person("newcomer")).delete()
    page.goto("/heute/")
    expect(page.get_by_text("Für diese Woche reicht das.")).to_be_visible()
