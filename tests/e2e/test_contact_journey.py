"""An Ansprechperson logs a talk with two taps, without JavaScript."""

import re

import pytest
from playwright.sync_api import expect

from members.models import Contact, Milestone


@pytest.fixture
def page(live_server, live_world, open_page):
    return open_page(live_server.url, live_world.user("ansprechperson"), java_script_enabled=False)


def test_two_taps_log_a_talk_and_the_next_date_is_shown(page, live_world):
    onboarding = live_world.onboarding("newcomer")
    name = onboarding.person.full_name

    page.goto("/heute/")
    card = page.get_by_role("article").filter(has_text=name)
    card.get_by_role("link", name="Ergebnis eintragen").click()
    page.get_by_role("button", name="Wir haben gesprochen").click()

    expect(page.get_by_role("heading", name="Danke! Ihr habt gesprochen.")).to_be_visible()
    status = page.get_by_role("status")
    expect(status).to_contain_text(re.compile(r"Als Nächstes: Parteibuch bis \w\w\., \d\d\.\d\d\."))
    page.get_by_role("link", name="Weiter").click()
    expect(page).to_have_url(re.compile("/heute/$"))
    expect(page.get_by_role("article").filter(has_text=name)).to_have_count(0)
    contact = Contact.objects.get(onboarding=onboarding)
    assert (contact.result, contact.kind) == ("reached", "call")
    assert onboarding.milestones.get(position=1).state == Milestone.State.DONE


def test_the_same_form_sent_twice_logs_once(page, live_world):
    onboarding = live_world.onboarding("newcomer")
    page.goto(f"/neumitglieder/{onboarding.pk}/gespraech/")
    fields = {
        name: page.locator(f"[name={name}]").first.input_value()
        for name in ("csrfmiddlewaretoken", "submit_token", "kind")
    }
    headers = {"Referer": page.url}

    for _ in range(2):
        answer = page.request.post(page.url, form=fields | {"result": "reached"}, headers=headers)
        assert answer.ok

    assert Contact.objects.filter(onboarding=onboarding).count() == 1


def test_an_impatient_double_tap_logs_once(page, live_world):
    onboarding = live_world.onboarding("newcomer")
    page.goto(f"/neumitglieder/{onboarding.pk}/gespraech/")
    page.locator("summary").click()
    page.get_by_label("Notiz").fill("Mag Musik.")

    page.get_by_role("button", name="Wir haben gesprochen").dblclick(no_wait_after=True)
    expect(page).to_have_url(re.compile("/gespraech/[0-9a-f-]{36}/$"))
    page.goto(f"/neumitglieder/{onboarding.pk}/")

    assert Contact.objects.filter(onboarding=onboarding).count() == 1
    expect(page.get_by_text("Mag Musik.")).to_be_visible()


def test_the_answers_lie_under_the_thumb(live_server, live_world, open_page):
    """On a small phone all answers are in the lower two thirds and above the bar."""
    height = 640
    viewport = {"width": 360, "height": height}
    page = open_page(live_server.url, live_world.user("ansprechperson"), viewport=viewport)
    page.goto(f"/neumitglieder/{live_world.onboarding('newcomer').pk}/gespraech/")

    boxes = [button.bounding_box() for button in page.locator(".answers button").all()]
    bar = page.get_by_role("navigation", name="Hauptmenü").bounding_box()

    assert len(boxes) == 4
    assert [box for box in boxes if box["height"] < 46 or box["y"] < height / 3] == []
    assert max(box["y"] + box["height"] for box in boxes) <= bar["y"]
