"""A member reads, takes home, withdraws, objects and asks; the office answers; the member reads."""

import json
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from members.models import RightsRequest
from members.services.reference import MESSENGER
from portal.common import consents
from portal.common.models import AuditEvent, Consent, MailChoice
from portal.common.outbox.services import drain
from tests.e2e.journeys import received, text_of
from tests.world import CAST, canary


@pytest.fixture
def as_(open_page, live_server, live_world):
    def open_(role: str) -> Page:
        page = open_page(live_server.url, live_world.user(role), java_script_enabled=False)
        page.goto("/")
        return page

    return open_


def my_data(page: Page) -> None:
    page.get_by_role("link", name="Ich", exact=True).click()
    page.get_by_role("link", name=re.compile("Meine Daten und wer sie sieht")).click()


def downloads_everything(page: Page) -> None:
    page.get_by_role("link", name="Alles herunterladen").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Datei herunterladen").click()
    with zipfile.ZipFile(Path(download.value.path())) as archive:
        readable = archive.read("meine-daten.html").decode()
        stored = json.loads(archive.read("meine-daten.json"))
    shown = {role for role in CAST if canary(role) in readable + json.dumps(stored)}
    assert shown == {"newcomer", "ansprechperson"}
    assert stored["daten"]["common.Consent"][0]["withdrawn_at"] is None
    assert AuditEvent.objects.filter(code="export.own").count() == 1
    opened_alone(page, Path(download.value.path()))


def opened_alone(page: Page, file: Path) -> None:
    """The readable half needs nothing but itself, and says it in German."""
    with zipfile.ZipFile(file) as archive:
        content = archive.read("meine-daten.html").decode()
    other = page.context.new_page()
    other.set_content(content)
    expect(other.get_by_role("heading", level=1)).to_have_text("Meine Daten")
    expect(other.get_by_role("heading", name="Einwilligungen", exact=True)).to_be_visible()
    assert other.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    other.close()


def withdraws_the_messenger(page: Page) -> None:
    my_data(page)
    page.get_by_role("link", name="Erlauben oder zurücknehmen").click()
    page.get_by_role("button", name="Zurücknehmen: Messenger").click()
    expect(page.get_by_role("status")).to_contain_text("Zurückgenommen: Messenger")
    page.get_by_role("link", name=re.compile("Nachweis")).click()
    expect(page.get_by_text("zurückgenommen", exact=True)).to_be_visible()


def objects_to_invitations(page: Page) -> None:
    my_data(page)
    page.get_by_role("link", name=re.compile("Ich widerspreche")).click()
    page.get_by_label(re.compile("Einladungen und Nachfragen")).check()
    page.get_by_role("button", name="Widersprechen").click()
    expect(page.get_by_role("status")).to_contain_text("Gilt ab sofort")
    page.get_by_role("link", name="Was ich bekomme").click()
    expect(page.get_by_role("heading", name="Was ich möchte")).to_be_visible()


def asks_for_a_correction(page: Page) -> None:
    my_data(page)
    page.get_by_role("link", name=re.compile("Etwas stimmt nicht")).click()
    expect(page.get_by_role("link", name=re.compile("Interessen, Zeit"))).to_be_visible()
    page.get_by_label(re.compile("Was stimmt nicht")).fill("Ich bin umgezogen.")
    page.get_by_role("button", name="Anfrage abschicken").click()
    expect(page.get_by_role("status")).to_contain_text("Du bekommst eine Antwort bis")


def is_answered(page: Page) -> None:
    page.get_by_role("link", name=re.compile("fragt nach den eigenen Daten")).first.click()
    expect(page.get_by_text("Ich bin umgezogen.")).to_be_visible()
    page.get_by_label("Erledigt, wie gewünscht").check()
    page.get_by_label("Deine Antwort").fill("Die neue Anschrift steht jetzt da.")
    page.get_by_role("button", name="Antwort schicken").click()
    expect(page.get_by_role("status")).to_contain_text("Die Antwort geht per E-Mail hinaus")


def test_from_reading_to_the_answer(as_, live_world, sink):
    person = live_world.person("newcomer")
    consents.give(person.pk, MESSENGER, "de", Consent.Channel.ONLINE, person.pk)
    member = as_("newcomer")
    my_data(member)
    downloads_everything(member)
    withdraws_the_messenger(member)
    assert not consents.holds(person.pk, MESSENGER)
    objects_to_invitations(member)
    assert set(MailChoice.objects.values_list("way", flat=True)) == {"none"}
    asks_for_a_correction(member)

    is_answered(as_("staff"))
    drain()

    (mail,) = received(sink, person.email)
    assert "Die neue Anschrift steht jetzt da." in text_of(mail)
    my_data(member)
    expect(member.get_by_text("Die neue Anschrift steht jetzt da.")).to_be_visible()
    member.get_by_role("button", name=re.compile("Zurücknehmen: Einladungen")).click()
    expect(member.get_by_role("status")).to_contain_text("Es ist wieder wie vorher")
    assert not MailChoice.objects.exists()
    assert set(RightsRequest.objects.values_list("state", flat=True)) == {"done", "withdrawn"}
