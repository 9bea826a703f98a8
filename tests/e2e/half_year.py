"""A clock to move through half a year, and people who come back to it with their browser."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import time_machine
from playwright.sync_api import Page, expect

from members import tasks
from portal.common import clock
from portal.common.outbox.services import drain
from portal.common.quiet import BERLIN, is_quiet_day
from portal.dashboards.tasks import write_figures
from tests.e2e.journeys import link_in, received, text_of, totp_code
from tests.e2e.looking import looked_at, violations

PASSWORD = "vier gelbe Fahrräder im Hof"
DAY = timedelta(days=1)
# What beat starts on a day, in its order; the outbox is drained after each.
BEAT = (
    (0, (tasks.new_day,)),
    (4, (tasks.nightly_matching, write_figures)),
    (7, (tasks.welcome_undecided, tasks.send_digests)),
    (9, (tasks.ask_pulse,)),
)
EVENING = 18


class Calendar:
    """The time of the whole process, the server's threads too; it ticks on by itself."""

    def __init__(self) -> None:
        day = open_day(clock.today() + DAY)
        self._traveller = time_machine.travel(self._moment(day, EVENING))
        self._moving = self._traveller.start()

    def stop(self) -> None:
        self._traveller.stop()

    def go_to(self, day: date) -> None:
        """To the evening of this day, or of the next on which mail may leave.

        What beat has missed in between it makes up for.
        """
        day = open_day(day)
        assert day > clock.today()
        self._live(day)

    def _live(self, day: date) -> None:
        for hour, work in BEAT:
            self._moving.move_to(self._moment(day, hour))
            for task in work:
                task()
            drain()
        self._moving.move_to(self._moment(day, EVENING))

    @staticmethod
    def _moment(day: date, hour: int) -> datetime:
        return datetime.combine(day, time(hour, 30), BERLIN)


def open_day(day: date) -> date:
    """This day, or the next on which unasked mail may leave."""
    while is_quiet_day(day):
        day += DAY
    return day


class Someone:
    """One person: an inbox, and a telephone without JavaScript whose every page is looked at.

    axe needs JavaScript, so it looks at the same page, signed in likewise, in a browser beside it.
    """

    def __init__(self, page: Page, beside: Page, address: str, folder: Path) -> None:
        self.page = page
        self._beside = beside
        self.address = address
        self._folder = folder
        self._read = 0

    def new_mails(self) -> list[EmailMessage]:
        """What has come since the last look."""
        mails = received(self._folder, self.address)
        new, self._read = mails[self._read :], len(mails)
        return new

    def sees(self, heading: str) -> None:
        """The page that is open, and that nothing on it is in anybody's way."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)
        self.looks()

    def looks(self) -> None:
        self._beside.context.clear_cookies()
        self._beside.context.add_cookies(self.page.context.cookies())
        self._beside.goto(self.page.url)
        assert self._beside.title() == self.page.title()
        problems = [*looked_at(self._beside), *violations(self._beside)]
        assert problems == [], "\n".join([self.page.url, *problems])

    def signs_in(self, *, second_factor: bool = True) -> None:
        """On the page that is open; whoever was away for two weeks has to do so again."""
        self.sees("Anmelden")
        self.page.get_by_label("E-Mail-Adresse").fill(self.address)
        self.page.get_by_label("Passwort").fill(PASSWORD)
        self.page.get_by_role("button", name="Anmelden", exact=True).click()
        if second_factor:
            self.sees("Zweiter Faktor")
            self.page.get_by_label("Code").fill(totp_code())
            self.page.get_by_role("button", name="Anmelden", exact=True).click()

    def follows(self, mail: EmailMessage, label: str, *, to: str) -> None:
        """A link of a mail leads over the login, in one step, to exactly its page."""
        link = link_in(mail, label)
        self.page.goto(link)
        self.signs_in()
        assert urlsplit(self.page.url)[2:] == urlsplit(link)[2:]
        self.sees(to)

    def taps(self, name: str) -> None:
        main = self.page.get_by_role("main")
        main.get_by_role("button", name=name, exact=True).or_(
            main.get_by_role("link", name=name, exact=True)
        ).click()


def sentences(mails: list[EmailMessage]) -> Iterator[str]:
    """The one line of each digest that a telephone shows: the third, after the greeting."""
    for mail in mails:
        yield text_of(mail).splitlines()[2]
