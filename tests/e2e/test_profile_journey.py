"""A newcomer on a phone, without JavaScript: interests, shifts, mails – and no consent changes."""

import re

import pytest
from django.core import serializers
from playwright.sync_api import expect

from members import shifts
from members.models import Topic
from members.services.reference import MESSENGER
from portal.common import clock, consents
from portal.common.models import Consent


@pytest.fixture
def page(live_server, live_world, open_page):
    viewport = {"width": 360, "height": 640}
    user = live_world.user("newcomer")
    return open_page(live_server.url, user, java_script_enabled=False, viewport=viewport)


def test_one_question_after_the_other_from_the_start_page(page, live_world):
    person = live_world.person("newcomer")
    consents.give(person.pk, MESSENGER, "de", Consent.Channel.ONLINE, person.pk)
    before = serializers.serialize("json", Consent.objects.all())

    page.goto("/start/")
    step = page.get_by_role("region", name="Womit willst du anfangen?")
    step.get_by_role("link", name="Was interessiert dich?").click()
    topic = Topic.objects.filter(is_offered=True).first()
    page.get_by_label(topic.name, exact=True).check()
    page.get_by_label("Eigenes Thema").fill("Stadtbäume")
    page.get_by_role("button", name="Speichern").click()
    expect(page.get_by_role("status")).to_contain_text("Gespeichert")

    page.get_by_role("link", name="Zurück zum Start").click()
    step = page.get_by_role("region", name="Eine Frage an dich")
    expect(step.get_by_role("link", name="Wie aktiv willst du sein?")).to_be_visible()
    step.get_by_role("link", name="Etwas anderes").click()
    page.get_by_role("link", name=re.compile("Wann hast du Zeit")).click()
    page.get_by_label("wechselnd (Schicht)").check()
    page.get_by_role("button", name="Speichern").click()

    for day in range(5):
        page.locator("fieldset").nth(day).get_by_label("Früh").check()
    page.get_by_role("button", name="Wie die Woche davor").first.click()
    page.get_by_role("button", name="Speichern").click()

    page.get_by_role("link", name="Zurück zum Start").click()
    page.get_by_role("link", name=re.compile("Was ich bekomme")).click()
    expect(page.get_by_role("heading", name="Was ich möchte")).to_be_visible()
    page.goto("/start/")
    page.get_by_role("button", name="Lieber schreiben").click()
    expect(page.get_by_role("status")).to_contain_text("Wir schreiben dir")

    person.refresh_from_db()
    assert (person.topics.get(), person.own_interest) == (topic, "Stadtbäume")
    assert person.shifts == "FFFFF??" * 2 + "?" * 14
    assert person.shifts_from == shifts.monday_of(clock.today())
    assert person.preferred_channel == "email"
    assert serializers.serialize("json", Consent.objects.all()) == before


def test_who_sees_me_is_two_taps_away(page, live_world):
    page.goto("/start/")
    page.get_by_role("link", name=re.compile("Meine Daten und wer sie sieht")).click()
    section = page.get_by_role("region", name="Wer mich sieht")
    expect(section).to_contain_text(live_world.person("ansprechperson").full_name)
    expect(section).not_to_contain_text(live_world.person("vorsitz").family_name)


def test_every_day_can_be_tapped_with_a_thumb(page, live_world):
    person = live_world.person("newcomer")
    person.availability = ["schicht"]
    person.save()
    page.goto("/ich/ueber-mich/schichten/")
    boxes = [tap.bounding_box() for tap in page.locator(".tap").all()]
    assert len(boxes) == 28 * 5
    assert [
        b for b in boxes if b["height"] < 46 or b["width"] < 46 or b["x"] + b["width"] > 360
    ] == []
