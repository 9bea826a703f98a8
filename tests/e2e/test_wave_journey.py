"""A member of twelve years is invited, taps, and is called; all of it in the browser."""

import re

from playwright.sync_api import expect

from members.models import Contact, Onboarding
from portal.common.models import OutgoingMail
from tests.e2e.journeys import drain_on_a_working_day, link_in, received
from tests.security.cells_waves import make_member


def test_from_the_preview_to_the_talk(live_server, live_world, open_page, sink, settings):
    settings.BASE_URL = live_server.url
    settings.WELCOME_HOLD_MINUTES = 0
    member = make_member("Zzlange", live_world.gliederung("Gehrden"))

    office = open_page(live_server.url, live_world.user("staff"), java_script_enabled=False)
    office.goto("/verwaltung/")
    office.get_by_role("link", name=re.compile("Wieder anknüpfen")).click()
    office.get_by_role("link", name="Neue Welle vorbereiten").click()
    office.get_by_role("button", name="Vorschau zeigen").click()
    expect(office.locator(".lead-in")).to_contain_text("Diese Welle schreibt 1 Mail und 0 Briefe.")
    assert OutgoingMail.objects.count() == 0
    office.get_by_role("button", name="Welle starten").click()
    expect(office.get_by_role("status")).to_contain_text("Die Welle läuft.")

    drain_on_a_working_day()
    (mail,) = received(sink, member.email)
    reader = open_page(live_server.url)
    reader.goto(link_in(mail, "Ja, ruft mich an"))
    reader.get_by_role("button", name="Ja, ruft mich an").click()
    expect(reader.get_by_role("status")).to_contain_text("ruft dich in den nächsten Tagen an")

    contact = open_page(live_server.url, live_world.user("ansprechperson"))
    contact.goto("/heute/")
    card = contact.get_by_role("article").filter(has_text="Zzlange")
    expect(card).to_contain_text("wartet auf einen Anruf")
    card.get_by_role("link", name="Ergebnis eintragen").click()
    contact.get_by_role("button", name="Wir haben gesprochen").click()
    contact.wait_for_load_state()

    assert Contact.objects.get().onboarding == Onboarding.objects.get(person=member)
    office.reload()
    expect(office.get_by_role("link", name=re.compile("Zzlange"))).to_contain_text("gesprochen")
