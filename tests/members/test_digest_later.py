"""A later day that was agreed spares reminders, and never the end of the month (R2)."""

import pytest

from members.models import Absence, Assignment, Step
from members.queries.calls import heute
from members.services import onboarding as service
from portal.common import clock, dates, ladder
from tests.members.digest_help import (
    DAY,
    at,
    due_newcomer,
    named,
    run_on,
    text_to,
    told_now,
    weekday,
)
from tests.world import make_amt, make_person

CONTACT, CHAIR, OFFICE = "Ansprechperson", "Vorsitz", "Staff"


@pytest.fixture
def due(world):
    """A promise that falls due on a Monday with no holiday near."""
    return due_newcomer(world, weekday(0, clock.today() + 20 * DAY))


def put_off(due, until):
    due.onboarding.follow_up_on = until
    due.onboarding.save()


def test_before_the_end_nothing_is_said_and_from_then_on_everybody_hears(due, sink):
    put_off(due, due.due_on + 60 * DAY)
    told = []
    for offset in range(-14, 10):
        run_on(due.due_on + offset * DAY)
        if not told or told[-1][1] != named(due):
            told.append((offset, named(due)))

    assert told == [
        (-14, {}),
        (0, {CONTACT: ladder.DUE, CHAIR: ladder.DUE}),
        (7, {CONTACT: ladder.LATE, CHAIR: ladder.LATE, OFFICE: ladder.LATE}),
    ]


def test_the_sentences_say_that_a_call_is_agreed(due, world, sink):
    until = due.due_on + 5 * DAY
    put_off(due, until)
    run_on(due.due_on)

    with at(due.due_on):
        day = dates.day(until)
    assert f"Du wolltest am {day} wieder anrufen." in text_to(world.person("ansprechperson"))
    above = text_to(world.person("vorsitz"))
    assert f"{CONTACT} will am {day} wieder anrufen." in above
    assert "Zuständig ist" not in above


def test_a_day_that_has_come_spares_nobody(due):
    put_off(due, due.due_on - 10 * DAY)
    assert {key for _, key, _, _ in told_now(due.onboarding, due.due_on - 10 * DAY)} == {
        f"milestone:{due.pk}",
        f"follow-up:{due.onboarding.pk}:{due.due_on - 10 * DAY}",
    }


# --- Whose turn it is: the digest and *Heute* agree ----------------------------------------------


def away(person, day):
    Absence.objects.create(person=person, first_day=day - 60 * DAY, last_day=day + 60 * DAY)


def is_there(due, world):
    return world.person("vorsitz")


def is_away(due, world):
    away(world.person("vorsitz"), due.due_on)
    return world.person("ansprechperson")


def has_no_address(due, world):
    person = world.person("vorsitz")
    person.email = ""
    person.save()
    return world.person("ansprechperson")


def is_the_newcomer(due, world):
    world.person("vorsitz").aemter.update(ended_at=clock.now())
    make_amt(due.onboarding.person, world.gliederung("Gehrden"), "vorsitz")
    return world.person("ansprechperson")


def has_a_second(due, world):
    """Two chair together: the one who has done so for longer calls."""
    second = make_person("Zzzweite", world.gliederung("Gehrden"))
    make_amt(second, world.gliederung("Gehrden"), "vorsitz", beginn=clock.today())
    return world.person("vorsitz")


def leads_the_next_level_too(due, world):
    away(world.person("vorsitz"), due.due_on)
    user = world.user("coordinator")
    make_amt(user.person, world.gliederung("Region"), "vorsitz")
    return user.person


@pytest.mark.parametrize(
    "chair",
    [
        is_there,
        is_away,
        has_no_address,
        is_the_newcomer,
        has_a_second,
        leads_the_next_level_too,
    ],
)
def test_a_step_of_the_vorsitz_is_on_the_list_of_whom_the_digest_names(due, world, chair):
    due.responsible = Step.Responsible.VORSITZ
    due.save()
    whose = chair(due, world)
    with at(due.due_on - DAY):
        own = [who for who, _, _, _ in told_now(due.onboarding, clock.today())]
        roles = ("ansprechperson", "deputy", "vorsitz", "staff", "coordinator")
        shown = {
            world.person(role).pk
            for role in roles
            if due.onboarding in heute(world.user(role)).calls
        }

    assert own == [whose.pk]
    assert shown == {whose.pk}


# --- Handed on ----------------------------------------------------------------------------------


def test_whoever_has_handed_on_is_not_named_when_the_taker_cannot_be_reached(due, world):
    deputy = world.person("deputy")
    Assignment.objects.create(
        onboarding=due.onboarding,
        giver=world.person("ansprechperson"),
        taker=deputy,
        made_at=clock.now(),
    )
    service.reassign([due.onboarding.person])
    deputy.email = ""
    deputy.save()

    told = told_now(due.onboarding, due.due_on - DAY)

    assert [row[0] for row in told] == [world.person("vorsitz").pk]
    # Better somebody who was asked before than nobody.
    for role in ("vorsitz", "staff", "staff_without_mfa"):
        away(world.person(role), due.due_on)
    told = told_now(due.onboarding, due.due_on - DAY)
    assert [row[0] for row in told] == [world.person("ansprechperson").pk]
