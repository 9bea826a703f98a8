"""*Abdeckung*: vacancies, what ends, and whom to ask kindly – never who logged in (A3, R31)."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from members.models import Assignment, Contact, Onboarding, Session
from members.queries import coverage
from members.services import absences
from members.services import onboarding as service
from portal.common import clock
from portal.common.todos import todos_for
from tests.world import canary, make_amt, make_person

WEEK = timedelta(days=7)


def page(client_as):
    return client_as("staff").get(reverse("members:coverage")).content.decode()


def titles(user):
    return [todo.title for todo in todos_for(user)]


def asked(world):
    return [person.family_name for person in coverage.people_to_ask(world.user("staff"))]


@pytest.fixture
def quiet(world):
    """Two of Gehrden's newcomers have waited for 16 days; everybody else's are settled."""
    since = clock.today() - timedelta(days=16)
    waiting = Onboarding.objects.filter(person__gliederung__name="Gehrden")
    waiting.update(arrived_on=since, responsible_since=since)
    return world


def test_a_gliederung_without_somebody_comes_first(world, client_as):
    places = coverage.places(world.user("staff"))
    assert {p.gliederung.name for p in places if not p.vacancies} == {"Gehrden"}
    assert places[0].vacancies == 2
    assert places[-1].gliederung.name == "Gehrden"
    assert "In 1 von 5 Gliederungen" in page(client_as)


def test_offices_that_end_within_60_and_14_days_are_named(world, client_as):
    uetze = world.gliederung("Uetze")
    for days in (10, 59, 61):
        person = make_person(f"Endet{days}", uetze)
        make_amt(person, uetze, "stellvertretung", ende=clock.today() + timedelta(days))
    (place,) = [p for p in coverage.places(world.user("staff")) if p.gliederung == uetze]
    names = [amt.person.family_name for amt in place.ending]
    assert (names, place.ending_very_soon) == (["Endet10", "Endet59"], True)


def test_after_14_days_the_office_is_asked_to_ask(quiet, client_as):
    assert asked(quiet) == [canary("ansprechperson")]
    text = page(client_as)
    assert "frag, ob es gerade passt" in text
    assert "2 Menschen warten" in text
    (todo,) = [todo for todo in todos_for(quiet.user("staff")) if todo.kind == "coverage"]
    assert todo.title == "Bei einer Ansprechperson nachfragen, ob es gerade passt"
    assert todo.names == [f"coverage:{quiet.person('ansprechperson').pk}"]


def test_the_person_reads_it_a_week_before(quiet):
    with time_machine.travel(clock.now() - WEEK):
        assert asked(quiet) == []
        mine = titles(quiet.user("ansprechperson"))
        assert "2 Menschen warten. Passt es gerade nicht? Gib ab." in mine
        assert titles(quiet.user("deputy")) == []
    with time_machine.travel(clock.now() - WEEK - timedelta(days=3)):
        assert not any("Gib ab" in title for title in titles(quiet.user("ansprechperson")))


def logged(world):
    Contact.objects.create(
        onboarding=world.onboarding("newcomer"),
        made_by=world.person("ansprechperson"),
        made_on=clock.today() - timedelta(days=13),
        result="not_reached",
        created_at=clock.now(),
        submit_token=uuid.uuid4(),
    )


def handed_on(world):
    Assignment.objects.create(
        onboarding=world.onboarding("other_newcomer"),
        giver=world.person("ansprechperson"),
        taker=world.person("deputy"),
        made_at=clock.now() - timedelta(days=13),
    )


def away(world):
    absences.this_week(world.person("ansprechperson"))


def has_just_taken_over(world):
    Onboarding.objects.update(responsible_since=clock.today() - timedelta(days=13))


def agree(world, result, *, moved=0):
    """A day agreed three weeks ago, and perhaps moved since."""
    day = clock.today() + timedelta(days=1)
    for onboarding in Onboarding.objects.all():
        Contact.objects.create(
            onboarding=onboarding,
            made_by=world.person("ansprechperson"),
            made_on=clock.today() - timedelta(days=20),
            result=result,
            follow_up_on=day,
            created_at=clock.now(),
            submit_token=uuid.uuid4(),
        )
    Onboarding.objects.update(follow_up_on=day + timedelta(days=moved))


def agreed_on_a_day(world):
    agree(world, "call_back")


def agreed_on_a_day_in_a_talk(world):
    agree(world, "reached")


def wants_no_contact(world):
    for role in ("newcomer", "other_newcomer"):
        person = world.person(role)
        person.no_contact_since = clock.today()
        person.save()


@pytest.mark.parametrize(
    "reason",
    [
        logged,
        handed_on,
        away,
        has_just_taken_over,
        agreed_on_a_day,
        agreed_on_a_day_in_a_talk,
        wants_no_contact,
    ],
)
def test_nobody_is_asked_without_a_reason(quiet, reason):
    assert asked(quiet) == [canary("ansprechperson")]
    reason(quiet)
    assert asked(quiet) == []


def put_off(world):
    Onboarding.objects.update(follow_up_on=clock.today() + timedelta(days=80))


def nobody_was_reached(world):
    agree(world, "not_reached")


def the_agreed_day_was_moved(world):
    agree(world, "reached", moved=30)


@pytest.mark.parametrize("reason", [put_off, nobody_was_reached, the_agreed_day_was_moved])
def test_putting_off_is_no_care(quiet, reason):
    reason(quiet)
    assert asked(quiet) == [canary("ansprechperson")]


def test_who_asks_for_a_call_waits_too(quiet):
    for onboarding in Onboarding.objects.all():
        onboarding.milestones.update(state="void", done_on=None)
    assert asked(quiet) == []
    long_ago = clock.now() - timedelta(days=15)
    Onboarding.objects.filter(person=quiet.person("newcomer")).update(asked_for_call_at=long_ago)
    assert asked(quiet) == [canary("ansprechperson")]


def test_logins_change_nothing(quiet, client_as):
    client_as("ansprechperson").get(reverse("dashboards:heute"))
    assert asked(quiet) == [canary("ansprechperson")]
    Session.objects.all().delete()
    assert asked(quiet) == [canary("ansprechperson")]


def test_taking_over_starts_the_time_anew(quiet):
    today = clock.today()
    absence = absences.enter(quiet.person("ansprechperson"), today, today)
    absences.end(absence)
    assert asked(quiet) == []
    service.find_missing_responsibles()
    assert set(Onboarding.objects.values_list("responsible_since", flat=True)) == {today}


def vacancy(world):
    return next((todo for todo in todos_for(world.user("staff")) if todo.kind == "vacant"), None)


def test_where_nobody_looks_after_newcomers_is_on_the_staff_s_list(world):
    todo = vacancy(world)
    assert todo.title == "In 4 Gliederungen fehlt Ansprechperson oder Stellvertretung"
    assert str(world.gliederung("Uetze").pk) in todo.cases  # no deputy
    assert str(world.gliederung("Gehrden").pk) not in todo.cases
    for name in ("Springe", "Linden-Limmer", "Döhren-Wülfel"):
        make_amt(world.person("member"), world.gliederung(name), "ansprechperson")
    for name in ("Uetze", "Springe", "Linden-Limmer", "Döhren-Wülfel"):
        make_amt(world.person("mentor"), world.gliederung(name), "stellvertretung")
    assert vacancy(world) is None
