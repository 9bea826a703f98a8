"""Asking only those who can have something to do leaves nobody out."""

from datetime import timedelta

import pytest

from members.models import Onboarding, Pulse, User
from members.services import transfers
from portal.common import clock
from portal.common.todos import addressees_of_all, todos_for, todos_knowing
from tests.members.interested import make_application, make_interest
from tests.members.test_transfers import begin
from tests.security.cells_mitmachen import meldung, place


def nothing(world):
    Onboarding.objects.update(state="finished")


def somebody_waits(world):
    since = clock.today() - timedelta(days=16)
    Onboarding.objects.update(arrived_on=since, responsible_since=since)


def an_application_is_due(world):
    make_application("Zzantrag", world.gliederung("Gehrden"), 25)


def somebody_is_interested(world):
    make_interest()


def a_move_is_asked_for(world):
    begin(world)


def a_move_is_given(world):
    transfers.give(begin(world), world.person("ansprechperson"))


def somebody_asked_for_a_place(world):
    meldung(world)


def a_place_is_old(world):
    place(world, days=175)


def somebody_has_not_arrived(world):
    Pulse.objects.create(
        onboarding=world.onboarding("newcomer"),
        number=1,
        asked_on=clock.today(),
        answer=Pulse.Answer.NO,
        answered_at=clock.now(),
        may_be_told=True,
    )


@pytest.mark.parametrize(
    ("happens", "kinds"),
    [
        (nothing, set()),
        (somebody_waits, {"fits"}),
        (an_application_is_due, {"admission"}),
        (somebody_is_interested, {"interest"}),
        (a_move_is_asked_for, {"transfers"}),
        (a_move_is_given, {"transfers"}),
        (somebody_asked_for_a_place, {"meldung"}),
        (a_place_is_old, {"ort"}),
        (somebody_has_not_arrived, {"call"}),
    ],
)
def test_whoever_is_not_asked_has_nothing_to_do(world, happens, kinds):
    happens(world)
    addressees = addressees_of_all()
    found = set()
    for user in User.objects.all():
        todos = todos_for(user)
        knowing = todos_knowing(user, addressees)
        assert sorted(map(repr, todos)) == sorted(map(repr, knowing))
        found |= {todo.kind for todo in todos}
    assert found >= kinds


def test_without_anything_to_do_only_the_office_is_asked(world):
    nothing(world)
    # Data protection, because deletion rules may wait for a yes.
    office = {world.person(role).pk for role in ("staff", "staff_without_mfa", "privacy")}
    assert addressees_of_all() == {
        "not_arrived": set(),
        "mine": {},
        "moves": office,
        "interest": office,
        "application": office,
        "desk": office,
        "mentor": set(),
        "board": set(),
        "meldung": set(),
        "ort": set(),
        "event-report": set(),
        "event-thin": set(),
        "event-leaderless": set(),
        "event-call": set(),
        "event-item": set(),
    }
