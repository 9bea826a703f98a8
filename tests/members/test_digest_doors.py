"""Links in mails open the right page in one step after login, whatever the way in."""

import re
from html import unescape

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from members.login_code import derive
from portal.common.models import OutgoingMail
from tests.e2e.journeys import totp_code

PASSWORD = "ein langer Satz über Rüben"


@pytest.fixture
def contact(world):
    """The Ansprechperson with a password; the second factor is there."""
    user = world.user("ansprechperson")
    user.set_password(PASSWORD)
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture(params=["dashboards:heute", "members:newcomer", "members:digest_day"])
def page(request, world):
    """A page a digest links to."""
    args = [world.onboarding("newcomer").pk] if request.param == "members:newcomer" else []
    return reverse(request.param, args=args)


class Browser:
    """Follows redirects and posts a page's form to where the page itself is, like a browser."""

    def __init__(self, client):
        self.client = client

    def go(self, url):
        self.answer = self.client.get(url, follow=True)
        return self

    @property
    def url(self):
        request = self.answer.request
        query = request.get("QUERY_STRING", "")
        return request["PATH_INFO"] + (f"?{query}" if query else "")

    def follow(self, words):
        href = re.search(rf'href="([^"]*)"[^>]*>\s*{words}', self.answer.content.decode())[1]
        return self.go(unescape(href))

    def send(self, **values):
        self.answer = self.client.post(self.url, values, follow=True)
        return self


@pytest.fixture
def browser(client):
    return Browser(client)


def test_a_password_and_the_app_lead_straight_to_the_page(browser, contact, page):
    browser.go(page).send(login=contact.email, password=PASSWORD)
    browser.send(code=totp_code())

    assert (browser.url, browser.answer.status_code) == (page, 200)


def test_a_code_by_mail_and_the_app_lead_straight_to_the_page(browser, contact, page):
    browser.go(page).follow("Ohne Passwort").send(email=contact.email)
    mail = OutgoingMail.objects.get(kind="account.login_code")
    browser.send(code=derive(mail.pk)).send(code=totp_code())

    assert (browser.url, browser.answer.status_code) == (page, 200)


def test_going_back_and_forth_between_the_ways_in_loses_nothing(browser, contact, page):
    browser.go(page).follow("Ohne Passwort").follow("Lieber mit Passwort")
    browser.send(login=contact.email, password=PASSWORD).send(code=totp_code())

    assert browser.url == page


def test_the_passkey_form_carries_the_page_along(browser, page):
    html = browser.go(page).answer.content.decode()
    form = re.search(r"<form[^>]*data-passkey.*?</form>", html, re.DOTALL)[0]

    assert re.search(rf'name="next" value="{re.escape(page)}"', form)


def test_who_is_signed_in_without_the_second_factor_passes_it_once(browser, contact, page):
    browser.client.force_login(contact, backend="members.backend.AccountBackend")
    browser.go(page).send(code=totp_code())

    assert (browser.url, browser.answer.status_code) == (page, 200)


@pytest.mark.parametrize("elsewhere", ["https://example.com/", "//example.com", "javascript:1"])
def test_nobody_is_led_to_a_foreign_site(browser, contact, elsewhere):
    browser.go(f"{reverse('account_login')}?next={elsewhere}")
    browser.send(login=contact.email, password=PASSWORD).send(code=totp_code())

    assert browser.url == reverse("dashboards:heute")


@pytest.mark.parametrize(
    ("wished", "shown"), [("/neumitglieder/", "/neumitglieder/"), ("//example.com", "/"), ("", "/")]
)
def test_in_the_demo_one_tap_leads_to_the_page_and_never_elsewhere(
    settings, contact, client, wished, shown
):
    settings.DEMO = True
    contact.email = "ansprechperson@demo.example.org"
    contact.save()
    asked = {"role": "ansprechperson", "next": wished}

    assert client.post(reverse("dashboards:demo_login"), asked).url == shown
