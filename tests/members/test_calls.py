"""Whose turn it is to call whom, and on which day."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from members.models import Milestone, Onboarding, Person
from members.queries import reaching
from members.queries.calls import heute
from members.services import onboarding as service
from members.services.reference import MESSENGER
from portal.common import clock, consents
from portal.common.models import OutgoingMail
from tests.world import make_newcomer, make_person


@pytest.fixture
def gehrden(world):
    Onboarding.objects.all().delete()
    return world.gliederung("Gehrden")


def called(user):
    return [onboarding.person.family_name for onboarding in heute(user).calls]


def log(onboarding, person, result="not_reached"):
    return service.log_contact(onboarding, person, service.Talk("call", result, uuid.uuid4()))


def in_days(days):
    return time_machine.travel(clock.now() + timedelta(days=days))


def test_nobody_calls_before_the_day_that_was_agreed(world, gehrden):
    user = world.user("ansprechperson")
    onboarding = make_newcomer("Spaeter", gehrden, days=20)
    until = clock.today() + timedelta(days=3)
    service.put_off(onboarding, until, user.person)
    day = heute(user)
    assert (day.calls, day.next_on) == ([], until)
    with in_days(2):
        assert called(user) == []
    with in_days(3):
        assert called(user) == ["Spaeter"]


def test_what_was_agreed_for_today_is_above_everything_overdue(world, gehrden):
    user = world.user("ansprechperson")
    for days in (31, 40):
        make_newcomer(f"Tag{days}", gehrden, days=days)
    agreed = make_newcomer("Agreed", gehrden, days=10)
    service.put_off(agreed, clock.today() + timedelta(days=1), user.person)
    with in_days(1):
        assert called(user)[0] == "Agreed"


def test_what_was_agreed_is_called_even_if_it_is_the_fourth_of_the_week(world, gehrden):
    user = world.user("ansprechperson")
    monday = clock.now() - timedelta(days=clock.today().weekday())
    with time_machine.travel(monday + timedelta(days=1)):
        agreed, *others = [make_newcomer(f"Tag{n}", gehrden, days=20 + n) for n in range(5)]
        service.put_off(agreed, clock.today() + timedelta(days=1), user.person)
        for onboarding in others[:3]:
            log(onboarding, user.person, "reached")
    with time_machine.travel(monday + timedelta(days=2)):
        day = heute(user)
        assert ([call.person.family_name for call in day.calls], day.more_wait) == (["Tag0"], True)


def test_a_day_that_was_missed_stays_on_top_until_somebody_tries(world, gehrden):
    user = world.user("ansprechperson")
    onboarding = make_newcomer("Verpasst", gehrden, days=10)
    service.put_off(onboarding, clock.today() + timedelta(days=1), user.person)
    with in_days(4):
        assert called(user) == ["Verpasst"]
        log(onboarding, user.person)
        onboarding.refresh_from_db()
        assert onboarding.follow_up_on is None


def test_whoever_wants_no_contact_is_called_by_nobody(world, gehrden):
    onboarding = make_newcomer("Ruhe", gehrden, days=40)
    assert called(world.user("ansprechperson")) == ["Ruhe"]
    Person.objects.filter(pk=onboarding.person_id).update(no_contact_since=clock.today())
    day = heute(world.user("ansprechperson"))
    assert (day.calls, day.next_on) == ([], None)


def test_what_was_given_up_is_not_called_even_if_mail_comes_back(world, gehrden):
    onboarding = make_newcomer("Unerreicht", gehrden, days=20)
    now = clock.now()
    OutgoingMail.objects.create(
        kind="members.welcome",
        recipient_key=onboarding.person_id,
        address="x@example.org",
        dedupe_key="x",
        message_id="x",
        state="sent",
        created_at=now,
        not_before=now,
        sent_at=now,
        bounced_at=now,
    )
    assert called(world.user("ansprechperson")) == ["Unerreicht"]
    onboarding.milestones.filter(position=1).update(state=Milestone.State.UNREACHED)
    assert called(world.user("ansprechperson")) == []


# --- Steps of another office ------------------------------------------------------------------


def first_talk_of(onboarding, office):
    onboarding.milestones.filter(position=1).update(responsible=office)


def test_a_talk_of_the_vorsitz_is_on_the_list_of_the_vorsitz_only(world, gehrden):
    onboarding = make_newcomer("Chefsache", gehrden, days=25)
    assert called(world.user("vorsitz")) == []
    first_talk_of(onboarding, "vorsitz")
    roles = ("ansprechperson", "deputy", "vorsitz", "staff", "foreign_ansprechperson")
    assert {role: called(world.user(role)) for role in roles} == {
        "ansprechperson": [],
        "deputy": [],
        "vorsitz": ["Chefsache"],
        "staff": [],
        "foreign_ansprechperson": [],
    }


def test_a_talk_of_the_office_is_on_the_offices_list(world, gehrden):
    first_talk_of(make_newcomer("Buero", gehrden, days=25), "geschaeftsstelle")
    assert called(world.user("staff")) == ["Buero"]
    assert called(world.user("ansprechperson")) == []


def test_without_a_vorsitz_the_ansprechperson_calls(world):
    Onboarding.objects.all().delete()
    first_talk_of(make_newcomer("Verwaist", world.gliederung("Uetze"), days=25), "vorsitz")
    assert called(world.user("foreign_ansprechperson")) == ["Verwaist"]
    assert called(world.user("vorsitz")) == []


def test_the_next_talk_is_the_ansprechpersons_again(world, gehrden):
    onboarding = make_newcomer("Wechselnd", gehrden, days=25)
    first_talk_of(onboarding, "vorsitz")
    log(onboarding, world.person("vorsitz"), "reached")
    second = onboarding.milestones.get(code="zweitkontakt")
    assert heute(world.user("vorsitz")).next_on is None
    assert heute(world.user("ansprechperson")).next_on == second.due_on


# --- By which way, and when -------------------------------------------------------------------


def phone_of(channel, **values):
    return make_person("Kanal", None, preferred_channel=channel, **values)


def way(person, *, may=False):
    found = reaching.best_way(person, may_use_messenger=may)
    return (found.label, found.href) if found else None


@pytest.mark.parametrize(
    ("channel", "may", "values", "expected"),
    [
        ("phone", False, {"mobile": "+49 151 1"}, ("Anrufen", "tel:+491511")),
        ("email", False, {"mobile": "+49 151 1"}, ("E-Mail schreiben", "mailto:k@example.org")),
        ("messenger", True, {"mobile": "+49 151 1"}, ("Nachricht schreiben", "sms:+491511")),
        ("messenger", False, {"mobile": "+49 151 1"}, ("Anrufen", "tel:+491511")),
        ("messenger", True, {"phone": "+49 511 1"}, ("Anrufen", "tel:+495111")),
        ("phone", False, {}, ("E-Mail schreiben", "mailto:k@example.org")),
        ("email", False, {"email": "", "phone": "+49 511 1"}, ("Anrufen", "tel:+495111")),
        ("phone", False, {"email": ""}, None),
    ],
)
def test_the_main_button_is_the_newcomers_own_way(world, channel, may, values, expected):
    person = phone_of(channel, **{"email": "k@example.org"} | values)
    assert way(person, may=may) == expected


def test_heute_writes_by_messenger_only_with_consent(world, gehrden, client_as):
    onboarding = make_newcomer(
        "Bote", gehrden, days=20, preferred_channel="messenger", mobile="+49 151 1"
    )
    client, url = client_as("ansprechperson"), reverse("dashboards:heute")
    assert "sms:+491511" not in client.get(url).content.decode()
    person = onboarding.person
    consents.give(person.pk, MESSENGER, "de", "online", person.pk)
    assert "sms:+491511" in client.get(url).content.decode()


MONDAY = clock.today() - timedelta(days=clock.today().weekday())


@pytest.mark.parametrize(
    ("shifts", "weekday", "expected"),
    [
        ("SSSSS--", 1, "diese Woche Spätschicht"),
        ("SSSSS--", 6, "diese Woche Spätschicht"),
        ("NN--FF?", 0, "heute Nachtschicht"),
        ("NN--FF?", 2, "heute frei"),
        ("NN--FF?", 6, ""),
        ("???????", 3, ""),
        ("-------", 3, "heute frei"),
    ],
)
def test_the_contact_sees_when_to_call(world, shifts, weekday, expected):
    person = Person(shifts="?" * 7 + shifts + "?" * 14, shifts_from=MONDAY - timedelta(days=7))
    with time_machine.travel(clock.now() + timedelta(days=weekday - clock.today().weekday())):
        assert reaching.when(person) == expected


def test_a_plan_that_is_over_says_nothing_and_the_usual_times_are_shown(world):
    person = Person(
        shifts="S" * 28,
        shifts_from=MONDAY - timedelta(days=28),
        availability=["wochenende", "schicht", "unbekannt"],
    )
    assert reaching.when(person) == "am Wochenende"
    person.shifts_from = MONDAY + timedelta(days=7)
    assert reaching.when(person) == "am Wochenende"


def test_heute_names_the_agreed_day(world, gehrden, client_as):
    onboarding = make_newcomer("Heute", gehrden, days=10)
    Onboarding.objects.filter(pk=onboarding.pk).update(follow_up_on=clock.today())
    page = client_as("ansprechperson").get(reverse("dashboards:heute")).content.decode()
    assert "Ihr hattet ausgemacht: heute" in page
