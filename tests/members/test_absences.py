"""„Ich bin weg“: somebody else looks after one's newcomers, and it all comes back (R6, R8)."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
import time_machine
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members import tasks
from members.models import Absence, Amt, Assignment, Onboarding
from members.queries.responsible import STANDS_IN, ResponsiblePeople, decided_for
from members.services import absences, assignments, exits, offices
from members.services.onboarding import find_missing_responsibles
from portal.common import clock
from portal.common.errors import DomainError
from portal.common.outbox.models import OutgoingMail
from tests.world import canary, make_amt, make_newcomer, make_person

# Gehrden's people in the order in which they stand in.
ORDER = ("ansprechperson", "deputy", "vorsitz", "staff")


def responsible(world, role="newcomer"):
    return world.onboarding(role).responsible


def away(world, role, days=3):
    today = clock.today()
    return absences.enter(world.person(role), today, today + timedelta(days=days))


def test_the_next_different_person_stands_in_and_it_returns_by_itself(world):
    assert responsible(world) == world.person("ansprechperson")
    for role, instead in pairwise(ORDER):
        away(world, role)
        assert responsible(world) == world.person(instead)
        assert responsible(world, "foreign_newcomer") == world.person("foreign_ansprechperson")
    with time_machine.travel(clock.now() + timedelta(days=4)):
        tasks.new_day()
        assert responsible(world) == world.person("ansprechperson")
        assert world.onboarding("newcomer").responsible_stands_in is False


def test_if_everybody_is_away_it_is_the_office_and_then_who_is_left(world):
    for role in (*ORDER, "staff_without_mfa"):
        away(world, role)
    assert responsible(world) == world.person("staff")
    for role in ("staff", "staff_without_mfa"):
        offices.end_now(world.person(role).aemter.get(), world.person("staff"))
    assert responsible(world) == world.person("ansprechperson")


def test_days_in_the_future_begin_by_themselves(world):
    begins = clock.today() + timedelta(days=5)
    absences.enter(world.person("ansprechperson"), begins, begins)
    assert responsible(world) == world.person("ansprechperson")
    with time_machine.travel(clock.now() + timedelta(days=5)):
        tasks.new_day()
        assert responsible(world) == world.person("deputy")


def test_one_tap_lasts_until_sunday_and_one_tap_takes_it_back(world, client_as):
    client = client_as("ansprechperson")
    page = client.get(reverse("dashboards:heute")).content.decode()
    assert "Diese Woche geht nichts" in page
    client.post(reverse("members:absent_this_week"))
    client.post(reverse("members:absent_this_week"))  # an impatient thumb
    absence = Absence.objects.get()
    assert (absence.first_day, absence.last_day.weekday()) == (clock.today(), 6)
    assert absence.last_day - absence.first_day < timedelta(days=7)
    assert responsible(world) == world.person("deputy")
    page = client.get(reverse("dashboards:heute")).content.decode()
    assert "Ich bin wieder da" in page
    client.post(reverse("members:absence_end", args=[absence.pk]), {"heute": "1"})
    assert Absence.objects.count() == 0
    assert responsible(world) == world.person("ansprechperson")


def test_the_week_ends_before_days_that_are_entered_already(world):
    with time_machine.travel("2026-11-24 10:00:00+01:00"):
        person = world.person("ansprechperson")
        absences.enter(person, date(2026, 11, 27), date(2026, 12, 4))
        assert absences.this_week(person).last_day == date(2026, 11, 26)


def test_coming_back_early_keeps_what_was(world):
    absence = away(world, "ansprechperson", days=10)
    with time_machine.travel(clock.now() + timedelta(days=2)):
        absences.end(absence)
        absence.refresh_from_db()
        assert absence.last_day == clock.today() - timedelta(days=1)
        assert responsible(world) == world.person("ansprechperson")
        absences.end(absence)
        absence.refresh_from_db()
        assert absence.last_day == clock.today() - timedelta(days=1)


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [(2, 1, "vor dem Beginn"), (-3, -1, "schon vorbei"), (0, 400, "mehr als ein Jahr")],
)
def test_impossible_days_are_refused(world, client_as, first, last, sentence):
    today = clock.today()
    days = {"first_day": today + timedelta(first), "last_day": today + timedelta(last)}
    page = client_as("deputy").post(reverse("members:absences"), days)
    assert sentence in page.content.decode()
    assert Absence.objects.count() == 0


def test_the_same_days_are_not_entered_twice(world):
    away(world, "deputy")
    with pytest.raises(DomainError, match="schon vom"):
        away(world, "deputy")


def test_mein_start_names_who_stands_in_and_no_mail_is_sent(world, client_as):
    before = OutgoingMail.objects.count()
    absence = away(world, "ansprechperson")
    page = client_as("newcomer").get(reverse("dashboards:mein_start")).content.decode()
    assert canary("deputy") in page
    assert "springt ein bis" in page
    absences.end(absence)
    page = client_as("newcomer").get(reverse("dashboards:mein_start")).content.decode()
    assert canary("ansprechperson") in page
    assert "springt ein bis" not in page
    assert OutgoingMail.objects.count() == before


def test_who_holds_an_office_can_be_a_newcomer_and_is_never_their_own(world):
    own = make_newcomer("Neu", world.gliederung("Gehrden"))
    Amt.objects.filter(kind="ansprechperson", gliederung=own.person.gliederung).delete()
    make_amt(own.person, own.person.gliederung, "ansprechperson")
    find_missing_responsibles()
    own.refresh_from_db()
    assert own.responsible == world.person("deputy")
    assert responsible(world) == own.person
    away(world, "deputy")
    own.refresh_from_db()
    assert own.responsible == world.person("vorsitz")


def test_an_exit_moves_newcomers_to_somebody_else_at_once(world):
    exits.record_exit(world.person("ansprechperson"), clock.today(), "wish", world.person("staff"))
    assert responsible(world) == world.person("deputy")


# --- The statements for groups say the same as asking for each row ----------------------------


def one_by_one() -> dict:
    """The rule, asked newcomer by newcomer."""
    people = ResponsiblePeople()
    found = {}
    for row in Onboarding.objects.running().select_related("person__gliederung"):
        answer = people.find(row.person.gliederung, [row.person_id], decided_for(row))
        found[row.pk] = (answer.person_id, answer.stands_in)
    return found


def stored() -> dict:
    rows = Onboarding.objects.running()
    return {row.pk: (row.responsible_id, row.responsible_stands_in) for row in rows}


def cast_of_offices(world) -> list:
    """Eight people, some of them newcomers, who may hold offices and be away."""
    places = [world.gliederung(name) for name in ("Gehrden", "Uetze", "Springe")]
    people = [make_person(f"Amt{n}", places[n % 3]) for n in range(5)]
    people += [make_newcomer(f"Neu{n}", places[n]).person for n in range(3)]
    return people


PERSON = st.integers(0, 7)
PLACE = st.sampled_from(["Gehrden", "Uetze", "Springe", "Region"])


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    held=st.sets(st.tuples(PERSON, PLACE, st.sampled_from(STANDS_IN)), max_size=10),
    gone=st.sets(PERSON, max_size=5),
    given=st.lists(st.tuples(st.integers(0, 5), st.none() | PERSON, PERSON), max_size=8),
)
def test_groups_get_what_each_row_would_get(world, held, gone, given):
    Amt.objects.all().delete()
    Absence.objects.all().delete()
    Assignment.objects.all().delete()
    people = world.__dict__.get("drawn") or cast_of_offices(world)
    world.__dict__["drawn"] = people
    main = set()
    for n, place, kind in held:
        if kind != "ansprechperson" or place not in main:
            main |= {place} if kind == "ansprechperson" else set()
            make_amt(people[n], world.gliederung(place), kind)
    for n in gone:
        Absence.objects.create(person=people[n], first_day=clock.today(), last_day=clock.today())
    rows = list(Onboarding.objects.running().order_by("person__sort_name"))
    for turn, (row, giver, taker) in enumerate(given):
        Assignment.objects.create(
            onboarding=rows[row],
            giver=None if giver is None else people[giver],
            taker=people[taker],
            made_at=clock.now() + timedelta(seconds=turn),
        )
    find_missing_responsibles()
    assert stored() == one_by_one()
    for row in Onboarding.objects.running():
        assert row.responsible_id != row.person_id
        holders = {amt.person_id for amt in ResponsiblePeople().over(row.person.gliederung)}
        assert row.responsible_id is not None or holders <= {row.person_id}


def test_the_night_asks_the_same_number_of_questions_for_many(world, django_assert_num_queries):
    place = world.gliederung("Gehrden")
    rows = [make_newcomer(f"Viele{n}", place) for n in range(30)]
    ten = Onboarding.objects.filter(pk__in=[row.pk for row in rows[:10]])
    assignments.share_out(ten, [world.person("vorsitz").pk], world.person("staff"))
    Onboarding.objects.update(responsible=None)
    # Offices, two groupings, the places; then one statement for each group that changes.
    with django_assert_num_queries(4 + 3 + 2):
        find_missing_responsibles()
    assert stored() == one_by_one()
