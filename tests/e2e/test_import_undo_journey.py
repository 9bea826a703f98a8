"""The office takes an import back, imports again, and recognises somebody entered by hand."""

import pytest
from playwright.sync_api import expect

from members import tasks
from members.models import ImportRun, Membership, Onboarding, Person
from portal.common import clock
from portal.common.outbox.models import OutgoingMail
from tests.e2e.test_import_journey import export, row, the_worker_does_it, upload


@pytest.fixture
def page(live_server, live_world, open_page):
    return open_page(live_server.url, live_world.user("staff"), java_script_enabled=False)


def take_over(page) -> None:
    page.get_by_role("button", name="Jetzt übernehmen").click()
    the_worker_does_it(page)


def test_undo_and_a_second_import_send_no_second_welcome(page):
    file = export(row(7001, "Eins", mail="eins@example.org"), row(7002, "Zwei", mail=""))
    upload(page, file)
    take_over(page)
    sent = OutgoingMail.objects.get(address="eins@example.org")
    OutgoingMail.objects.filter(pk=sent.pk).update(state="sent", sent_at=clock.now())

    page.get_by_text("Import zurücknehmen", exact=True).click()
    page.get_by_role("button", name="Ja, diesen Import zurücknehmen").click()
    expect(page.get_by_role("heading", name="Der Import wird zurückgenommen")).to_be_visible()
    tasks.undo_import(str(ImportRun.objects.get().pk))
    done = page.get_by_role("heading", name="Der Import ist zurückgenommen")
    expect(done).to_be_visible(timeout=15_000)
    assert Membership.objects.filter(number__in=["7001", "7002"]).count() == 0

    upload(page, file)
    take_over(page)
    assert Membership.objects.filter(number__in=["7001", "7002"]).count() == 2
    found = OutgoingMail.objects.order_by("dedupe_key").values_list("pk", "channel", "state")
    assert found[0] == (sent.pk, "mail", "sent")
    assert [(channel, state) for _, channel, state in found][1:] == [("letter", "queued")]


def test_somebody_entered_by_hand_is_recognised_and_stays_one_person(page):
    page.goto("/neumitglieder/")
    page.get_by_role("link", name="Neumitglied eintragen").click()
    for label, value in (
        ("Vorname", "Kim"),
        ("Nachname", "Hand"),
        ("Straße und Hausnummer", "Am Markt 1"),
        ("PLZ", "30989"),
        ("Ort", "Gehrden"),
    ):
        page.get_by_label(label, exact=label == "Ort").fill(value)
    page.get_by_role("button", name="Eintragen").click()
    expect(page.get_by_role("status")).to_contain_text("Das Willkommen geht als Brief hinaus.")
    onboarding = Onboarding.objects.get(person__family_name="Hand")

    upload(page, export(row(7001, "Hand", mail="hand@example.org")))
    expect(page.get_by_text("Diese Datei verschickt 0 Mails")).to_be_visible()
    page.get_by_role("link", name="Jetzt entscheiden").click()
    page.get_by_label("Dieselbe Person wie Kim Hand").check()
    page.get_by_role("button", name="Diese Antworten merken").click()
    expect(page.get_by_role("status")).to_contain_text("Gemerkt.")
    take_over(page)

    person = Person.objects.get(family_name="Hand")
    assert (person.email, person.memberships.get().number) == ("hand@example.org", "7001")
    assert Onboarding.objects.get(person=person).pk == onboarding.pk
    assert OutgoingMail.objects.filter(recipient_key=person.pk).count() == 1


def test_both_sides_agree_to_a_change_and_the_office_carries_it_out(
    live_server, live_world, open_page
):
    def open_as(role):
        return open_page(live_server.url, live_world.user(role), java_script_enabled=False)

    giving, receiving, office = map(open_as, ("ansprechperson", "foreign_ansprechperson", "staff"))
    onboarding = live_world.onboarding("newcomer")
    giving.goto(f"/neumitglieder/{onboarding.pk}/")
    giving.get_by_role("link", name="Wechsel in eine andere Gliederung").click()
    giving.get_by_label("Gliederung").select_option(label="Ortsverein Uetze")
    giving.get_by_role("button", name="Wechsel beginnen").click()
    expect(giving.get_by_role("status")).to_contain_text("ist begonnen")

    receiving.goto("/heute/")
    receiving.get_by_role("link", name="Ein Wechsel wartet auf deine Zusage").click()
    receiving.get_by_role("button", name="Uetze sagt zu").click()
    office.goto("/wechsel/")
    office.get_by_role("button", name="Wechsel vollziehen").click()
    expect(office.get_by_text("vollzogen", exact=True)).to_be_visible()

    onboarding.refresh_from_db()
    assert onboarding.responsible == live_world.person("foreign_ansprechperson")
