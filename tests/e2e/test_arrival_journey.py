"""One newcomer's first half year, from the import to „angekommen“, as four people see it.

Only the clock is moved: every day beat does its work, every mail travels by SMTP, nobody's browser
runs JavaScript, and whoever comes back after weeks signs in again.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from members.models import Milestone, Onboarding
from members.queries.pulse import SIX_WEEKS
from portal.common import clock, ladder
from tests.e2e.half_year import DAY, PASSWORD, Calendar, Someone, open_day, sentences
from tests.e2e.journeys import link_in, text_of
from tests.e2e.test_import_journey import HEAD, the_worker_does_it, upload

ADDRESS = "zzjana@example.org"
NAME = "Jana Zzjourney"
# Newest first; the answer after six weeks has been forgotten by then.
WAS = [
    "Zweites Gespräch: erledigt",
    "„Bist du angekommen?“ – Ja",
    "Treffen mit dir und Ratsfrau Zzrat",
    "Parteibuch: erledigt",
    "Parteibuch ist vor Ort",
    "Anruf mit dir",
    "Erstes Gespräch: erledigt",
    "Anruf mit dir",
    "Du hast deinen Zugang eingerichtet",
    "Parteibuch bestellt",
    "Wir haben von deinem Eintritt erfahren",
    "Du bist eingetreten",
]


@pytest.fixture
def calendar(live_world) -> Iterator[Calendar]:
    Onboarding.objects.all().delete()  # one newcomer, whatever else the cast is doing
    calendar = Calendar()
    yield calendar
    calendar.stop()


@pytest.fixture
def meet(live_server, live_world, open_page, sink, settings, calendar):
    settings.BASE_URL = live_server.url
    settings.WELCOME_HOLD_MINUTES = 0

    def meet_(role: str = "") -> Someone:
        pages = open_page(live_server.url, java_script_enabled=False), open_page(live_server.url)
        if not role:
            return Someone(*pages, ADDRESS, sink)
        user = live_world.user(role)
        user.set_password(PASSWORD)
        user.save()
        return Someone(*pages, user.email, sink)

    return meet_


def brings_her_in(staff: Someone) -> Onboarding:
    staff.page.goto("/import/")
    staff.signs_in()
    row = f"9001;Jana;Zzjourney;{clock.today():%d.%m.%Y};Gehrden;{ADDRESS};30989"
    upload(staff.page, "\r\n".join((HEAD, row)).encode("cp1252"))
    staff.looks()
    staff.taps("Jetzt übernehmen")
    the_worker_does_it(staff.page)
    staff.looks()

    staff.page.goto("/parteibuecher/")
    staff.sees("Parteibücher")
    staff.taps("Als bestellt eintragen")
    expect(staff.page.get_by_role("status")).to_contain_text("1 Parteibuch ist")
    staff.sees("Parteibücher")
    return Onboarding.objects.get(person__email=ADDRESS)


def accepts_the_invitation(jana: Someone) -> None:
    (welcome,) = jana.new_mails()
    assert "Ansprechperson Zzansprechperson" in text_of(welcome)
    jana.page.goto(link_in(welcome, "Meine Seite öffnen"))
    jana.sees("Hallo Jana")
    jana.page.get_by_label("Passwort").fill(PASSWORD)
    jana.taps("Zugang einrichten")
    jana.looks()
    card = jana.page.get_by_role("region", name="Deine Ansprechperson")
    expect(card).to_contain_text("Ansprechperson Zzansprechperson")
    expect(jana.page.get_by_role("region", name="Was wann passiert")).to_contain_text(
        "Es ist bestellt und auf dem Weg zu uns."
    )


def calls_and_notes_what_was_said(petra: Someone) -> None:
    """Two taps after the call; the guide is ticked without typing."""
    (digest,) = petra.new_mails()
    assert list(sentences([digest])) == ["ein Mensch freut sich auf deinen Anruf."]
    petra.follows(digest, "Seite von Jana öffnen", to=NAME)
    petra.taps("Ergebnis eintragen")
    petra.sees("Wie war’s mit Jana?")
    petra.taps("Wir haben gesprochen")
    petra.sees("Danke! Ihr habt gesprochen.")
    expect(petra.page.get_by_role("status")).to_contain_text("Als Nächstes: Parteibuch")

    petra.taps("Ankreuzen, was du erfahren hast")
    petra.sees("Das Gespräch mit Jana")
    for label in ("etwas vor Ort verändern", "2 Stunden im Monat"):
        petra.page.locator("label").filter(has_text=label).click()
    petra.taps("Speichern")
    petra.sees(NAME)


def says_not_yet(jana: Someone) -> None:
    """Six weeks: one tap in the mail, without a login, and one yes."""
    (mail,) = jana.new_mails()
    jana.page.goto(link_in(mail, "Eher nein"))
    jana.sees("Bist du bei uns angekommen?")
    jana.taps("Eher nein")
    jana.looks()
    jana.taps("Ja, sie darf es wissen")
    expect(jana.page.get_by_role("main")).to_contain_text("weiß Bescheid")
    jana.looks()


def calls_again(petra: Someone) -> None:
    (digest,) = petra.new_mails()
    link = re.search(r"Jana ist noch nicht richtig angekommen.*: (\S+)", text_of(digest))
    assert link, text_of(digest)
    petra.page.goto(link[1])
    petra.signs_in()
    petra.sees(NAME)
    petra.page.goto("/heute/")
    card = petra.page.get_by_role("article").filter(has_text=NAME)
    expect(card).to_contain_text("noch nicht richtig angekommen")
    petra.looks()
    card.get_by_role("link", name="Ergebnis eintragen").click()
    petra.taps("Wir haben gesprochen")
    petra.sees("Danke! Ihr habt gesprochen.")
    petra.taps("Weiter")
    expect(petra.page.get_by_role("article").filter(has_text=NAME)).to_have_count(0)


def has_the_book(petra: Someone) -> None:
    (digest,) = petra.new_mails()
    assert list(sentences([digest])) == ["für jemanden liegt etwas zum Übergeben bereit."]
    petra.follows(digest, "Seite von Jana öffnen", to=NAME)
    petra.taps("Liegt bei mir")
    expect(petra.page.get_by_text("vor Ort seit")).to_be_visible()
    petra.looks()


def hands_the_book_over(vorsitz: Someone) -> None:
    """On the day itself the Vorsitz hears of it, a week after the Ansprechperson."""
    (digest,) = vorsitz.new_mails()
    assert list(sentences([digest])) == ["bei einem Menschen hilft vielleicht ein Anruf von dir."]
    vorsitz.follows(digest, "Seite von Jana öffnen", to=NAME)
    vorsitz.page.get_by_text("Anlass dazuschreiben").click()
    vorsitz.page.get_by_label("Bei welchem Anlass?").fill("Neumitgliederabend")
    vorsitz.taps("Parteibuch ist übergeben")
    expect(vorsitz.page.get_by_text("Neumitgliederabend").first).to_be_visible()
    vorsitz.looks()


def is_reminded(petra: Someone) -> None:
    (digest,) = petra.new_mails()
    assert list(sentences([digest])) == ["ein Mensch freut sich auf deinen Anruf."]


def brings_somebody_known(vorsitz: Someone) -> None:
    (digest,) = vorsitz.new_mails()
    vorsitz.follows(digest, "Seite von Jana öffnen", to=NAME)
    vorsitz.taps("Ergebnis eintragen")
    vorsitz.page.locator("summary").click()
    vorsitz.page.get_by_label("Wie?").select_option("meeting")
    vorsitz.page.get_by_label(re.compile("War jemand Bekanntes dabei")).fill("Ratsfrau Zzrat")
    vorsitz.looks()
    vorsitz.taps("Wir haben gesprochen")
    vorsitz.sees("Danke! Ihr habt gesprochen.")
    status = vorsitz.page.get_by_role("status")
    expect(status).to_have_text("Alles ist erledigt, Jana ist angekommen.")


def says_yes(jana: Someone) -> None:
    (mail,) = jana.new_mails()
    jana.page.goto(link_in(mail, "Ja"))
    jana.sees("Bist du bei uns angekommen?")
    jana.taps("Ja")
    expect(jana.page.get_by_role("status")).to_contain_text("Ja")
    jana.looks()


def reads_how_it_was(jana: Someone) -> None:
    jana.page.goto("/start/")
    jana.signs_in(second_factor=False)
    expect(jana.page).to_have_url(re.compile("/start/$"))
    expect(jana.page.locator(".lead-in")).to_contain_text("Du bist angekommen.")
    jana.looks()
    names = jana.page.get_by_role("region", name="Was schon war").locator(".name")
    told = [" ".join(name.split()) for name in names.all_text_contents()]
    assert [sentence for sentence in told if not sentence.startswith("Mail ")] == WAS


def test_four_people_take_one_newcomer_through_half_a_year(meet, calendar):
    staff, petra, vorsitz, jana = map(meet, ("staff", "ansprechperson", "vorsitz", ""))
    onboarding = brings_her_in(staff)
    _, book, second = onboarding.milestones.order_by("position")
    calendar.go_to(clock.today() + DAY)
    accepts_the_invitation(jana)
    calls_and_notes_what_was_said(petra)
    jana.page.goto("/start/")
    expect(jana.page.get_by_text("etwas vor Ort verändern")).to_be_visible()

    calendar.go_to(onboarding.started_on + SIX_WEEKS)
    says_not_yet(jana)
    calendar.go_to(clock.today() + DAY)
    calls_again(petra)

    calendar.go_to(book.due_on - ladder.SOON_BEFORE)
    has_the_book(petra)
    calendar.go_to(book.due_on)
    hands_the_book_over(vorsitz)
    petra.new_mails()

    calendar.go_to(second.due_on - ladder.SOON_BEFORE)
    is_reminded(petra)
    calendar.go_to(second.due_on)
    brings_somebody_known(vorsitz)
    says_yes(jana)

    assert list(onboarding.milestones.values_list("state", "done_on").order_by("position")) == [
        (Milestone.State.DONE, open_day(onboarding.started_on + DAY)),
        (Milestone.State.DONE, open_day(book.due_on)),
        (Milestone.State.DONE, open_day(second.due_on)),
    ]
    onboarding.refresh_from_db()
    assert onboarding.state == Onboarding.State.FINISHED
    reads_how_it_was(jana)
