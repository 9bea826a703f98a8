"""The clock as people meet it: settings, late data, lists, and mails to people who want none."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse

from members.models import District, Milestone, Person
from members.queries import delays
from members.queries.newcomers import LISTS, newcomers
from members.services import onboarding as service
from portal.common import clock
from portal.common.outbox import kinds, stopping
from portal.common.outbox.models import OutgoingMail
from tests.members.test_attempts import log, tries
from tests.world import make_newcomer, make_person

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def by(world):
    return world.person("ansprechperson")


def names(world, code):
    found = newcomers(world.user("staff"), code)
    return sorted(found.values_list("person__family_name", flat=True))


def dates(onboarding):
    return list(onboarding.milestones.values_list("opens_on", "legal_due_on", "due_on"))


def test_the_setting_counts_for_whoever_comes_next_and_rewrites_nothing(world, client_as):
    client, district = client_as("staff"), District.current()
    url = reverse("dashboards:verwaltung_edit", args=["einstellungen", district.pk])
    before = make_newcomer("Vorher", world.gliederung("Gehrden"), days=1)
    told = dates(before)
    page = client.get(url)
    assert "Termine, die schon versprochen sind, bleiben." in page.content.decode()
    form = page.context["form"]
    data = {f.html_name: f.value() for f in form if f.value() not in (None, False)}

    client.post(url, data | {"ends_with_month": "on"})

    assert dates(before) == told
    after = make_newcomer("Nachher", world.gliederung("Gehrden"), days=1)
    for milestone in after.milestones.all():
        assert (milestone.legal_due_on + timedelta(days=1)).day == 1


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2027, 3, 28, 1, 30, tzinfo=BERLIN),
        datetime(2027, 3, 28, 3, 30, tzinfo=BERLIN),
        datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN),
        datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=BERLIN),
        datetime(2026, 12, 31, 23, 59, tzinfo=BERLIN),
        datetime(2027, 1, 1, 0, 1, tzinfo=BERLIN),
        datetime(2028, 2, 29, 0, 1, tzinfo=BERLIN),
    ],
)
def test_a_newcomer_of_a_strange_night_gets_the_dates_of_that_day(world, moment):
    with time_machine.travel(moment):
        arrival = make_newcomer("Nacht", world.gliederung("Gehrden"), days=0)
    assert arrival.started_on == moment.date()
    with time_machine.travel(moment.replace(hour=12)):
        noon = make_newcomer("Mittag", world.gliederung("Gehrden"), days=0)
    assert dates(arrival) == dates(noon)


# --- Late data ----------------------------------------------------------------------------


@pytest.fixture
def late(world):
    return make_newcomer("Spaet", world.gliederung("Gehrden"), days=120)


def test_late_data_are_named_on_the_call_sheet(client_as, late):
    page = client_as("ansprechperson").get(reverse("members:newcomer", args=[late.pk]))
    # The first talk and the Parteibuch were due before anybody here could know.
    assert page.content.decode().count("120 Tage nach dem Eintritt") == 2


def test_the_newcomer_reads_why_a_date_is_later(world, client_as):
    own = world.onboarding("newcomer")
    own.milestones.filter(position=1).update(is_late_data=True)
    page = client_as("newcomer").get(reverse("dashboards:mein_start")).content.decode()
    assert page.count("Deine Daten kamen erst am") == 1


def test_late_data_are_no_fault_of_the_ortsverein(world, late, by):
    assert "Spaet" not in names(world, "faellig")
    log(late, by, "reached")
    assert "Spaet" in names(world, "erreicht")


def test_staff_see_the_median_of_the_delay_and_others_do_not(world, client_as, late):
    # The cast joined 20 days ago; half of them and more stay at 20.
    assert delays.median_days(world.user("staff")) == 20
    sentence = "Ihre Daten kamen im Mittel 20 Tage nach dem Eintritt."
    for role, times in (("staff", 1), ("ansprechperson", 0)):
        page = client_as(role).get(reverse("members:newcomers")).content.decode()
        assert page.count(sentence) == times


def test_without_newcomers_there_is_no_median(world):
    from members.models import Onboarding

    Onboarding.objects.all().delete()
    assert delays.median_days(world.user("staff")) is None


# --- Lists ----------------------------------------------------------------------------------


def test_who_was_not_reached_stands_apart_and_counts_as_nothing_else(world, by):
    arrival = make_newcomer("Still", world.gliederung("Gehrden"), days=1)
    tries(arrival, by)
    assert [code for code in LISTS if "Still" in names(world, code)] == [
        "alle",
        "nicht-erreicht",
        "ohne-mentor",
    ]
    service.ask_for_call(arrival)
    assert "Still" not in names(world, "nicht-erreicht")
    assert "Still" in names(world, "gefragt")


def test_the_overview_counts_the_list_it_links_to(world, by):
    from portal.dashboards.queries import overview

    arrival = make_newcomer("Still", world.gliederung("Gehrden"), days=1)
    tries(arrival, by)
    assert overview(world.user("staff")).numbers["nicht-erreicht"] == 1


# --- Who wants no contact is invited to nothing -----------------------------------------------


@pytest.mark.parametrize(
    ("mail_class", "refused"),
    [
        (kinds.MailClass.INVITATION, "möchte keinen Kontakt"),
        (kinds.MailClass.DUTY, None),
        (kinds.MailClass.REQUESTED, None),
    ],
)
def test_only_invitations_are_kept_from_them(world, monkeypatch, mail_class, refused):
    kind = replace(kinds.get("members.welcome"), code="test.any", mail_class=mail_class)
    monkeypatch.setitem(kinds._kinds, "test.any", kind)
    person = make_person("Still", None)
    mail = OutgoingMail(kind="test.any", recipient_key=person.pk)
    assert stopping.refusal(mail) is None
    Person.objects.filter(pk=person.pk).update(no_contact_since=clock.today())
    assert stopping.refusal(mail) == refused


def test_a_promise_is_never_open_and_kept_at_once(world, by):
    arrival = make_newcomer("Beides", world.gliederung("Gehrden"))
    tries(arrival, by)
    service.ask_for_call(arrival)
    log(arrival, by, "reached")
    for milestone in Milestone.objects.filter(onboarding=arrival):
        assert (milestone.state == "done") == (milestone.done_on is not None)
