"""What the README promises, in its words: start the demo, call a newcomer, see the number change.

The demo runs from a copy of the project, so that nobody's own demo is touched.
"""

import csv
import io
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.journeys import received, text_of

ROOT = Path(__file__).resolve().parents[2]
NOT_COPIED = (".git", ".venv", "var", "staticfiles", "__pycache__", ".*_cache", ".hypothesis")
# What the test services put into our environment must not reach the demo.
OURS = re.compile(r"PORTAL_|DJANGO_|DATABASE_|REDIS_|EMAIL_|MAIL_|SECRET_KEY|BASE_URL|APP_DATABASE")
START_SECONDS = 120
MAIL_SECONDS = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Demo:
    """`make demo` without make: the supervisor in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = {name: value for name, value in os.environ.items() if not OURS.match(name)}
        self.process: subprocess.Popen[str] | None = None
        self.shown = ""

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "portal.common.local", *words]

    def start(self) -> str:
        """Return the address it says."""
        self.process = subprocess.Popen(
            self.command("demo", "--port", str(free_port())),
            cwd=self.folder,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self.process.stdout
        end = time.monotonic() + START_SECONDS
        for line in self.process.stdout:
            self.shown += line
            if "Beenden" in line or time.monotonic() > end:
                break
        found = re.search(r"Bereit: (http://\S+)/", self.shown)
        assert found, self.shown
        return found[1]

    def stop(self) -> None:
        if self.process is None:
            return
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=60)

    def members_of_the_file(self) -> set[str]:
        """The names in the membership export the demo says it has read."""
        command = self.command("manage", "--", "demo_file", "--rows", "160")
        content = subprocess.run(
            command, cwd=self.folder, env=self.env, capture_output=True, check=True
        ).stdout
        rows = csv.DictReader(io.StringIO(content.decode("cp1252")), delimiter=";")
        return {f"{row['Vorname']} {row['Name']}" for row in rows}


@pytest.fixture(scope="module")
def demo(tmp_path_factory, browser) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo") / "portal"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*NOT_COPIED))
    demo = Demo(folder)
    yield demo
    demo.stop()


def enter(page: Page, role: str) -> None:
    page.goto("/konto/anmelden/")
    page.get_by_role("button", name=role).click()


def number(page: Page, label: str) -> int:
    page.get_by_role("link", name="Übersicht").first.click()
    words = page.get_by_role("link", name=label).inner_text()
    return int(re.search(r"\d+", words)[0])


def never_spoken_to(page: Page) -> Locator:
    """A person on „Heute“ whose first talk has a date."""
    first_talk = page.locator(".step-late, .step-soon").filter(has_text="Erstes Gespräch")
    return page.get_by_role("article").filter(has=first_talk).first


def wait_for_mail(folder: Path, address: str) -> list:
    end = time.monotonic() + MAIL_SECONDS
    while time.monotonic() < end and not received(folder, address):
        time.sleep(0.5)
    return received(folder, address)


@pytest.mark.without_scope
def test_the_demo_as_the_readme_tells_it(demo, open_page):
    address = demo.start()
    for role in ("Ansprechperson in Gehrden", "Neumitglied in Gehrden", "Geschäftsstelle"):
        assert role in demo.shown
    office, contact = (open_page(address) for _ in range(2))

    enter(office, "Geschäftsstelle")
    expect(office.get_by_role("heading", level=1)).to_contain_text("Zuerst anrufen")
    waiting = number(office, "mit Termin, der vorbei ist")

    enter(contact, "Ansprechperson in Gehrden")
    expect(contact).to_have_url(re.compile("/heute/$"))
    card = never_spoken_to(contact)
    name = card.get_by_role("heading").inner_text()
    assert name in demo.members_of_the_file()
    expect(card).to_contain_text("fällig seit")

    card.get_by_role("heading").get_by_role("link").click()
    mail_address = contact.locator("main a[href^=mailto]").first.inner_text()
    contact.get_by_role("link", name="Ergebnis eintragen").click()
    contact.locator("summary").click()
    contact.get_by_label("Wie?").select_option("Anruf")
    contact.get_by_role("button", name="Wir haben gesprochen").click()
    expect(contact.get_by_role("heading", level=1)).to_contain_text("Danke!")
    expect(contact.get_by_role("status")).to_contain_text(
        re.compile(r"Als Nächstes: Parteibuch bis \w\w\., \d\d\.\d\d\.")
    )

    assert number(office, "mit Termin, der vorbei ist") == waiting - 1

    sink = demo.folder / "var" / "demo" / "mail"
    mails = wait_for_mail(sink, mail_address)
    assert len(mails) == 1
    assert "Petra" in text_of(mails[0])

    coordination = open_page(address)
    enter(coordination, "Mentoring-Koordination")
    rows = coordination.get_by_role("row").filter(has_text="Beide")
    expect(rows.first).to_be_visible()
    reasons = coordination.get_by_role("row").locator("td:nth-child(3)").all_inner_texts()
    assert [reason for reason in reasons if len(reason.split()) < 3] == []
    assert len(received(sink, mail_address)) == 1
