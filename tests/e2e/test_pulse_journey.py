"""Somebody has not arrived: one tap in the mail, one yes, and the Ansprechperson knows."""

from datetime import timedelta

from playwright.sync_api import expect

from members import tasks
from members.models import Onboarding, Pulse
from portal.common import clock
from tests.e2e.journeys import drain_on_a_working_day, link_in, received


def test_a_no_reaches_the_ansprechperson_only_with_a_yes(
    live_server, live_world, open_page, sink, settings
):
    settings.BASE_URL = live_server.url
    started = clock.today() - timedelta(days=44)
    Onboarding.objects.filter(person=live_world.person("newcomer")).update(started_on=started)
    tasks.ask_pulse()
    drain_on_a_working_day()
    (mail,) = received(sink, live_world.person("newcomer").email)

    contact = open_page(live_server.url, live_world.user("ansprechperson"))
    reader = open_page(live_server.url, java_script_enabled=False)
    reader.goto(link_in(mail, "Eher nein"))
    assert Pulse.objects.get().answer == ""
    reader.get_by_role("button", name="Eher nein").click()
    expect(reader.get_by_role("status")).to_contain_text("Eher nein")
    contact.goto("/heute/")
    expect(contact.get_by_text("noch nicht richtig angekommen")).to_have_count(0)

    reader.get_by_role("button", name="Ja, sie darf es wissen").click()
    expect(reader.locator("main")).to_contain_text("weiß Bescheid")
    contact.goto("/heute/")
    first = contact.get_by_role("article").first
    expect(first).to_contain_text("Zznewcomer")
    expect(first).to_contain_text("noch nicht richtig angekommen")

    reader.get_by_role("button", name="Ja", exact=True).click()
    contact.goto("/heute/")
    expect(contact.get_by_text("noch nicht richtig angekommen")).to_have_count(0)
