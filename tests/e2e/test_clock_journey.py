"""A Parteibuch on its way, and a newcomer whom nobody reached and who comes back."""

import re
import uuid
from datetime import timedelta
from urllib.parse import urlsplit

from playwright.sync_api import expect

from members.models import Contact, Milestone
from members.services import onboarding as service
from portal.common import clock, links
from tests.e2e.scenes_clock import unreached


def test_a_parteibuch_is_ordered_comes_in_and_is_handed_over(live_server, live_world, open_page):
    onboarding = live_world.onboarding("newcomer")
    name = onboarding.person.full_name

    staff = open_page(live_server.url, live_world.user("staff"))
    staff.goto("/verwaltung/")
    staff.get_by_role("link", name=re.compile("Parteibücher")).click()
    for box in staff.get_by_role("checkbox").all():
        box.uncheck()
    staff.get_by_role("checkbox", name=re.compile(name)).check()
    staff.get_by_role("button", name="Als bestellt eintragen").click()
    expect(staff.get_by_role("status")).to_contain_text("1 Parteibuch ist als bestellt eingetragen")

    start = open_page(live_server.url, live_world.user("newcomer"))
    start.goto("/start/")
    expect(start.get_by_text("Es ist bestellt und auf dem Weg zu uns.")).to_be_visible()

    contact = open_page(live_server.url, live_world.user("ansprechperson"))
    contact.goto(f"/neumitglieder/{onboarding.pk}/")
    contact.get_by_role("button", name="Liegt bei mir").click()
    expect(contact.get_by_text("vor Ort seit")).to_be_visible()
    start.reload()
    expect(start.get_by_text("Es liegt schon bei uns vor Ort")).to_be_visible()

    contact.get_by_text("Anlass dazuschreiben").click()
    contact.get_by_label("Bei welchem Anlass?").fill("Sommerfest")
    contact.get_by_role("button", name="Parteibuch ist übergeben").click()
    expect(contact.get_by_text("Sommerfest")).to_be_visible()
    milestone = onboarding.milestones.get(code="parteibuch")
    assert (milestone.state, milestone.parteibuch.occasion) == ("done", "Sommerfest")

    contact.get_by_role("button", name="Doch nicht übergeben").click()
    expect(contact.get_by_text("vor Ort seit")).to_be_visible()
    milestone.refresh_from_db()
    assert milestone.state == Milestone.State.OPEN


def test_nobody_reached_them_and_one_tap_brings_the_talk_back(live_server, live_world, open_page):
    onboarding = live_world.onboarding("newcomer")
    unreached(live_world)

    contact = open_page(live_server.url, live_world.user("ansprechperson"))
    contact.goto(f"/neumitglieder/{onboarding.pk}/")
    expect(contact.get_by_text("nicht erreicht,")).to_be_visible()
    contact.goto("/heute/")
    card = contact.get_by_role("article").filter(has_text=onboarding.person.full_name)
    expect(card).to_have_count(0)

    start = open_page(live_server.url, live_world.user("newcomer"))
    start.goto("/start/")
    start.get_by_role("button", name="Bitte ruft mich noch einmal an").click()
    expect(start.get_by_role("status")).to_contain_text("Wir kümmern uns darum")
    expect(start.get_by_role("button", name="Bitte ruft mich noch einmal an")).to_have_count(0)

    assert onboarding.milestones.get(position=1).state == Milestone.State.OPEN
    onboarding.refresh_from_db()
    assert onboarding.asked_for_call_at is not None
    talk = service.Talk(Contact.Kind.CALL, Contact.Result.REACHED, uuid.uuid4())
    service.log_contact(onboarding, live_world.person("ansprechperson"), talk)
    assert onboarding.milestones.get(position=1).done_on == clock.today()


def test_the_link_of_the_last_letter_asks_first_and_then_acts(live_server, live_world, open_page):
    onboarding = live_world.onboarding("newcomer")
    unreached(live_world)
    page = open_page(live_server.url)
    page.goto(urlsplit(links.signed_url("call-again", str(onboarding.pk))).path)
    page.get_by_role("button", name="Ja, ruft mich an").click()
    expect(page.get_by_role("status")).to_contain_text("Wir rufen dich an")
    milestone = onboarding.milestones.get(position=1)
    assert milestone.due_on >= clock.today() + timedelta(days=14)
