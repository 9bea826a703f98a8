"""The daily run: who is named what, rung by rung (B7, J3, R2, R6)."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members.models import Absence, Amt, Membership, Milestone, Step
from members.services import onboarding as service
from portal.common import clock, ladder
from portal.common.models import AddressTrouble
from tests.members.digest_help import (
    DAY,
    at,
    due_newcomer,
    keys_of,
    mails,
    named,
    open_day,
    run_on,
    told_now,
    weekday,
)
from tests.world import make_amt, make_newcomer, make_person

CONTACT, CHAIR, OFFICE = "Ansprechperson", "Vorsitz", "Staff"


@pytest.fixture
def due(world):
    """A promise that falls due on a Monday with no holiday near."""
    return due_newcomer(world, weekday(0, clock.today() + 20 * DAY))


def test_the_rungs_are_climbed_day_by_day(due, sink):
    told = []
    for offset in range(-14, 10):
        run_on(due.due_on + offset * DAY)
        if not told or told[-1][1] != named(due):
            told.append((offset, named(due)))

    # Ten days before a Monday is a Friday; a Monday a week later is a Monday.
    assert told == [
        (-14, {CONTACT: ladder.ARRIVED}),
        (-10, {CONTACT: ladder.SOON}),
        (0, {CONTACT: ladder.DUE, CHAIR: ladder.DUE}),
        (7, {CONTACT: ladder.LATE, CHAIR: ladder.LATE, OFFICE: ladder.LATE}),
    ]


def steps_of(due, day):
    return {step for _, key, step, _ in told_now(due.onboarding, day) if key.endswith(str(due.pk))}


@pytest.mark.parametrize("offset", [-12, -11, -10, -9, -1, 0, 1, 6, 7, 8, 40])
def test_the_statement_and_the_pure_ladder_agree(due, offset):
    day = due.due_on + offset * DAY

    assert steps_of(due, day) == {ladder.step(due.due_on, day, from_arrival=True)}
    due.onboarding.follow_up_on = day + DAY
    due.onboarding.save()
    expected = {ladder.step(due.due_on, day, from_arrival=True, put_off=True)} - {None}
    assert steps_of(due, day) == expected


def test_later_promises_are_named_only_when_their_end_comes_near(due):
    later = due.onboarding.milestones.get(position=2)
    later.opens_on = due.due_on - 30 * DAY
    later.due_on = due.due_on + 40 * DAY
    later.save()
    keys = [key for _, key, _, _ in told_now(due.onboarding, later.due_on - 11 * DAY)]
    assert f"milestone:{later.pk}" not in keys

    near = told_now(due.onboarding, later.due_on - 10 * DAY)

    assert [step for _, key, step, _ in near if key == f"milestone:{later.pk}"] == [ladder.SOON]


def test_a_rung_once_named_is_not_named_again(due, world, sink):
    contact = world.person("ansprechperson")
    first = open_day(due.due_on - 14 * DAY)
    run_on(first)
    before = len(mails(contact))

    for offset in (1, 2, 3):
        run_on(first + offset * DAY)

    assert len(mails(contact)) == before


def test_nobody_above_hears_of_it_before_the_contact_has_known_for_a_week(due, sink):
    run_on(due.due_on)  # the beat was away until today
    assert named(due) == {CONTACT: ladder.DUE}

    run_on(due.due_on + 5 * DAY)
    assert named(due) == {CONTACT: ladder.DUE}

    run_on(due.due_on + 7 * DAY)
    assert named(due) == {CONTACT: ladder.LATE, CHAIR: ladder.LATE}

    run_on(due.due_on + 14 * DAY)
    assert named(due) == {CONTACT: ladder.LATE, CHAIR: ladder.LATE, OFFICE: ladder.LATE}


def test_a_new_contact_is_told_first_and_gets_a_week(due, world, sink):
    run_on(due.due_on - 14 * DAY)
    amt = world.person("ansprechperson").aemter.get()
    amt.ende = due.due_on - 3 * DAY
    amt.save()
    new = make_person("Zznew", world.gliederung("Gehrden"), given_name="Neue")
    make_amt(new, world.gliederung("Gehrden"), Amt.Kind.ANSPRECHPERSON, beginn=due.due_on - 2 * DAY)
    with at(due.due_on):
        service.reassign([due.onboarding.person])
    run_on(due.due_on)

    assert named(due) == {CONTACT: ladder.ARRIVED, "Neue": ladder.DUE}


def test_while_the_contact_is_away_the_deputy_is_told(due, world, sink):
    person = world.person("ansprechperson")
    Absence.objects.create(person=person, first_day=due.due_on - 20 * DAY, last_day=due.due_on)

    run_on(due.due_on - 10 * DAY)

    assert named(due) == {"Deputy": ladder.SOON}
    run_on(due.due_on + DAY)
    assert named(due) == {"Deputy": ladder.SOON, CONTACT: ladder.DUE}


@pytest.mark.parametrize("trouble", ["no address", "address rests"])
def test_whom_no_mail_reaches_is_passed_over(due, world, trouble):
    person = world.person("ansprechperson")
    if trouble == "no address":
        person.email = ""
        person.save()
    else:
        AddressTrouble.objects.create(
            address=person.email,
            recipient_key=person.pk,
            hard_bounces=2,
            last_at=clock.now(),
            paused_at=clock.now(),
        )

    told = told_now(due.onboarding, due.due_on - DAY)

    assert [row[0] for row in told] == [world.person("deputy").pk]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Step.Responsible.VORSITZ, ["vorsitz", "staff", "staff_without_mfa"]),
        (Step.Responsible.GESCHAEFTSSTELLE, ["staff", "vorsitz", "staff_without_mfa"]),
    ],
)
def test_a_template_says_whose_task_it_is_and_the_next_is_always_different(
    due, world, kind, expected
):
    due.responsible = kind
    due.save()

    told = told_now(due.onboarding, due.due_on + 7 * DAY)

    assert [row[0] for row in told] == [world.person(role).pk for role in expected]


def test_the_newcomer_never_hears_of_their_own_clock(due, world):
    make_amt(due.onboarding.person, world.gliederung("Gehrden"), Amt.Kind.VORSITZ, ende=None)
    world.person("vorsitz").aemter.update(ende=clock.today() - DAY)

    told = told_now(due.onboarding, due.due_on + 7 * DAY)

    assert due.onboarding.person_id not in [row[0] for row in told]
    assert len(told) == 3


def gone(due, world):
    Membership.objects.filter(person=due.onboarding.person).update(
        has_ended=True, left_on=clock.today()
    )


def objecting(due, world):
    due.onboarding.person.no_contact_since = clock.today()
    due.onboarding.person.save()


def finished(due, world):
    due.onboarding.state = "finished"
    due.onboarding.save()


def closed(due, world):
    service.close([due.onboarding.person])


def done(due, world):
    service.tick(due, clock.today())


def unreached(due, world):
    due.state = Milestone.State.UNREACHED
    due.save()


def not_open_yet(due, world):
    due.opens_on = due.due_on + 20 * DAY
    due.save()


@pytest.mark.parametrize(
    "happened", [gone, objecting, finished, closed, done, unreached, not_open_yet]
)
def test_there_is_no_rung_where_nothing_is_to_do(due, world, happened):
    assert len(told_now(due.onboarding, due.due_on + 8 * DAY)) == 3

    happened(due, world)

    assert told_now(due.onboarding, due.due_on + 8 * DAY) == []


def test_who_says_that_nobody_called_is_named_to_deputy_and_office_at_once(due, world, sink):
    day = weekday(1)
    with at(day, 6):
        service.ask_for_call(due.onboarding)
    run_on(day)

    key = f"nobody-called:{due.onboarding.pk}:{day}"
    assert keys_of(world.person("deputy")) == [key]
    assert keys_of(world.person("staff"), "nobody") == [key]
    assert keys_of(world.person("ansprechperson"), "nobody") == []


def test_who_was_put_off_is_named_again_on_that_day(due, world, sink):
    day = due.due_on - 20 * DAY
    due.onboarding.follow_up_on = day
    due.onboarding.save()
    run_on(day - DAY)
    assert keys_of(world.person("ansprechperson"), "follow-up") == []

    run_on(open_day(day))

    key = f"follow-up:{due.onboarding.pk}:{day}"
    assert keys_of(world.person("ansprechperson"), "follow-up") == [key]


KINDS = ("ansprechperson", "stellvertretung", "vorsitz", "geschaeftsstelle")
PLACES = ("Springe", "Region", "Bezirk")
# (who of six people, place, office); the newcomer and who is away are drawn beside it.
OFFICES = st.lists(
    st.tuples(
        st.integers(0, 5), st.sampled_from(("Springe", "Region", "Bezirk")), st.sampled_from(KINDS)
    ),
    max_size=9,
    unique=True,
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    offices=OFFICES,
    away=st.sets(st.integers(0, 5), max_size=3),
    newcomer=st.integers(0, 5),
    kind=st.sampled_from(Step.Responsible.values),
    responsible=st.none() | st.integers(0, 5),
)
def test_nobody_gets_one_thing_in_two_roles(world, offices, away, newcomer, kind, responsible):
    with transaction.atomic():
        Amt.objects.all().delete()
        row = make_newcomer("Zz0", world.gliederung("Springe"), days=60)
        others = [make_person(f"Zz{n}", world.gliederung("Springe")) for n in range(1, 6)]
        pool = [row.person, *others]
        pool[0], pool[newcomer] = pool[newcomer], pool[0]
        singles = set()
        for who, place, office in offices:
            if office != "ansprechperson" or place not in singles:
                make_amt(pool[who], world.gliederung(place), office)
                singles |= {place} if office == "ansprechperson" else set()
        for who in away:
            Absence.objects.create(
                person=pool[who], first_day=clock.today(), last_day=clock.today() + 90 * DAY
            )
        row.milestones.update(responsible=kind)
        row.responsible = None if responsible is None else pool[responsible]
        row.asked_for_call_at = clock.now()
        row.save()

        told = told_now(row, clock.today() + 30 * DAY)

        pairs = [(who, key) for who, key, _, _ in told]
        assert len(pairs) == len(set(pairs))
        able = {pool[who].pk for who, _, _ in offices if who not in away} - {row.person_id}
        assert {who for who, _ in pairs} <= able
        if able:  # nobody is lost while anybody is left
            assert {key for _, key in pairs} >= {
                f"milestone:{m.pk}" for m in row.milestones.filter(position=1)
            }
        transaction.set_rollback(True)
