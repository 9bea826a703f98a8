"""Staff reach people without e-mail: print the letters, post them, tick them – no JavaScript."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from members.models import Person
from members.services import welcome
from portal.common import clock
from portal.common.models import OutgoingMail
from tests.world import make_newcomer


@pytest.fixture
def page(live_server, live_world, open_page):
    for name in ("Zzbriefa", "Zzbriefb", "Zzbriefc"):
        onboarding = make_newcomer(
            name, live_world.gliederung("Gehrden"), email="", street="Langer Weg 3"
        )
        welcome.queue_welcomes([onboarding])
    OutgoingMail.objects.update(not_before=clock.now())
    return open_page(live_server.url, live_world.user("staff"), java_script_enabled=False)


def test_staff_print_two_of_three_letters_and_tick_them_as_sent(page):
    page.goto("/uebersicht/")
    page.get_by_role("link", name="Briefe drucken").click()
    page.get_by_role("checkbox", name="Kim Zzbriefb").uncheck()
    page.get_by_role("button", name="Angekreuzte drucken").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("2 Briefe im Druck")

    with page.expect_download() as download:
        page.get_by_role("link", name="Druckdatei herunterladen").click()
    pdf = Path(download.value.path()).read_bytes()
    assert (pdf[:5], len(re.findall(rb"/Type ?/Page\b", pdf))) == (b"%PDF-", 2)

    page.get_by_role("button", name="Als verschickt abhaken").click()
    expect(page.get_by_role("status")).to_have_text("2 abgehakt.")
    expect(page.get_by_role("heading", level=1)).to_have_text("Alle Briefe sind verschickt")
    sent = OutgoingMail.objects.filter(channel="letter", state="sent")
    assert sent.count() == 2

    page.get_by_role("button", name="Haken von heute zurücknehmen").click()
    assert sent.count() == 0
    page.get_by_role("link", name="Alle Briefe").click()
    expect(page.get_by_text("Gedruckt, noch nicht abgehakt")).to_be_visible()
    expect(page.get_by_role("checkbox", name="Kim Zzbriefb")).to_be_visible()


def test_a_street_is_entered_where_the_letter_needs_it(page):
    Person.objects.filter(family_name="Zzbriefa").update(street="")
    page.goto("/briefe/")
    page.get_by_role("link", name="Adresse eintragen: Kim Zzbriefa").click()
    page.get_by_label("Straße und Nummer").fill("Am Deich 1")
    page.get_by_label("PLZ").fill("30989")
    page.get_by_label("Ort").fill("Gehrden")
    page.get_by_role("button", name="Speichern").click()

    expect(page.get_by_role("status")).to_have_text("Adresse gespeichert.")
    expect(page.get_by_role("link", name="Ansehen: Brief an Kim Zzbriefa")).to_be_visible()
