"""From the mail with a proposal to the closing talk; and the same without any mail (R1)."""

import re

import pytest
from playwright.sync_api import expect

from members.models import Mentor, Person, Tandem, TandemReport
from members.services import mentoring
from portal.common.scope import scope
from tests.e2e.journeys import drain_on_a_working_day, link_in, received, text_of
from tests.e2e.looking import looked_at
from tests.members.tandem_people import tandem

MENTOR, NEWCOMER = "Mentor", "Newcomer"


@pytest.fixture
def as_(open_page, live_server, live_world, settings):
    settings.BASE_URL = live_server.url
    with scope("system:test"):
        Mentor.objects.update(capacity=1)
        Person.objects.filter(family_name="Zznewcomer").update(language="de", mobile="0151 1")
        others = live_world.onboarding("other_newcomer"), live_world.onboarding("foreign_newcomer")
        for one in others:
            one.delete()

    def open_(role, **options):
        user = live_world.user(role) if role else None
        return open_page(live_server.url, user, java_script_enabled=False, **options)

    return open_


def proposed():
    with scope("system:test"):
        mentoring.run_matching(mentoring.request_run(None, preview=False).pk)


def says_yes(page, folder, person, label):
    """Open the link out of the newest mail and tap."""
    drain_on_a_working_day()
    message = received(folder, person.email)[-1]
    page.goto(link_in(message, label))
    assert list(looked_at(page)) == []
    page.get_by_role("main").get_by_role("button").click()


def test_two_yeses_by_mail_meetings_and_an_end(as_, live_world, live_server, sink):
    newcomer, mentor = live_world.person("newcomer"), live_world.person("mentor")
    proposed()
    stranger = as_(None)
    says_yes(stranger, sink, newcomer, "Ja, gern")
    expect(stranger.get_by_role("main")).to_contain_text("Jetzt fragen wir die andere Person")
    says_yes(stranger, sink, mentor, "Ja, mache ich")
    expect(stranger.get_by_role("main")).to_contain_text("wie ihr euch erreicht")
    drain_on_a_working_day()
    assert "0151 1" in text_of(received(sink, mentor.email)[-1])

    page = as_("mentor")
    page.goto("/meine-tandems/")
    assert list(looked_at(page)) == []
    page.get_by_role("link", name=re.compile(NEWCOMER)).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{NEWCOMER} und du")
    page.get_by_label("telefoniert").check()
    page.get_by_role("button", name="Eintragen").click()
    expect(page.get_by_role("status")).to_contain_text("Eingetragen.")
    assert list(looked_at(page)) == []

    own = as_("newcomer")
    own.goto("/start/")
    own.get_by_role("link", name="Zu unserem Tandem").click()
    expect(own.get_by_role("main")).to_contain_text(f"{MENTOR} meldet sich bei dir")
    own.get_by_role("link", name="Jemand anderes, bitte").click()
    assert list(looked_at(own)) == []
    own.get_by_role("button", name="Wechseln").click()
    expect(own.get_by_role("status")).to_contain_text("Wir suchen weiter für dich.")
    own.get_by_role("link", name="Es ist etwas passiert").click()
    own.get_by_role("button", name="Jetzt sperren").click()
    expect(own.get_by_role("status")).to_contain_text("Ihr habt keinen Kontakt mehr")
    assert TandemReport.objects.get().first_told == live_world.person("staff")

    staff = as_("staff")
    staff.goto("/mentoring/meldungen/")
    expect(staff.get_by_role("main")).to_contain_text("Zznewcomer")
    assert list(looked_at(staff)) == []
    staff.get_by_role("button", name="Geklärt").click()
    expect(staff.get_by_role("main")).to_contain_text("Gerade wartet niemand auf deinen Anruf.")


def test_without_mail_both_yeses_are_written_down(as_, live_world):
    with scope("system:test"):
        Person.objects.filter(family_name__in=["Zznewcomer", "Zzmentor"]).update(email="")
    proposed()
    for role, person, question in (
        ("ansprechperson", live_world.person("newcomer"), "Vorschlag für eine Mentor"),
        ("staff", live_world.person("mentor"), "Will dieses Neumitglied begleiten"),
    ):
        page = as_(role)
        page.goto(f"/personen/{person.pk}/telefonisch/")
        group = page.get_by_role("group", name=re.compile(question))
        group.get_by_label("Ja", exact=True).check()
        page.get_by_role("button", name="Eintragen", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("eingetragen")
    assert Tandem.objects.get().state == "active"


def test_a_silent_tandem_is_called_and_goes_on(as_, live_world):
    with scope("system:test"):
        tandem(live_world, days=70)
    page = as_("coordinator", viewport={"width": 1280, "height": 800})
    page.goto("/mentoring/tandems/")
    expect(page.get_by_role("main")).to_contain_text("Ein Tandem braucht deinen Anruf.")
    assert list(looked_at(page)) == []
    page.get_by_role("link", name=re.compile(f"{NEWCOMER} und {MENTOR}")).click()
    assert list(looked_at(page)) == []
    page.get_by_role("button", name="Sie treffen sich weiter").click()
    expect(page.get_by_role("main")).to_contain_text("Gerade muss niemand angerufen werden.")


def test_somebody_becomes_a_mentor_and_is_prepared(as_, live_world):
    page = as_("member")
    page.goto("/mentor-werden/")
    page.get_by_label("Wohnen").check()
    page.get_by_role("button", name="Ich möchte Mentor:in werden").click()
    assert list(looked_at(page)) == [], "with the mistake"
    page.get_by_label(re.compile("behalte ich für mich")).check()
    page.get_by_role("button", name="Ich möchte Mentor:in werden").click()
    expect(page.get_by_role("main")).to_contain_text("Die Koordination meldet sich bei dir")

    office = as_("coordinator")
    office.goto("/mentoring/mentoren/")
    office.get_by_role("link", name=re.compile("Zzmember")).click()
    office.get_by_role("button", name="Speichern").click()
    assert Mentor.objects.get(person=live_world.person("member")).prepared_on is not None
    page.goto("/meine-tandems/")
    page.get_by_role("button", name="Pause machen").click()
    expect(page.get_by_role("main")).to_contain_text("Du machst gerade Pause.")
