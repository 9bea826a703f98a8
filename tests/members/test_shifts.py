"""Four weeks of shifts: pure arithmetic, and the page to tap them (R11)."""

from datetime import date, timedelta

import time_machine
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from members import shifts
from members.models import Person, PhoneAnswer

PLANS = st.text(alphabet="".join(shifts.LETTERS), min_size=28, max_size=28)
MONDAYS = st.integers(-60, 60).map(lambda weeks: date(2026, 11, 23) + timedelta(weeks=weeks))


@given(PLANS, MONDAYS, MONDAYS)
def test_a_day_keeps_its_letter_wherever_the_plan_is_seen_from(plan, begins, monday):
    seen = shifts.seen_from(plan, begins, monday)
    assert shifts.is_plan(seen)
    for number, letter in enumerate(seen):
        index = (monday + timedelta(days=number) - begins).days
        assert letter == (plan[index] if 0 <= index < 28 else shifts.UNKNOWN)


@given(PLANS, st.integers(1, 3))
def test_a_copied_week_is_like_the_one_before_and_nothing_else_changes(plan, week):
    made = shifts.copied(plan, week)
    weeks = [made[start : start + 7] for start in range(0, 28, 7)]
    old = [plan[start : start + 7] for start in range(0, 28, 7)]
    assert weeks == [old[n - 1] if n == week else old[n] for n in range(4)]


def test_nobody_knows_anything_about_an_empty_plan():
    assert shifts.seen_from("", None, date(2026, 11, 23)) == shifts.NOTHING_KNOWN


def data(plan, monday, **more):
    days = {f"day_{number}": letter for number, letter in enumerate(plan)}
    return days | {"monday": monday.isoformat()} | more


def with_shifts(world, **values):
    person = world.person("newcomer")
    Person.objects.filter(pk=person.pk).update(availability=["schicht"], **values)
    return person


PLAN = "FFFFF--" + "SSSSS--" + "NNNN---" + "???????"
MONDAY = date(2026, 11, 23)
OWN = "/ich/ueber-mich/schichten/"


@time_machine.travel("2026-11-25T12:00:00+01:00", tick=False)
def test_choosing_shifts_leads_to_the_plan_and_the_plan_is_kept(world, client_as):
    client = client_as("newcomer")
    url = reverse("members:about_section", args=["freie-zeiten"])
    assert client.post(url, {"availability": ["schicht"]}).url == OWN
    client.post(OWN, data(PLAN, MONDAY))
    person = world.person("newcomer")
    assert (person.shifts, person.shifts_from) == (PLAN, MONDAY)


@time_machine.travel("2026-11-25T12:00:00+01:00", tick=False)
def test_like_the_week_before_saves_everything_tapped_so_far(world, client_as):
    with_shifts(world)
    answer = client_as("newcomer").post(OWN, data(PLAN, MONDAY, kopie="1"))
    assert answer.url == f"{OWN}#woche-1"
    assert world.person("newcomer").shifts == "FFFFF--" * 2 + PLAN[14:]


def test_a_page_left_open_over_sunday_means_its_own_days(world, client_as):
    with time_machine.travel("2026-11-29T23:59:00+01:00", tick=False):
        with_shifts(world)
        client = client_as("newcomer")
        client.get(OWN)
    with time_machine.travel("2026-11-30T00:01:00+01:00", tick=False):
        client_as("newcomer").post(OWN, data(PLAN, MONDAY))
        person = world.person("newcomer")
    assert (person.shifts, person.shifts_from) == (PLAN[7:] + "???????", date(2026, 11, 30))


@time_machine.travel("2026-11-25T12:00:00+01:00", tick=False)
def test_a_page_of_last_month_is_refused_in_words(world, client_as):
    with_shifts(world)
    page = client_as("newcomer").post(OWN, data(PLAN, date(2026, 10, 26)))
    assert "zu alt" in page.content.decode()
    assert world.person("newcomer").shifts == ""


@time_machine.travel("2026-11-25T12:00:00+01:00", tick=False)
def test_a_forged_letter_is_refused(world, client_as):
    with_shifts(world)
    page = client_as("newcomer").post(OWN, data("X" + PLAN[1:], MONDAY))
    assert page.status_code == 200
    assert world.person("newcomer").shifts == ""


@time_machine.travel("2026-11-25T12:00:00+01:00", tick=False)
def test_the_contact_enters_the_plan_on_the_phone(world, client_as):
    person = with_shifts(world)
    client = client_as("ansprechperson")
    page = client.get(reverse("members:by_phone", args=[person.pk])).content.decode()
    url = reverse("members:by_phone_shifts", args=[person.pk])
    assert url in page
    client.post(url, data(PLAN, MONDAY))
    person.refresh_from_db()
    entry = PhoneAnswer.objects.get(code="shifts")
    assert (person.shifts, entry.entered_by) == (PLAN, world.person("ansprechperson"))


@time_machine.travel("2026-11-25T12:00:00+01:00", tick=False)
def test_no_shifts_any_more_means_no_plan_any_more(world, client_as):
    with_shifts(world, shifts=PLAN, shifts_from=MONDAY)
    url = reverse("members:about_section", args=["freie-zeiten"])
    client_as("newcomer").post(url, {"availability": ["mo-abend"]})
    person = world.person("newcomer")
    assert (person.shifts, person.shifts_from) == ("", None)
    assert client_as("newcomer").get(OWN).status_code == 404
