"""A file in a layout nobody has seen: its columns are said once, and never asked for again."""

import re

import pytest
from playwright.sync_api import expect

from members import tasks
from members.imports import gate
from members.models import ImportRun
from portal.common import clock
from tests.members.workbooks import workbook

HEADER = ["Kennziffer", "Name 2", "Name 1", "dabei seit", "Gruppe"]


@pytest.fixture
def page(live_server, live_world, open_page):
    return open_page(live_server.url, live_world.user("staff"), java_script_enabled=False)


def upload(page, name: str, content: bytes) -> None:
    page.goto("/import/")
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    page.get_by_label("Mitglieder-Export").set_input_files([file])
    page.get_by_role("button", name="Datei prüfen").click()


def test_an_unknown_workbook_is_mapped_once(page):
    row = [7001, "Jörg", "Ährenfeld", clock.today(), "Gehrden"]
    upload(page, "Liste.xlsx", workbook(HEADER, row))
    expect(page.get_by_role("heading", name="Spalten zuordnen")).to_be_visible()
    expect(page.get_by_text("zum Beispiel Ährenfeld")).to_be_visible()

    page.get_by_label("Kennziffer").select_option(label="Mitgliedsnummer")
    page.get_by_label("Name dieser Zuordnung").fill("Landesverband")
    page.get_by_role("button", name="Zuordnung speichern").click()
    expect(page.get_by_role("alert")).to_contain_text("Es fehlt noch: Nachname")

    for column, field in (
        ("Name 1", "Nachname"),
        ("Name 2", "Vorname"),
        ("dabei seit", "Eintrittsdatum"),
        ("Gruppe", "Gliederung"),
    ):
        page.get_by_label(column, exact=True).select_option(label=field)
    page.get_by_role("button", name="Zuordnung speichern").click()
    expect(page.get_by_role("row").filter(has_text="Ährenfeld")).to_contain_text("neu")

    upload(page, "Liste.xlsx", workbook(HEADER, [7002, "Kim", "Öz", clock.today(), "Uetze"]))
    expect(page.get_by_role("row").filter(has_text="Öz")).to_contain_text("neu")
    page.goto("/import/")
    page.get_by_role("button", name="Zuordnung „Landesverband“ löschen").click()
    expect(page.get_by_role("status")).to_contain_text("gelöscht")


def test_a_large_file_is_waited_for_without_javascript(page):
    rows = "".join(f"{n};Nr{n:0100}\n" for n in range(5000))
    content = f"Mitgliedsnummer;Nachname\n{rows}".encode()
    assert not gate.is_quick(content)
    upload(page, "export.csv", content)
    expect(page.get_by_role("heading", name="Deine Datei wird geprüft")).to_be_visible()
    tasks.check_import(str(ImportRun.objects.get().pk))
    # The page asks again by itself.
    page.wait_for_url(re.compile(r"/import/[0-9a-f-]+/$"))
    expect(page.get_by_text("Nr0").first).to_be_visible()
