"""A newcomer without login: from the welcome mail in the inbox to "Mein Start"."""

import re

import pytest
from playwright.sync_api import expect

from members.services.welcome import queue_welcomes
from portal.common.outbox.services import drain
from tests.e2e.journeys import link_in, received, text_of, totp_code
from tests.services import services
from tests.world import canary, make_newcomer

PASSWORD = "vier gelbe Fahrräder im Hof"


@pytest.fixture
def newcomer(live_world, live_server, settings):
    settings.BASE_URL = live_server.url
    # Django's test environment would keep every mail in memory.
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    return make_newcomer("Zzfresh", live_world.gliederung("Gehrden"), days=2, given_name="Jana")


@pytest.fixture
def mail(newcomer):
    folder = services().sink.directory
    for path in folder.glob("*.eml"):
        path.unlink()
    queue_welcomes([newcomer])
    drain()
    messages = received(folder, newcomer.person.email)
    assert len(messages) == 1
    return messages[0]


@pytest.fixture
def page(open_page, live_server):
    return open_page(live_server.url, java_script_enabled=False)


def test_the_first_lines_of_the_mail_name_no_party(mail):
    subject, first = str(mail["Subject"]), " ".join(text_of(mail).split()[:20])
    assert re.findall(r"SPD|Partei|Mitglied|Ortsverein", f"{subject} {first}") == []
    assert "Jana" in subject


def test_from_the_welcome_mail_to_mein_start(mail, newcomer, page, live_world):
    invitation = link_in(mail, "Meine Seite öffnen")

    page.goto(invitation)
    expect(page.get_by_role("heading", level=1)).to_have_text("Hallo Jana")
    page.get_by_label("Passwort").fill(PASSWORD)
    page.get_by_role("button", name="Zugang einrichten").click()

    expect(page).to_have_url(re.compile("/start/$"))
    card = page.get_by_role("region", name="Deine Ansprechperson")
    expect(card).to_contain_text(live_world.person("ansprechperson").full_name)
    expect(page.get_by_role("region", name="Was wann passiert")).to_contain_text("Parteibuch")

    page.context.clear_cookies()
    page.goto(invitation)
    expect(page.get_by_role("heading", level=1)).to_have_text("Diese Einladung gilt nicht mehr")
    page.get_by_role("main").get_by_role("link", name="Anmelden").click()
    page.get_by_label("E-Mail-Adresse").fill(newcomer.person.email)
    page.get_by_label("Passwort", exact=False).first.fill(PASSWORD)
    page.get_by_role("button", name="Anmelden").click()
    expect(page).to_have_url(re.compile("/start/$"))


def test_too_short_a_password_is_explained_and_nothing_is_lost(mail, page):
    page.goto(link_in(mail, "Meine Seite öffnen"))
    page.get_by_label("Passwort").fill("kurz")
    page.get_by_role("button", name="Zugang einrichten").click()

    expect(page.get_by_role("alert")).to_contain_text("zu kurz")
    page.get_by_label("Passwort").first.fill(PASSWORD)
    page.get_by_role("button", name="Zugang einrichten").click()
    expect(page).to_have_url(re.compile("/start/$"))


def test_noch_niemand_gemeldet_needs_a_tap_on_the_page(mail, newcomer, page):
    page.goto(link_in(mail, "Bei mir hat sich noch niemand gemeldet"))
    newcomer.refresh_from_db()
    assert newcomer.asked_for_call_at is None

    page.get_by_role("button", name="Bescheid sagen").click()

    expect(page.get_by_role("status")).to_contain_text("Wir kümmern uns darum")
    newcomer.refresh_from_db()
    assert newcomer.asked_for_call_at is not None


def test_lieber_schreiben_works_before_any_login(mail, newcomer, page):
    page.goto(link_in(mail, "Lieber schreiben"))
    page.get_by_role("button", name="Ja, lieber schreiben").click()

    expect(page.get_by_role("status")).to_contain_text("Wir schreiben dir")
    newcomer.person.refresh_from_db()
    assert newcomer.person.preferred_channel == "email"


def test_an_office_signs_in_with_password_and_code(page, live_world):
    user = live_world.user("staff")
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])

    page.goto("/")
    page.get_by_role("link", name="Anmelden").click()
    page.get_by_label("E-Mail-Adresse").fill(user.email)
    page.get_by_label("Passwort").fill(PASSWORD)
    page.get_by_role("button", name="Anmelden").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Zweiter Faktor")
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Anmelden").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Code").first.fill(totp_code())
    page.get_by_role("button", name="Anmelden").click()

    expect(page).to_have_url(re.compile("/uebersicht/$"))
    assert canary("staff") not in page.url
