"""From the digest in the mailbox to the call sheet, and an answer without any login."""

import pytest
from playwright.sync_api import expect

from members.models import Contact
from members.services import digests
from portal.common import clock
from portal.common.models import OutgoingMail
from portal.common.outbox.services import drain
from tests.e2e.journeys import link_in, received, totp_code
from tests.members.digest_help import due_newcomer

PASSWORD = "ein langer Satz über Rüben"


@pytest.fixture
def mail(live_world, sink, settings):
    """Today's digest of the Ansprechperson, whatever the hour at which this test runs."""
    from allauth.account.models import EmailAddress

    settings.QUIET_HOURS = False
    user = live_world.user("ansprechperson")
    user.set_password(PASSWORD)
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    due_newcomer(live_world, clock.today(), given_name="Ali")
    digests.write({user.person_id}, clock.today())
    drain()
    assert OutgoingMail.objects.get(kind=digests.DIGEST).state == "sent"
    return received(sink, user.email)[-1]


def here(live_server, link):
    """The link on the server of this test."""
    return live_server.url + "/" + link.split("/", 3)[3]


def test_a_link_in_the_mail_leads_over_the_login_to_the_call_sheet(
    live_server, live_world, open_page, mail
):
    page = open_page(live_server.url)
    page.goto(here(live_server, link_in(mail, "Seite von Ali öffnen")))
    page.get_by_label("E-Mail").fill(live_world.user("ansprechperson").email)
    page.get_by_label("Passwort").fill(PASSWORD)
    page.get_by_role("button", name="Anmelden").click()
    page.locator("[name=code]").fill(totp_code())
    page.locator("main form button[type=submit]").first.click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Ali")


def test_not_reached_is_said_without_login_in_two_taps(live_server, open_page, mail):
    page = open_page(live_server.url, java_script_enabled=False)
    page.goto(here(live_server, link_in(mail, "Ali nicht erreicht")))
    expect(page.get_by_text("Hast du versucht, Ali zu erreichen")).to_be_visible()
    assert Contact.objects.count() == 0

    page.get_by_role("button", name="Ja, eintragen").click()

    expect(page.get_by_role("status")).to_contain_text("Danke, dass du es bei Ali versucht hast.")
    assert Contact.objects.get().result == "not_reached"
    page.goto(here(live_server, link_in(mail, "Ali nicht erreicht")))
    expect(page.get_by_text("Hier ist nichts mehr offen.")).to_be_visible()
