"""A member without e-mail: imported, written to on paper, called, and heard (R1)."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from members.models import Meldung, Onboarding, Person, PhoneAnswer, Topic
from portal.common.models import OutgoingMail
from tests.e2e.looking import looked_at
from tests.e2e.test_import_journey import the_worker_does_it, upload
from tests.security.cells_mitmachen import place
from tests.world import canary

HEAD = "Mitgliedsnummer;Vorname;Nachname;Eintrittsdatum;Ortsverein;Telefon;Straße;PLZ;Ort"
NAME = "Herta Zzohnepost"


@pytest.fixture
def as_(open_page, live_server, live_world, settings):
    settings.WELCOME_HOLD_MINUTES = 0
    Onboarding.objects.all().delete()

    def open_(role):
        return open_page(live_server.url, live_world.user(role), java_script_enabled=False)

    return open_


def is_imported_and_written_to(page, joined) -> None:
    row = f"9101;Herta;Zzohnepost;{joined:%d.%m.%Y};Gehrden;0511 987654;Weg 1;30989;Gehrden"
    upload(page, "\r\n".join((HEAD, row)).encode("cp1252"))
    page.get_by_role("button", name="Jetzt übernehmen").click()
    the_worker_does_it(page)

    page.goto("/briefe/")
    expect(page.get_by_role("checkbox", name=NAME)).to_be_checked()
    page.get_by_role("button", name="Angekreuzte drucken").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Druckdatei herunterladen").click()
    pdf = Path(download.value.path()).read_bytes()
    assert (pdf[:5], len(re.findall(rb"/Type ?/Page\b", pdf))) == (b"%PDF-", 1)
    page.get_by_role("button", name="Als verschickt abhaken").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Alle Briefe sind verschickt")


def is_called(page) -> None:
    page.goto("/heute/")
    card = page.get_by_role("article").filter(has_text=NAME)
    expect(card.get_by_role("link", name=re.compile("Anrufen"))).to_have_attribute(
        "href", re.compile("^tel:.*511")
    )
    card.get_by_role("link", name="Ergebnis eintragen").click()
    page.get_by_role("button", name="Wir haben gesprochen").click()
    page.get_by_role("link", name="Zurück zu Herta").click()


def says_what_she_likes(page, topic) -> None:
    """Everything she would tap herself, entered while she talks."""
    page.get_by_role("link", name="Telefonisch für Herta eintragen").click()
    page.get_by_label(re.compile("Am liebsten erreichbar")).select_option("letter")
    mentor = page.get_by_role("group", name=re.compile("Wünscht sich eine Mentor"))
    mentor.get_by_label("Ja", exact=True).check()
    assert list(looked_at(page)) == []
    page.get_by_role("button", name="Eintragen", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Für Herta eingetragen: Am liebsten")

    page.get_by_role("link", name="Telefonisch für Herta eintragen").click()
    page.get_by_role("link", name="Themen und Orte zum Mitmachen").click()
    page.get_by_role("button", name=topic.name, exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Für Herta eingetragen.")
    page.get_by_role("button", name="Bescheid sagen: Klimatreff").click()
    expect(page.get_by_role("main")).to_contain_text("Member meldet sich bis")
    assert list(looked_at(page)) == []


def test_from_the_import_to_an_answer_without_any_mail(as_, live_world):
    topic = Topic.objects.filter(is_offered=True).first()
    place(live_world).topics.add(topic)
    joined = live_world.person("member").memberships.get().joined_on
    is_imported_and_written_to(as_("staff"), joined)
    contact = as_("ansprechperson")
    is_called(contact)
    says_what_she_likes(contact, topic)

    person = Person.objects.get(family_name="Zzohnepost")
    assert (person.preferred_channel, person.topics.get()) == ("letter", topic)
    assert person.onboardings.get().milestones.get(position=1).state == "done"
    assert Meldung.objects.get().person == person
    said = PhoneAnswer.objects.filter(person=person)
    by = set(said.values_list("entered_by__family_name", flat=True))
    assert by == {canary("ansprechperson")}
    assert not OutgoingMail.objects.filter(recipient_key=person.pk, channel="mail").exists()
    host = as_("member")
    host.goto("/orte/meldungen/")
    expect(host.get_by_role("article")).to_contain_text("Herta")
