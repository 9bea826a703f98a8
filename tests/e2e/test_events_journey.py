"""One evening, from four taps of its contact to the report; three people come their own way.

Somebody without e-mail is entered on the phone, somebody on shifts sees what fits, and a guest
without an account comes by the link in the mail.
"""

import re
from datetime import timedelta

import time_machine
from playwright.sync_api import expect

from events.models import Event, EventReport, Registration
from members.models import Person
from portal.common import clock
from portal.common.outbox.services import drain
from portal.common.scope import scope
from tests.e2e.journeys import link_in, received
from tests.e2e.looking import violations
from tests.members.digest_help import open_day

MOST_TAPS, MOST_TYPED = 12, 3


class Hand:
    """A thumb that counts."""

    def __init__(self, page):
        self.page, self.taps, self.typed = page, 0, 0

    def tap(self, role, name):
        self.page.get_by_role(role, name=name).first.click()
        self.taps += 1

    def type(self, label, text):
        self.page.get_by_label(label, exact=False).first.fill(text)
        self.taps += 1
        self.typed += 1


def test_an_evening_that_three_people_come_to(live_server, live_world, open_page, sink, settings):
    settings.BASE_URL = live_server.url
    day = open_day(clock.today() + timedelta(days=10))
    with scope("system:test"):
        Person.objects.filter(pk=live_world.person("newcomer").pk).update(
            shifts="F" * 28, shifts_from=clock.today() - timedelta(days=clock.today().weekday())
        )
        Person.objects.filter(pk=live_world.person("other_newcomer").pk).update(email="")

    contact = open_page(live_server.url, live_world.user("ansprechperson"))
    contact.goto("/heute/")
    hand = Hand(contact)
    hand.tap("link", "Termine")
    hand.tap("link", "Neuer Termin")
    hand.tap("link", re.compile("^Neumitgliederabend"))
    hand.type("Tag", day.isoformat())
    hand.type("Beginn", "19:00")
    hand.type("Ort", "Bürgerhaus")
    hand.tap("button", "Ankündigen")
    expect(contact.get_by_role("heading", level=1)).to_have_text("Neumitgliederabend")
    assert (hand.taps <= MOST_TAPS, hand.typed <= MOST_TYPED) == (True, True), vars(hand)
    url = contact.url

    contact.goto(f"{url}aendern/")
    contact.get_by_label("Für wen").select_option("public")
    contact.get_by_role("button", name="Speichern").click()
    expect(contact.get_by_role("status")).to_contain_text("Gespeichert")

    with scope("system:test"):
        person = live_world.person("other_newcomer")
    contact.goto(f"/neumitglieder/{person.pk}/termine/")
    contact.get_by_role("button", name="Neumitgliederabend: kommt", exact=True).click()
    expect(contact.get_by_role("status")).to_contain_text("Eingetragen")
    assert list(violations(contact)) == []

    newcomer = open_page(live_server.url, live_world.user("newcomer"), java_script_enabled=False)
    newcomer.goto("/termine/")
    row = newcomer.get_by_role("link", name=re.compile("Neumitgliederabend"))
    expect(row).to_contain_text("passt zu deiner Schicht")
    row.click()
    newcomer.get_by_role("button", name="Ich komme").click()
    expect(newcomer.get_by_role("status")).to_contain_text("Du bist dabei")

    guest = open_page(live_server.url, None)
    guest.goto("/termine/")
    guest.get_by_role("link", name=re.compile("Neumitgliederabend")).click()
    guest.get_by_role("link", name="Als Gast anmelden").click()
    guest.get_by_label("Ihr Name").fill("Gast Muster")
    guest.get_by_label("Ihre E-Mail-Adresse").fill("gast@example.org")
    guest.get_by_role("button", name="Anmelden").click()
    expect(guest.get_by_role("heading", level=1)).to_have_text("Fast fertig")
    with scope("system:test"):
        drain()
    (mail,) = received(sink, "gast@example.org")
    guest.goto(link_in(mail, "Ja, ich komme"))
    guest.get_by_role("button", name="Ja, ich komme").click()
    expect(guest.get_by_role("main")).to_contain_text("Der Platz ist fest")

    contact.goto(f"{url}liste/")
    for name in ("Newcomer", "Other_Newcomer", "Gast"):
        expect(contact.get_by_role("main")).to_contain_text(name)

    with scope("system:test"):
        event = Event.objects.get()
    with time_machine.travel(event.starts_at + timedelta(minutes=30)):
        contact.goto(f"{url}liste/")
        for _ in range(3):
            contact.get_by_role("button", name=re.compile("ist da$")).first.click()
        expect(contact.get_by_role("main")).to_contain_text("3 da")
        assert list(violations(contact)) == []
    with time_machine.travel(event.ends_at + timedelta(hours=1)):
        contact.goto(f"{url}bericht/")
        expect(contact.get_by_label("Wie viele waren da?")).to_have_value("3")
        contact.get_by_role("button", name="Fertig").click()
        expect(contact.get_by_role("main")).to_contain_text("3 waren da")
        assert list(violations(contact)) == []
    with scope("system:test"):
        assert Registration.objects.filter(came=True).count() == 3
        assert EventReport.objects.get().headcount == 3
