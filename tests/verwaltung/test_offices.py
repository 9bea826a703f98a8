"""Offices: one Ansprechperson at a time, 24 months, four eyes above the Ortsvereine."""

from datetime import timedelta

import pytest
import time_machine
from dateutil.relativedelta import relativedelta
from django.db import IntegrityError, transaction

from members.models import Amt, Onboarding
from members.queries import offices as queries
from members.services import offices
from members.services.offices import Grant, HeldAlready, OfficeRefused
from members.todos.own import office_changes
from portal.common import clock
from portal.common.dates import long_day
from tests.concurrency import at_once
from tests.verwaltung.forms import settle, term
from tests.world import Kind, make_amt, make_newcomer, make_person, make_user


def grant(person, gliederung, kind=Kind.ANSPRECHPERSON, **values) -> Grant:
    today = clock.today()
    values = {"beginn": today, "pledged_on": today, "trained_on": today} | values
    return Grant(person, gliederung, kind, **values)


def office_of(world, role) -> Amt:
    return Amt.objects.get(person=world.person(role))


# --- Exactly one -------------------------------------------------------------------------------


def test_a_second_ansprechperson_is_refused_with_name_and_end(world):
    person, gehrden = make_person("Zzneu"), world.gliederung("Gehrden")
    with pytest.raises(HeldAlready, match="ist schon Ansprechperson Zzansprechperson") as refusal:
        offices.give(grant(person, gehrden), world.person("staff"))
    assert "ohne Enddatum" in str(refusal.value)
    Amt.objects.filter(person=world.person("ansprechperson")).update(
        ende=clock.today() + timedelta(days=5)
    )
    with pytest.raises(HeldAlready, match=f"bis {clock.today() + timedelta(days=5):%d.%m.%Y}"):
        offices.give(grant(person, gehrden), world.person("staff"))


def test_whoever_replaces_begins_the_day_after_the_other_ends(world):
    person, gehrden = make_person("Zzneu"), world.gliederung("Gehrden")
    newcomer = world.onboarding("newcomer")
    today = clock.today()

    offices.give(grant(person, gehrden, replaces=True), world.person("staff"))

    assert office_of(world, "ansprechperson").ende == today - timedelta(days=1)
    newcomer.refresh_from_db()
    assert (newcomer.responsible, newcomer.responsible_stands_in) == (person, False)


def test_the_database_holds_the_rule_against_any_writer(world):
    with pytest.raises(IntegrityError, match="amt_one_ansprechperson"), transaction.atomic():
        make_amt(make_person("Zzneu"), world.gliederung("Gehrden"), Kind.ANSPRECHPERSON)
    make_amt(make_person("Zzdeputy2"), world.gliederung("Gehrden"), Kind.STELLVERTRETUNG)


def test_two_at_once_make_one_ansprechperson(live_world):
    springe, staff = live_world.gliederung("Springe"), live_world.person("staff")
    people = [make_person("Zzeins"), make_person("Zzzwei")]
    refused = []

    def give(person) -> None:
        try:
            offices.give(grant(person, springe), staff)
        except HeldAlready:
            refused.append(person)

    at_once(lambda: give(people[0]), lambda: give(people[1]))

    assert (Amt.objects.filter(gliederung=springe).count(), len(refused)) == (1, 1)


@pytest.mark.parametrize("replaces", [False, True])
def test_an_office_that_wore_out_stands_in_nobodys_way(world, replaces):
    worn, staff = office_of(world, "ansprechperson"), world.person("staff")
    after = worn.last_day + timedelta(days=30)
    with time_machine.travel(after, tick=False):
        new = grant(make_person("Zzneu"), worn.gliederung, replaces=replaces)
        given, last = offices.give(new, staff), worn.last_day
        worn.refresh_from_db()
        assert (worn.ende, given.beginn) == (last, after)
        offices.end_now(given, staff)
        offices.give(grant(worn.person, worn.gliederung), staff)


def test_nobody_begins_before_a_worn_out_office_ended(world):
    worn, staff = office_of(world, "ansprechperson"), world.person("staff")
    with time_machine.travel(worn.last_day + timedelta(days=30), tick=False):
        early = grant(make_person("Zzneu"), worn.gliederung, beginn=worn.last_day)
        with pytest.raises(HeldAlready, match=f"bis {worn.last_day:%d.%m.%Y}"):
            offices.give(early, staff)


def test_whoever_left_the_party_gets_no_office(world):
    person = world.person("member")
    person.memberships.update(has_ended=True, left_on=clock.today())
    with pytest.raises(OfficeRefused, match="ausgetreten"):
        offices.give(grant(person, world.gliederung("Springe")), world.person("staff"))


# --- From when to when -------------------------------------------------------------------------


def test_an_office_ends_after_24_months_and_a_renewal_adds_as_many(world):
    amt, staff = office_of(world, "ansprechperson"), world.person("staff")
    last = amt.last_day
    assert last == amt.beginn + relativedelta(months=24) - timedelta(days=1)

    with time_machine.travel(last, tick=False):
        assert world.user("ansprechperson").can("onboarding.act") is True
        offices.renew(amt, staff)
    amt.refresh_from_db()
    assert amt.last_day == last + relativedelta(months=24) - timedelta(days=1)
    with time_machine.travel(last + timedelta(days=1), tick=False):
        assert world.user("ansprechperson").can("onboarding.act") is True
    with time_machine.travel(amt.last_day + timedelta(days=1), tick=False):
        assert world.user("ansprechperson").can("onboarding.act") is False
        with pytest.raises(OfficeRefused, match="beendet"):
            offices.renew(amt, staff)


@pytest.mark.parametrize("beginn", ["2024-02-29", "2024-02-28", "2024-03-01", "2023-12-31"])
def test_the_last_day_shown_is_the_last_day_that_counts(world, beginn):
    amt = office_of(world, "ansprechperson")
    Amt.objects.filter(pk=amt.pk).update(beginn=beginn)
    amt.refresh_from_db()
    assert Amt.objects.running(amt.last_day).filter(pk=amt.pk).exists() is True
    after = amt.last_day + timedelta(days=1)
    assert Amt.objects.running(after).filter(pk=amt.pk).exists() is False


def test_a_renewal_moves_an_end_that_was_set_but_not_over_a_successor(world):
    amt, staff = office_of(world, "ansprechperson"), world.person("staff")
    ends = clock.today() + timedelta(days=10)
    Amt.objects.filter(pk=amt.pk).update(ende=ends)
    offices.renew(amt, staff)
    amt.refresh_from_db()
    assert amt.ende == clock.today() + relativedelta(months=24) - timedelta(days=1)

    Amt.objects.filter(pk=amt.pk).update(ende=ends)
    follower = grant(make_person("Zzneu"), amt.gliederung, beginn=ends + timedelta(days=1))
    offices.give(follower, staff)
    with pytest.raises(HeldAlready):
        offices.renew(amt, staff)


def test_ending_takes_the_rights_on_the_next_request(world, client_as):
    client = client_as("ansprechperson")
    page = f"/neumitglieder/{world.onboarding('newcomer').pk}/"
    assert client.get(page).status_code == 200

    offices.end_now(office_of(world, "ansprechperson"), world.person("staff"))

    assert client.get(page).status_code == 404
    newcomer = world.onboarding("newcomer")
    assert (newcomer.responsible, newcomer.responsible_stands_in) == (world.person("deputy"), False)


def test_an_office_that_ended_today_can_be_given_again_today(world):
    amt, staff = office_of(world, "ansprechperson"), world.person("staff")
    offices.end_now(amt, staff)
    again = offices.give(grant(amt.person, amt.gliederung), staff)
    assert world.user("ansprechperson").can("onboarding.act") is True
    offices.end_now(again, staff)
    offices.give(grant(make_person("Zzneu"), amt.gliederung), staff)


def test_when_all_offices_of_an_ortsverein_end_the_next_one_above_stands_in(world):
    staff = world.person("staff")
    for role in ("ansprechperson", "deputy", "vorsitz"):
        offices.end_now(office_of(world, role), staff)
    found = Onboarding.objects.filter(person__gliederung__name="Gehrden")
    assert {(o.responsible_id, o.responsible_stands_in) for o in found} == {(staff.pk, True)}


# --- Four eyes ---------------------------------------------------------------------------------


@pytest.fixture
def colleague(world):
    """A second person in the office, with everything."""
    person = make_person("Zzkollege")
    make_amt(person, world.gliederung("Region"), Kind.GESCHAEFTSSTELLE)
    make_user(person, second_factor=True)
    settle(person)
    return person


def test_an_office_above_the_ortsvereine_grants_nothing_until_a_second_person_says_so(
    world, colleague
):
    person, region = make_person("Zzneu"), world.gliederung("Region")
    user = make_user(person, second_factor=True)
    amt = offices.give(grant(person, region, Kind.GESCHAEFTSSTELLE), world.person("staff"))
    assert (amt.is_pending, user.can("people.view")) == (True, False)
    for nobody in (world.person("staff"), person):
        with pytest.raises(OfficeRefused, match="jemand, der"):
            offices.confirm(amt, nobody)

    offices.confirm(amt, colleague)

    amt.refresh_from_db()
    assert (amt.is_pending, amt.granted_by, amt.confirmed_by) == (
        False,
        world.person("staff"),
        colleague,
    )
    assert type(user).objects.get(pk=user.pk).can("people.view") is True


def test_it_waits_on_the_list_of_the_others_only(world, colleague):
    person = make_person("Zzneu")
    offices.give(grant(person, world.gliederung("Region"), Kind.MENTORING), world.person("staff"))

    def waiting(user) -> list[str]:
        return [todo.title for todo in office_changes(user, clock.today())]

    assert waiting(world.user("staff")) == []
    assert waiting(colleague.user) == ["Bestätigen: Mentoring-Koordination Region für Kim Zzneu"]
    assert waiting(world.user("ansprechperson")) == []


def test_an_office_without_capabilities_or_in_an_ortsverein_needs_no_second_person(world):
    staff = world.person("staff")
    for kind, place in ((Kind.BEZIRK, "Bezirk"), (Kind.VORSITZ, "Springe")):
        amt = offices.give(grant(make_person(f"Zz{kind}"), world.gliederung(place), kind), staff)
        assert amt.is_pending is False


def test_nobody_lengthens_an_own_office_above_the_ortsvereine(world, colleague):
    amt = office_of(world, "staff")
    for attempt in (
        lambda by: offices.renew(amt, by),
        lambda by: offices.change(term(amt, ende=None), by),
    ):
        with pytest.raises(OfficeRefused, match=r"manage\.py appoint"):
            attempt(world.person("staff"))
        attempt(colleague)
    offices.end_now(amt, world.person("staff"))


def test_an_ended_office_does_not_come_back_by_changing_its_dates(world, colleague):
    amt = office_of(world, "staff")
    Amt.objects.filter(pk=amt.pk).update(ende=clock.today() - timedelta(days=1))
    with pytest.raises(OfficeRefused, match="vergib es neu"):
        offices.change(term(amt, ende=None), colleague)


# --- What is missing, what ends ----------------------------------------------------------------


def test_each_office_says_what_it_lacks(world):
    office_of(world, "vorsitz")
    Amt.objects.filter(person=world.person("vorsitz")).update(pledged_on=None)
    Amt.objects.filter(person=world.person("deputy")).update(trained_on=None, is_pending=True)
    make_amt(make_person("Zzohne"), world.gliederung("Springe"), Kind.VORSITZ)
    rows = queries.incomplete(queries.offices(world.user("staff")))
    found = {amt.person.family_name: queries.missing(amt) for amt in rows}
    assert found == {
        "Zzvorsitz": ["Verpflichtung"],
        "Zzdeputy": ["Bestätigung durch eine zweite Person", "Schulung"],
        "Zzohne": ["Zugang"],
        "Zzstaffwithoutmfa": ["zweiter Faktor"],
    }


@pytest.mark.parametrize(("days", "soon", "very"), [(61, 0, 0), (60, 1, 0), (14, 1, 1), (0, 1, 1)])
def test_offices_that_end_soon_are_listed_and_asked_for(world, days, soon, very):
    ende = clock.today() + timedelta(days=days)
    Amt.objects.filter(person=world.person("vorsitz")).update(ende=ende)
    user = world.user("staff")
    assert queries.ending_soon(queries.offices(user)).count() == soon
    assert queries.ending_soon(queries.offices(user), queries.VERY_SOON).count() == very
    titles = [todo.title for todo in office_changes(user, clock.today())]
    name = world.person("vorsitz").full_name
    assert titles == [f"Amt von {name} endet am {long_day(ende)}"] * soon


def test_offices_that_wear_out_are_listed_too(world):
    old = clock.today() - relativedelta(months=23)
    Amt.objects.filter(person=world.person("vorsitz")).update(beginn=old)
    found = queries.ending_soon(queries.offices(world.user("staff")))
    assert [amt.person for amt in found] == [world.person("vorsitz")]
    Amt.objects.filter(person=world.person("vorsitz")).update(renewed_on=clock.today())
    assert queries.ending_soon(queries.offices(world.user("staff"))).count() == 0


def test_vacancies_count_gliederungen_whether_or_not_anybody_is_new_there(world):
    leaves = queries.taking_members(world.user("staff"))
    vacant = queries.without(leaves, Kind.ANSPRECHPERSON)
    assert sorted(node.name for node in vacant) == ["Döhren-Wülfel", "Linden-Limmer", "Springe"]
    deputies = queries.without(leaves, Kind.STELLVERTRETUNG)
    assert "Uetze" in [node.name for node in deputies]


def test_an_office_for_a_later_day_takes_its_newcomers_over_that_night(world):
    from members.services import onboarding

    newcomer = make_newcomer("Zzwartet", world.gliederung("Springe"))
    person = make_person("Zzneu")
    day = clock.today() + timedelta(days=3)
    offices.give(grant(person, world.gliederung("Springe"), beginn=day), world.person("staff"))
    newcomer.refresh_from_db()
    assert newcomer.responsible == world.person("staff")
    with time_machine.travel(day, tick=False):
        onboarding.find_missing_responsibles()
    newcomer.refresh_from_db()
    assert newcomer.responsible == person
