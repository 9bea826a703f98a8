"""One employee, one evening: a new Ortsverein, an unknown file, taken back, brought again, printed.

Every page without JavaScript, every mail through SMTP.
"""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from members import tasks
from members.models import Gliederung, ImportRun, Membership, Person
from portal.common import clock
from portal.common.outbox.services import drain
from tests.e2e.journeys import received, text_of
from tests.e2e.test_import_journey import the_worker_does_it
from tests.e2e.test_verwaltung_journey import add_person, field, give, hub, save

HEADER = "Kennziffer;Name 1;Name 2;Gruppe;dabei seit;Adresse;Wo;Kontakt"
COLUMNS = {
    "Kennziffer": "Mitgliedsnummer",
    "Name 1": "Nachname",
    "Name 2": "Vorname",
    "Gruppe": "Gliederung",
    "dabei seit": "Eintrittsdatum",
    "Adresse": "Straße",
    "Wo": "Ort",
    "Kontakt": "E-Mail",
}
MAIL = "zzhaus@example.org"


@pytest.fixture
def page(live_server, live_world, open_page, settings) -> Page:
    settings.WELCOME_HOLD_MINUTES = 0
    page = open_page(live_server.url, live_world.user("staff"), java_script_enabled=False)
    page.goto("/")
    return page


def export() -> bytes:
    day = f"{clock.today():%d.%m.%Y}"
    rows = (
        f"88001;Zzhaus;Ada;Neudorf;{day};Weg 1;Neudorf;{MAIL}",
        f"88002;Zzohne;Bo;OV Neudorf;{day};Weg 2;Neudorf;",
    )
    return "\r\n".join((HEADER, *rows)).encode("cp1252")


def set_up_neudorf(page: Page) -> None:
    hub(page, "Gliederungen")
    page.get_by_role("link", name="Neue Gliederung").click()
    field(page, "Name").fill("Neudorf")
    field(page, "Ebene").select_option(label="Ortsverein")
    field(page, "gehört zu").select_option(label="Unterbezirk Region")
    save(page)
    for family, kind in (("Zzerste", "Ansprechperson"), ("Zzzweite", "Stellvertretung")):
        add_person(page, "Ina", family)
        hub(page, "Gliederungen")
        page.get_by_role("link", name="Ortsverein Neudorf").click()
        give(page, kind, f"Ina {family}")


def upload(page: Page) -> None:
    hub(page, "Import")
    file = {"name": "liste.csv", "mimeType": "text/csv", "buffer": export()}
    page.get_by_label("Mitglieder-Export").set_input_files([file])
    page.get_by_role("button", name="Datei prüfen").click()


def take_over(page: Page) -> None:
    expect(page.get_by_role("row").filter(has_text="Zzhaus")).to_contain_text("neu")
    page.get_by_role("button", name="Jetzt übernehmen").click()
    the_worker_does_it(page)


def test_from_an_empty_ortsverein_to_printed_letters(page, sink):
    set_up_neudorf(page)

    upload(page)
    for column, label in COLUMNS.items():
        page.get_by_label(column, exact=True).select_option(label=label)
    page.get_by_label("Name dieser Zuordnung").fill("Neuer Export")
    page.get_by_role("button", name="Zuordnung speichern").click()
    take_over(page)
    drain()
    (welcome,) = received(sink, MAIL)
    assert "Ina Zzerste" in text_of(welcome)

    page.get_by_text("Import zurücknehmen", exact=True).click()
    page.get_by_role("button", name="Ja, diesen Import zurücknehmen").click()
    tasks.undo_import(str(ImportRun.objects.get().pk))
    expect(page.get_by_role("heading", name="Der Import ist zurückgenommen")).to_be_visible(
        timeout=15_000
    )
    assert not Membership.objects.filter(number__in=["88001", "88002"]).exists()

    upload(page)  # the columns are known now
    take_over(page)
    drain()
    assert len(received(sink, MAIL)) == 1
    neudorf = Gliederung.objects.get(name="Neudorf")
    arrived = Person.objects.filter(gliederung=neudorf, memberships__isnull=False)
    assert [person.street for person in arrived.order_by("sort_name")] == ["", "Weg 2"]

    hub(page, "Briefe")
    page.get_by_role("button", name="Angekreuzte drucken").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Druckdatei herunterladen").click()
    pdf = Path(download.value.path()).read_bytes()
    assert (pdf[:5], len(re.findall(rb"/Type ?/Page\b", pdf))) == (b"%PDF-", 1)
    page.get_by_role("button", name="Als verschickt abhaken").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Alle Briefe sind verschickt")
