"""Getting in and back in: a passkey in a real browser, and a lost phone within one call."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from playwright.sync_api import Page, expect

from members.models import Person
from tests.world import canary

PASSWORD = "vier gelbe Fahrräder im Hof"
PHONE = "+49 151 00000001"


def with_authenticator(page: Page) -> None:
    """Give the browser a phone's own authenticator that says yes to everything."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def set_password(user) -> None:
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])


def sign_in(page: Page, user) -> None:
    page.goto("/konto/anmelden/")
    page.get_by_label("E-Mail-Adresse").fill(user.email)
    page.get_by_label("Passwort").fill(PASSWORD)
    page.get_by_role("button", name="Anmelden", exact=True).click()


@pytest.fixture
def officer(live_world):
    """Holds an office and has no second factor yet."""
    user = live_world.user("staff_without_mfa")
    set_password(user)
    return user


@pytest.fixture
def phone(open_page, live_server):
    page = open_page(live_server.url)
    with_authenticator(page)
    return page


def enrol_passkey(page: Page, officer) -> None:
    sign_in(page, officer)
    expect(page).to_have_url(re.compile("/zweiter-faktor/waehlen/$"))
    page.get_by_role("link", name="Passkey einrichten").click()
    page.get_by_label("Name").fill("Mein Handy")
    page.get_by_role("button", name="Passkey erstellen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Notfallcodes")


def test_enrol_a_passkey_sign_out_and_sign_in_with_it_alone(phone, officer):
    enrol_passkey(phone, officer)
    phone.get_by_role("link", name="Fertig").click()
    expect(phone).to_have_url(re.compile("/uebersicht/$"))

    phone.goto("/konto/abmelden/")
    phone.get_by_role("main").get_by_role("button", name="Abmelden").click()
    phone.goto("/konto/anmelden/")
    phone.get_by_role("button", name="Passkey benutzen").click()
    expect(phone).to_have_url(re.compile("/uebersicht/$"))


def test_a_passkey_is_the_second_factor_after_the_password(phone, officer):
    enrol_passkey(phone, officer)
    phone.context.clear_cookies()
    sign_in(phone, officer)
    expect(phone.get_by_role("heading", level=1)).to_have_text("Zweiter Faktor")
    phone.get_by_role("button", name="Mit Passkey bestätigen").click()
    expect(phone).to_have_url(re.compile("/uebersicht/$"))


def test_a_passkey_can_be_renamed_and_the_last_one_stays(phone, officer):
    enrol_passkey(phone, officer)
    phone.goto("/konto/zweiter-faktor/")
    phone.get_by_role("link", name="Mein Handy umbenennen").click()
    phone.get_by_label("Name").fill("Tablet im Büro")
    phone.get_by_role("button", name="Speichern").click()
    phone.get_by_role("link", name="Tablet im Büro entfernen").click()
    expect(phone.get_by_role("main")).to_contain_text("dein einziger zweiter Faktor")
    assert Authenticator.objects.filter(user=officer, type="webauthn").count() == 1


def test_without_javascript_the_page_says_what_to_do_instead(open_page, live_server, officer):
    page = open_page(live_server.url, java_script_enabled=False)
    sign_in(page, officer)
    page.get_by_role("link", name="Passkey einrichten").click()
    expect(page.get_by_role("main")).to_contain_text("Nimm bitte die Authenticator-App")
    expect(page.get_by_role("button", name="Passkey erstellen")).to_be_hidden()
    page.get_by_role("link", name="Lieber mit Authenticator-App").click()
    expect(page.get_by_label("Code")).to_be_visible()


def test_where_no_passkey_can_exist_the_page_says_so(open_page, live_server, officer, settings):
    settings.PASSKEY_HOST = "ankommen.example.org"
    page = open_page(live_server.url)
    sign_in(page, officer)
    expect(page.get_by_role("link", name="Passkey einrichten")).to_have_count(0)
    page.goto("/konto/zweiter-faktor/passkey/")
    expect(page.get_by_role("main")).to_contain_text("Unter dieser Adresse gehen Passkeys nicht")
    page.goto("/konto/anmelden/")
    page.context.clear_cookies()
    page.goto("/konto/anmelden/")
    page.get_by_role("button", name="Passkey benutzen").click()
    expect(page.get_by_text("Dafür braucht dein Browser")).to_be_visible()


def test_an_ansprechperson_with_a_lost_phone_is_back_within_one_call(
    open_page, live_server, live_world
):
    """Two people on the telephone, each at their own browser."""
    caller = live_world.user("ansprechperson")
    set_password(caller)
    Person.objects.filter(pk=caller.person_id).update(mobile=PHONE)
    desk = open_page(live_server.url, live_world.user("staff"))
    home = open_page(live_server.url, java_script_enabled=False)

    # At home: the password is known, the phone is gone.
    sign_in(home, caller)
    home.get_by_role("link", name="Ich komme nicht rein").click()
    expect(home.get_by_role("link", name=re.compile("0511 123456 anrufen"))).to_be_visible()

    # At the desk: find the person, call back the stored number, read the code out.
    desk.goto("/personen/")
    desk.get_by_label("Name").fill(canary("ansprechperson"))
    desk.get_by_role("button", name="Suchen").click()
    desk.get_by_role("link", name=re.compile(canary("ansprechperson"))).click()
    desk.get_by_role("link", name=re.compile("^Zugang:")).click()
    expect(desk.get_by_role("link", name=PHONE)).to_be_visible()
    desk.get_by_label("Ich habe unter dieser Nummer zurückgerufen").check()
    desk.get_by_role("button", name="Einmalcode erstellen").click()
    code = desk.locator(".number").inner_text()

    # At home: type it, set up the new phone, go on working.
    home.get_by_role("link", name="Ich habe einen Einmalcode").click()
    home.get_by_label("E-Mail-Adresse").fill(caller.email)
    home.get_by_label("Einmalcode").fill(code)
    home.get_by_label("Neues Passwort").fill("Herbstlaub auf dem Deich 27")
    home.get_by_role("button", name="Anmelden").click()
    expect(home).to_have_url(re.compile("/zweiter-faktor/waehlen/$"))
    home.get_by_role("link", name="App einrichten").click()
    secret = home.locator("strong.text-break").inner_text().replace(" ", "")
    counter = next(iter(yield_hotp_counters_from_time()))
    home.get_by_label("Code").fill(format_hotp_value(hotp_value(secret, counter)))
    home.get_by_role("button", name="Einrichten").click()
    expect(home.get_by_role("heading", level=1)).to_have_text("Notfallcodes")
    home.get_by_role("link", name="Fertig").click()
    expect(home).to_have_url(re.compile("/heute/$"))

    # The desk sees that it was used, and who else knows.
    desk.get_by_role("link", name="Fertig vorgelesen").click()
    expect(desk.get_by_role("region", name="Einmalcodes")).to_contain_text("benutzt")
