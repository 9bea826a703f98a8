"""Who gets a place, in order, whoever comes at the same moment (T33)."""

from datetime import timedelta
from itertools import pairwise

import pytest
import time_machine

from events.models import Event, Registration
from events.services import events as planning
from events.services import guests, mailing, places
from portal.common import clock
from portal.common.errors import DomainError
from portal.common.models import OutgoingMail
from portal.common.scope import scope
from portal.common.todos import todos_for
from tests.concurrency import at_once
from tests.events.conftest import announce
from tests.world import make_person

State = Registration.State


def state(event, person):
    return Registration.objects.get(event=event, person=person).state


def people(world, number):
    return [make_person(f"Zzp{at:02}", world.gliederung("Gehrden")) for at in range(number)]


def mails(kind):
    return OutgoingMail.objects.filter(kind=kind)


def test_twice_is_once(world, make_event):
    event, person = make_event(), world.person("newcomer")
    for _ in range(2):
        places.register(event, person, person)
    assert state(event, person) == State.REGISTERED
    assert mails(mailing.REGISTERED).count() == 1


def test_when_it_is_full_the_next_ones_wait_in_order_and_a_freed_place_goes_to_the_first(
    world, make_event
):
    event = make_event(capacity=2)
    first, second, third, fourth = people(world, 4)
    for one in (first, second, third, fourth):
        places.register(event, one, one)
    assert [state(event, one) for one in (first, second, third, fourth)] == [
        State.REGISTERED,
        State.REGISTERED,
        State.WAITING,
        State.WAITING,
    ]
    places.cancel(event, Registration.objects.get(person=first), first)
    assert state(event, third) == State.OFFERED
    assert state(event, fourth) == State.WAITING
    assert [mail.recipient_key for mail in mails(mailing.OFFER)] == [third.pk]
    places.register(event, first, first)
    assert state(event, first) == State.WAITING, "the end of the line, although a place is open"
    places.take_offer(Registration.objects.get(person=third))
    assert state(event, third) == State.REGISTERED


def test_an_offer_nobody_takes_goes_to_the_next(world, make_event):
    event = make_event(capacity=1)
    first, second, third = people(world, 3)
    for one in (first, second, third):
        places.register(event, one, one)
    places.cancel(event, Registration.objects.get(person=first), first)
    until = Registration.objects.get(person=second).offered_until
    assert until >= clock.now() + timedelta(hours=48), "from when the mail may leave (R7)"
    with time_machine.travel(until + timedelta(minutes=1)):
        places.pass_on_offers()
        places.pass_on_offers()
    assert state(event, second) == State.CANCELLED
    assert state(event, third) == State.OFFERED
    assert mails(mailing.LAPSED).count() == 1
    with pytest.raises(DomainError, match="weitergegeben"):
        places.take_offer(Registration.objects.get(person=second))


def test_whoever_has_no_mail_is_called_and_loses_nothing_before(world, make_event):
    event = make_event(capacity=1, starts_at=clock.now() + timedelta(days=5))
    first, second = people(world, 2)
    second.email = ""
    second.save()
    for one in (first, second):
        places.register(event, one, one)
    places.cancel(event, Registration.objects.get(person=first), first)
    titles = [todo.title for todo in todos_for(world.user("ansprechperson"))]
    assert "Ruf Kim an: Zzabend, ein Platz ist frei" in titles
    with time_machine.travel(clock.now() + timedelta(days=4)):
        places.pass_on_offers()
    assert state(event, second) == State.OFFERED


def test_a_place_of_somebody_who_left_goes_to_the_next(world, make_event):
    event = make_event(capacity=1)
    gone, second = world.person("member"), people(world, 1)[0]
    for one in (gone, second):
        places.register(event, one, one)
    gone.memberships.update(left_on=clock.today(), has_ended=True)
    places.pass_on_offers()
    assert (state(event, gone), state(event, second)) == (State.CANCELLED, State.OFFERED)


def test_a_freed_place_is_offered_after_the_last_day_and_never_in_the_last_hours(world, make_event):
    event = make_event(capacity=1)
    first, second = people(world, 2)
    for one in (first, second):
        places.register(event, one, one)
    Event.objects.filter(pk=event.pk).update(register_until=clock.now() - timedelta(hours=1))
    with time_machine.travel(event.starts_at - timedelta(hours=4)):
        places.cancel(event, Registration.objects.get(person=first), first)
        assert state(event, second) == State.WAITING
    with time_machine.travel(event.starts_at - timedelta(days=4)):
        places.pass_on_offers()
        assert state(event, second) == State.OFFERED
        places.register(event, second, second)
    assert state(event, second) == State.REGISTERED


def test_companions_take_places_and_wait_until_all_of_them_fit(world, make_event):
    event = make_event(capacity=3)
    first, second, third = people(world, 3)
    places.register(event, first, first, places.Wish(companions=1))
    places.register(event, second, second, places.Wish(companions=1))
    assert state(event, second) == State.WAITING
    places.register(event, third, third)
    assert state(event, third) == State.WAITING, "nobody overtakes the line"
    planning.change(set_(event, capacity=4), ["capacity"], world.person("ansprechperson"))
    assert state(event, second) == State.OFFERED
    with pytest.raises(DomainError, match="nur 4"):
        places.register(event, world.person("member"), world.person("member"), places.Wish(4))


def set_(event, **values):
    found = Event.objects.get(pk=event.pk)
    for name, value in values.items():
        setattr(found, name, value)
    return found


def test_the_capacity_cannot_fall_below_who_is_registered(world, make_event):
    event = make_event(capacity=5)
    for one in people(world, 3):
        places.register(event, one, one)
    with pytest.raises(DomainError, match="3 Plätze"):
        planning.change(set_(event, capacity=2), ["capacity"], world.person("ansprechperson"))


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"state": "cancelled"}, "abgesagt"),
        ({"needs_registration": False}, "keine Anmeldung"),
        ({"register_until": clock.now() - timedelta(hours=1)}, "schon zu"),
    ],
)
def test_who_cannot_register_reads_why(world, make_event, values, why):
    event, person = make_event(), world.person("newcomer")
    Event.objects.filter(pk=event.pk).update(**values)
    with pytest.raises(DomainError, match=why):
        places.register(event, person, person)
    assert not Registration.objects.exists()


def test_two_events_at_once_are_named(world, make_event):
    person = world.person("newcomer")
    one, other = make_event(), make_event(title="Zzanderes")
    places.register(one, person, person)
    assert places.overlapping(other, person) == one
    assert places.overlapping(one, person) is None


def test_fifty_people_race_for_five_places(live_world):
    with scope("system:test"):
        event = announce(live_world, capacity=5)
        crowd = people(live_world, 50)
    for start in range(0, 50, 10):
        at_once(
            *(lambda one=one: places.register(event, one, one) for one in crowd[start : start + 10])
        )
    with scope("system:test"):
        found = Registration.objects.filter(event=event)
        assert found.filter(state=State.REGISTERED).count() == 5
        assert found.filter(state=State.WAITING).count() == 45
        line = list(found.in_line().values_list("queued_at", flat=True))
        assert all(one <= other for one, other in pairwise(line))
        taken = found.filter(state=State.REGISTERED).values_list("queued_at", flat=True)
        assert max(taken) <= min(line)


@pytest.mark.parametrize("turn", range(4))
def test_a_place_is_passed_on_while_who_freed_it_comes_back(live_world, turn):
    with scope("system:test"):
        event = announce(live_world, capacity=1)
        first, second = people(live_world, 2)
        for one in (first, second):
            places.register(event, one, one)
        own = Registration.objects.get(person=first)
    at_once(
        lambda: places.cancel(event, own, first),
        lambda: places.register(event, first, first),
        lambda: places.pass_on_offers(),
    )
    with scope("system:test"):
        found = Registration.objects.filter(event=event)
        assert found.holding().count() == 1
        assert found.holding().get().person == (
            second if state(event, first) != State.REGISTERED else first
        )


def test_a_guest_counts_only_after_the_link(world, make_event):
    event = make_event(audience="public", capacity=1)
    wish = places.Wish(needs="Stufenlos")
    for _ in range(2):
        guests.ask(event, "Zzgast Muster", "gast@example.org", wish)
    own = Registration.objects.get()
    assert (own.state, own.person) == (State.ASKED, None)
    assert mails(mailing.GUEST).count() >= 1
    assert guests.confirm(own).state == State.REGISTERED
    assert guests.confirm(own).state == State.REGISTERED
    guests.ask(event, "Jemand anderes", "gast@example.org", places.Wish())
    own.refresh_from_db()
    assert (own.guest_name, own.state) == ("Zzgast Muster", State.REGISTERED)


def test_a_guest_who_never_confirms_is_forgotten(world, make_event):
    event = make_event(audience="public")
    guests.ask(event, "Zzgast", "gast@example.org", places.Wish())
    guests.forget_unconfirmed()
    assert Registration.objects.count() == 1
    with time_machine.travel(clock.now() + timedelta(hours=73)):
        guests.forget_unconfirmed()
    assert not Registration.objects.exists()


def test_the_list_is_ticked_from_shortly_before_on(world, make_event):
    event, person = make_event(), world.person("newcomer")
    own = places.register(event, person, person)
    contact = world.person("ansprechperson")
    with pytest.raises(DomainError, match="kurz vor Beginn"):
        places.mark(own, True, contact)
    with time_machine.travel(event.starts_at):
        places.mark(own, True, contact)
        places.arrive(event, world.person("member"), contact)
    assert Registration.objects.filter(event=event, came=True).count() == 2
