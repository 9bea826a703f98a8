"""From „Ich will mitmachen“ to a newcomer with a clock: four people, no JavaScript, no retyping."""

import re

import pytest
from playwright.sync_api import expect

from members.models import Onboarding, Person
from portal.common.models import OutgoingMail
from portal.common.outbox.services import drain
from tests.e2e.journeys import link_in, received
from tests.services import services

ADDRESS = "ida.journey@example.org"


@pytest.fixture
def folder(live_world, live_server, settings):
    settings.BASE_URL = live_server.url
    settings.INTEREST_MIN_SECONDS = 0
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    found = services().sink.directory
    for path in found.glob("*.eml"):
        path.unlink()
    return found


@pytest.fixture
def as_(open_page, live_server, live_world, folder):
    def open_(role=""):
        user = live_world.user(role) if role else None
        return open_page(live_server.url, user, java_script_enabled=False)

    return open_


def _fill_in(page):
    page.goto("/mitmachen/")
    page.get_by_role("link", name="Ich bin noch kein Mitglied").click()
    page.get_by_label("Vorname").fill("Ida")
    page.get_by_label("Nachname").fill("Zzjourney")
    page.get_by_label("E-Mail").fill(ADDRESS)
    page.get_by_label("PLZ").fill("30989")
    page.get_by_label("Telefon").fill("0511 987654")
    page.get_by_label("Klima").check()
    page.get_by_label("Ich bin einverstanden").check()
    page.get_by_role("button", name="Abschicken").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Postfach")


def _confirm(page, folder):
    drain()
    (message,) = received(folder, ADDRESS)
    page.goto(link_in(message, "Adresse bestätigen"))
    assert Person.objects.filter(email=ADDRESS).exists() is False
    page.get_by_role("button", name="Ja, ich bin einverstanden").click()
    expect(page.get_by_role("status")).to_contain_text("Ihre Adresse ist bestätigt")


def _call_and_enter(page):
    page.goto("/heute/")
    page.get_by_role("link", name=re.compile("Ida interessiert sich")).click()
    expect(page.get_by_role("link", name=re.compile("987654"))).to_be_visible()
    page.get_by_role("button", name="Wir haben gesprochen").click()
    page.get_by_text("will Mitglied werden").click()
    page.get_by_role("button", name="Antrag eintragen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ida Zzjourney")
    expect(page.get_by_role("main")).to_contain_text("Darüber entscheidet der Vorsitz")


def _admit(page):
    page.goto("/aufnahmen/")
    page.get_by_role("link", name=re.compile("Ida Zzjourney")).click()
    page.get_by_role("button", name="Aufgenommen", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Das Willkommen geht per E-Mail hinaus")


def test_from_the_form_to_a_newcomer_with_a_clock_and_one_welcome(as_, folder, live_world):
    citizen = as_()
    _fill_in(citizen)
    _confirm(citizen, folder)
    _call_and_enter(as_("ansprechperson"))
    _admit(as_("vorsitz"))

    person = Person.objects.get(email=ADDRESS)
    assert [topic.code for topic in person.topics.all()] == ["klima"]
    arrived = Onboarding.objects.get(person=person)
    assert arrived.milestones.count() == 3
    assert arrived.responsible == live_world.person("ansprechperson")
    drain()
    assert OutgoingMail.objects.filter(recipient_key=person.pk, state="sent").count() == 1
    assert len(received(folder, ADDRESS)) == 2
    page = as_("ansprechperson")
    page.goto("/neumitglieder/")
    expect(page.get_by_role("link", name=re.compile("Ida Zzjourney"))).to_be_visible()


def test_doch_nicht_is_one_tap_and_leaves_nothing(as_, folder):
    citizen = as_()
    _fill_in(citizen)
    _confirm(citizen, folder)
    citizen.get_by_role("button", name="Alles löschen").click()
    expect(citizen.get_by_role("heading", level=1)).to_have_text("Alles ist gelöscht")
    assert Person.objects.filter(email=ADDRESS).exists() is False


def test_a_card_leads_to_the_form_and_the_inviter_hears_of_it(as_, folder):
    inviter = as_("member")
    inviter.goto("/ich/")
    inviter.get_by_role("link", name="Meine Karte").click()
    inviter.get_by_role("button", name="Karte machen").click()
    address = inviter.get_by_text(re.compile("/komm-mit/")).inner_text()
    guest = as_()
    guest.goto(address)
    guest.get_by_label("Vorname").fill("Ida")
    guest.get_by_label("Nachname").fill("Zzjourney")
    guest.get_by_label("E-Mail").fill(ADDRESS)
    guest.get_by_label("PLZ").fill("30989")
    guest.get_by_label("Ich bin einverstanden").check()
    guest.get_by_label("Wer mir die Karte gegeben hat").check()
    guest.get_by_role("button", name="Abschicken").click()
    _confirm(guest, folder)
    inviter.reload()
    expect(inviter.get_by_role("main")).to_contain_text("Ida hat sich über deine Karte gemeldet.")
