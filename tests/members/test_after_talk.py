"""After a talk: what comes next, another day, and all of it taken back."""

import uuid
from datetime import date, timedelta

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from members.forms.talks import follow_up_days
from members.models import Contact, Onboarding
from portal.common import clock
from portal.common.models import AuditEvent


@pytest.fixture
def onboarding(world):
    return world.onboarding("newcomer")


def log(client, onboarding, **data):
    data = {"result": "not_reached", "submit_token": uuid.uuid4()} | data
    return client.post(reverse("members:log_contact", args=[onboarding.pk]), data)


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_logging_leads_to_a_page_that_says_what_comes_next(world, onboarding, client_as):
    client = client_as("ansprechperson")
    response = log(client, onboarding, result="reached")
    contact = onboarding.contacts.get()
    assert response.url == reverse("members:logged", args=[onboarding.pk, contact.pk])
    page = client.get(response.url).content.decode()
    assert "Danke! Ihr habt gesprochen." in page
    assert "Als Nächstes: Parteibuch" in page


def test_who_was_there_is_kept(world, onboarding, client_as):
    log(client_as("ansprechperson"), onboarding, result="reached", partner="Frau Muster, MdL")
    assert onboarding.contacts.get().partner == "Frau Muster, MdL"


def test_one_tap_takes_the_entry_back_and_the_second_says_so(world, onboarding, client_as):
    client = client_as("ansprechperson")
    log(client, onboarding, result="reached")
    url = reverse("members:undo_contact", args=[onboarding.pk, onboarding.contacts.get().pk])
    response = client.post(url)
    assert response.url == reverse("members:newcomer", args=[onboarding.pk])
    assert onboarding.contacts.count() == 0
    assert onboarding.milestones.get(position=1).state == "open"
    response = client.post(url)
    assert said(response)[-1] == "Dieser Eintrag ist schon zurückgenommen."


def test_a_page_of_an_entry_that_is_gone_leads_on(world, onboarding, client_as):
    url = reverse("members:logged", args=[onboarding.pk, uuid.uuid4()])
    response = client_as("ansprechperson").get(url)
    assert response.url == reverse("members:newcomer", args=[onboarding.pk])


def test_an_older_entry_is_not_taken_back_first(world, onboarding, client_as):
    client = client_as("ansprechperson")
    log(client, onboarding)
    older = onboarding.contacts.get()
    log(client, onboarding, kind="email")
    response = client.post(reverse("members:undo_contact", args=[onboarding.pk, older.pk]))
    assert said(response) == [
        "Danach wurde schon etwas anderes eingetragen. Bitte nimm zuerst das zurück."
    ]
    assert onboarding.contacts.count() == 2


def test_the_call_sheet_takes_back_the_newest_talk_only(world, onboarding, client_as):
    client = client_as("ansprechperson")
    log(client, onboarding)
    log(client, onboarding, kind="email")
    page = client.get(reverse("members:newcomer", args=[onboarding.pk])).content.decode()
    assert page.count("zuruecknehmen/") == 1
    assert str(onboarding.contacts.get(kind="email").pk) in page


def test_a_slip_of_three_weeks_ago_has_no_button(world, onboarding, client_as):
    client = client_as("ansprechperson")
    log(client, onboarding)
    Contact.objects.update(made_on=clock.today() - timedelta(days=21))
    page = client.get(reverse("members:newcomer", args=[onboarding.pk])).content.decode()
    assert "zuruecknehmen/" not in page


# --- Another day ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 12, 2), ["2026-12-03", "2026-12-05", "2026-12-07"]),
        (date(2026, 12, 6), ["2026-12-07", "2026-12-09", "2026-12-14"]),  # a Sunday
        (date(2026, 12, 7), ["2026-12-08", "2026-12-10", "2026-12-14"]),
        (date(2026, 12, 31), ["2027-01-01", "2027-01-03", "2027-01-04"]),
    ],
)
def test_the_three_days_that_are_offered(today, expected):
    assert [choice.on.isoformat() for choice in follow_up_days(today)] == expected


def test_one_tap_sets_the_day(world, onboarding, client_as):
    day = clock.today() + timedelta(days=3)
    response = client_as("ansprechperson").post(
        reverse("members:put_off", args=[onboarding.pk]), {"on": day.isoformat()}
    )
    assert response.url == reverse("dashboards:heute")
    onboarding.refresh_from_db()
    assert onboarding.follow_up_on == day


def test_one_tap_takes_it_back(world, onboarding, client_as):
    client, url = client_as("ansprechperson"), reverse("members:put_off", args=[onboarding.pk])
    client.post(url, {"on": (clock.today() + timedelta(days=3)).isoformat()})
    sheet = client.get(reverse("members:newcomer", args=[onboarding.pk])).content.decode()
    assert "Doch nicht verschieben" in sheet
    client.post(url, {"gleich": "ja"})
    onboarding.refresh_from_db()
    assert onboarding.follow_up_on is None


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("", "Bitte wähle einen Tag."),
        ("gestern", "Das ist kein Tag. Bitte wähle ihn im Kalender."),
        ("2020-01-01", "Dieser Tag ist schon vorbei. Bitte wähle einen anderen."),
    ],
)
def test_a_wrong_day_says_so_and_changes_nothing(world, onboarding, client_as, given, sentence):
    response = client_as("ansprechperson").post(
        reverse("members:put_off", args=[onboarding.pk]), {"on": given}
    )
    assert said(response) == [sentence]
    onboarding.refresh_from_db()
    assert onboarding.follow_up_on is None


# --- The guide for the first talk -------------------------------------------------------------


def guide(client, onboarding, **data):
    return client.post(reverse("members:first_talk", args=[onboarding.pk]), data)


def test_the_guide_is_stored_and_both_see_it(world, onboarding, client_as):
    response = guide(
        client_as("ansprechperson"),
        onboarding,
        motives=["ort", "leute"],
        expectations=["aufgabe"],
        skills=["kochen"],
        time_budget="two",
        wish="active",
    )
    assert response.url == reverse("members:newcomer", args=[onboarding.pk])
    for role, url in (("ansprechperson", response.url), ("newcomer", "/start/")):
        page = client_as(role).get(url).content.decode()
        for words in (
            "etwas vor Ort verändern, Menschen kennenlernen",
            "eine Aufgabe übernehmen",
            "kochen und backen",
            "2 Stunden im Monat",
            "Ich will mitmachen",
        ):
            assert words in page, (role, words)
    event = AuditEvent.objects.get(code="first_talk.told")
    assert event.fields == ["expectations", "motives", "skills", "time_budget", "wish"]


def test_an_old_page_undoes_nobodys_own_ticks(world, onboarding, client_as):
    """The page showed no skills; meanwhile the newcomer ticked one; the contact adds a motive."""
    person = onboarding.person
    person.skills = ["reden"]
    person.save(update_fields=["skills"])
    guide(client_as("ansprechperson"), onboarding, motives=["ort"])
    person.refresh_from_db()
    onboarding.refresh_from_db()
    assert (person.skills, onboarding.motives) == (["reden"], ["ort"])


def test_a_tick_is_taken_away_where_the_page_showed_it(world, onboarding, client_as):
    person = onboarding.person
    person.skills = ["reden", "kochen"]
    person.save(update_fields=["skills"])
    data = {"initial-skills": ["reden", "kochen"], "skills": ["kochen"]}
    guide(client_as("ansprechperson"), onboarding, **data)
    person.refresh_from_db()
    assert person.skills == ["kochen"]


def test_nothing_ticked_is_fine_and_leaves_no_trace(world, onboarding, client_as):
    assert guide(client_as("ansprechperson"), onboarding).status_code == 302
    assert not AuditEvent.objects.filter(code="first_talk.told").exists()


def test_what_is_no_choice_is_refused_and_nothing_is_stored(world, onboarding, client_as):
    response = guide(client_as("ansprechperson"), onboarding, motives=["geld"], skills=["reden"])
    assert response.status_code == 200
    assert "Bitte sieh es noch einmal durch" in response.content.decode()
    onboarding.person.refresh_from_db()
    assert onboarding.person.skills == []


def test_the_guide_of_somebody_who_left_is_closed(world, onboarding, client_as):
    Onboarding.objects.filter(pk=onboarding.pk).update(state="closed")
    response = guide(client_as("staff"), onboarding, motives=["ort"])
    assert said(response) == ["Hier ist nichts mehr offen. Es wurde nichts eingetragen."]
