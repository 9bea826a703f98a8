"""The office brings a membership export in: look first, then confirm."""

import re

import pytest
from playwright.sync_api import expect

from members import tasks
from members.models import ImportRun
from portal.common import clock
from portal.common.outbox.models import OutgoingMail

HEAD = "Mitgliedsnummer;Vorname;Nachname;Eintrittsdatum;Ortsverein;E-Mail;PLZ"


def export(*rows: str) -> bytes:
    return "\r\n".join((HEAD, *rows)).encode("cp1252")


def row(number: int, family: str, place: str = "Gehrden", mail: str = "kim@example.org") -> str:
    return f"{number};Kim;{family};{clock.today():%d.%m.%Y};{place};{mail};30989"


@pytest.fixture
def page(live_server, live_world, open_page):
    return open_page(live_server.url, live_world.user("staff"), java_script_enabled=False)


def upload(page, content: bytes) -> None:
    page.goto("/import/")
    file = {"name": "export.csv", "mimeType": "text/csv", "buffer": content}
    page.get_by_label("Mitglieder-Export").set_input_files([file])
    page.get_by_role("button", name="Datei prüfen").click()


def the_worker_does_it(page) -> None:
    """The page waits without JavaScript; no worker runs beside these tests."""
    expect(page.get_by_role("heading", name="Der Import wird übernommen")).to_be_visible()
    tasks.apply_import(str(ImportRun.objects.get(state=ImportRun.State.APPLYING).pk))
    expect(page.get_by_role("heading", name="Der Import ist übernommen")).to_be_visible(
        timeout=15_000
    )


def test_what_is_confirmed_is_taken_over_and_nothing_else(page):
    content = export(
        row(7001, "Ährenfeld"),
        row(7002, "Ohnepost", mail=""),
        row(7003, ""),
        row(7004, "Ortlos", place="Entenhausen"),
    )

    upload(page, content)

    expect(page.get_by_text(re.compile(r"Diese Datei verschickt \d Mails?\s+und \d Briefe?")))
    expect(page.get_by_role("link", name="neu (3)")).to_have_attribute("aria-current", "page")
    page.get_by_role("link", name="alle (4)").click()
    for name, verdict in (("Ährenfeld", "neu"), ("7003", "abgelehnt")):
        expect(page.get_by_role("row").filter(has_text=name)).to_contain_text(verdict)
    assert OutgoingMail.objects.count() == 0

    page.get_by_role("button", name="Jetzt übernehmen").click()

    the_worker_does_it(page)
    page.goto("/neumitglieder/")
    page.get_by_label("Name").fill("aehrenfeld")
    page.get_by_role("button", name="Suchen").click()
    expect(page.get_by_role("link", name="Ährenfeld")).to_be_visible()
    assert OutgoingMail.objects.filter(address="kim@example.org").count() >= 1


def test_what_is_discarded_leaves_no_trace(page):
    upload(page, export(row(7001, "Ährenfeld")))

    page.get_by_role("button", name="Verwerfen").click()

    expect(page.get_by_role("status")).to_contain_text("Es wurde nichts übernommen")
    assert ImportRun.objects.get().rows.count() == 0
    assert OutgoingMail.objects.count() == 0


@pytest.mark.parametrize(
    "content", [b"", b"das ist kein Export\n1\n", b"%PDF-1.7\n%\xe2\xe3"], ids=str
)
def test_a_file_that_is_no_export_is_refused_with_a_sentence(page, content):
    upload(page, content)

    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Mitglieder-Export (CSV oder XLSX):")
    assert re.search(r"[a-zäöü]{3,}.*\.$", alert.inner_text().strip())
    expect(page).to_have_url(re.compile("/import/$"))


def test_more_than_a_hundred_messages_are_asked_for_twice(page):
    upload(
        page, export(*(row(7000 + i, f"Viele{i}", mail=f"k{i}@example.org") for i in range(101)))
    )
    expect(page.get_by_text("Diese Datei verschickt 101 Mails")).to_be_visible()

    page.get_by_role("button", name="Jetzt übernehmen").click()
    expect(page.get_by_role("alert")).to_contain_text("Bitte bestätige")
    assert OutgoingMail.objects.count() == 0

    page.get_by_label("Ja, 101 Nachrichten sollen verschickt werden").check()
    page.get_by_role("button", name="Jetzt übernehmen").click()
    the_worker_does_it(page)
    assert OutgoingMail.objects.count() == 101
