"""Three attempts on two channels over two weeks end the trying; one tap begins it again (R3)."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from members.models import Amt, Contact, Membership, Onboarding, Person
from members.queries import newcomers
from members.services import answers
from members.services import onboarding as service
from portal.common import clock, links
from portal.common.models import OutgoingMail
from portal.common.outbox import services as outbox
from portal.common.scope import scope
from tests.concurrency import at_once
from tests.world import make_newcomer

Kind, Result = Contact.Kind, Contact.Result
ENOUGH = ((0, Kind.CALL), (7, Kind.EMAIL), (14, Kind.CALL))


@pytest.fixture
def arrival(world):
    return make_newcomer("Neu", world.gliederung("Gehrden"), days=20)


def log(onboarding, by, result=Result.NOT_REACHED, kind=Kind.CALL, **more):
    talk = service.Talk(kind, result, uuid.uuid4(), **more)
    return service.log_contact(onboarding, by, talk)


def tries(onboarding, by, attempts=ENOUGH):
    """Log attempts on these days from now, and return the last."""
    start, contact = clock.now(), None
    for days, kind in attempts:
        with time_machine.travel(start + timedelta(days=days)):
            contact = log(onboarding, by, kind=kind)
    return contact


def states(onboarding):
    return [milestone.state for milestone in onboarding.milestones.all()]


def letters(onboarding):
    return OutgoingMail.objects.filter(kind=service.LAST_LETTER, recipient_key=onboarding.person_id)


def test_three_attempts_on_two_channels_over_two_weeks_close_the_promise(world, arrival):
    by = world.person("ansprechperson")
    contact = tries(arrival, by)

    assert states(arrival) == ["unreached", "open", "open"]
    milestone = contact.closed.get()
    assert (milestone.position, milestone.done_on) == (1, None)
    arrival.refresh_from_db()
    assert arrival.state == Onboarding.State.RUNNING
    assert arrival.next_due_on == arrival.milestones.get(code="parteibuch").due_on


@pytest.mark.parametrize(
    "attempts",
    [
        ((0, Kind.CALL), (14, Kind.EMAIL)),  # two
        ((0, Kind.CALL), (7, Kind.CALL), (14, Kind.CALL)),  # one channel
        ((0, Kind.MEETING), (7, Kind.VISIT), (14, Kind.EVENT)),  # one channel with three names
        ((0, Kind.CALL), (7, Kind.EMAIL), (13, Kind.CALL)),  # thirteen days
    ],
)
def test_less_than_that_closes_nothing(world, arrival, attempts):
    tries(arrival, world.person("ansprechperson"), attempts)
    assert states(arrival) == ["open", "open", "open"]
    assert letters(arrival).count() == 0


@pytest.mark.parametrize("answer", [Result.CALL_BACK, Result.REACHED])
def test_a_sign_of_life_makes_the_counting_begin_anew(world, arrival, answer):
    by = world.person("ansprechperson")
    Person.objects.filter(pk=arrival.person_id).update(preferred_channel="phone")
    tries(arrival, by, ENOUGH[:2])
    with time_machine.travel(clock.now() + timedelta(days=8)):
        log(arrival, by, answer, Kind.EMAIL)  # no talk in the channel they chose: still open
    with time_machine.travel(clock.now() + timedelta(days=14)):
        log(arrival, by)
    assert states(arrival) == ["open", "open", "open"]


def test_whoever_asked_for_a_call_is_tried_three_times_after_that(world, arrival):
    by = world.person("ansprechperson")
    tries(arrival, by, ENOUGH[:2])
    with time_machine.travel(clock.now() + timedelta(days=8)):
        service.ask_for_call(arrival)
    with time_machine.travel(clock.now() + timedelta(days=14)):
        log(arrival, by)
    assert states(arrival) == ["open", "open", "open"]


def test_nobody_is_reminded_of_somebody_given_up(world, arrival):
    by = world.person("ansprechperson")
    service.ask_for_call(arrival)
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        tries(arrival, by)
    arrival.refresh_from_db()
    assert (arrival.asked_for_call_at, arrival.follow_up_on) == (None, None)
    with time_machine.travel(clock.now() + timedelta(days=15)):
        calls = newcomers.heute(world.user("ansprechperson")).calls
    assert arrival.pk not in {call.pk for call in calls}


def test_the_second_talk_opens_in_its_own_time_and_can_be_given_up_too(world, arrival):
    by = world.person("ansprechperson")
    tries(arrival, by)
    service.hand_over(arrival.milestones.get(code="parteibuch"), by)
    with time_machine.travel(clock.now() + timedelta(days=100)):
        tries(arrival, by, ENOUGH[:2])
        assert states(arrival) == ["unreached", "done", "open"]
        with time_machine.travel(clock.now() + timedelta(days=14)):
            log(arrival, by)
    assert states(arrival) == ["unreached", "done", "unreached"]
    arrival.refresh_from_db()
    assert (arrival.state, arrival.next_due_on) == (Onboarding.State.FINISHED, None)
    # Who never answered gets one last letter, not two.
    assert letters(arrival).count() == 1


def test_the_last_letter_goes_out_once_with_a_way_back(world, arrival, mailoutbox):
    tries(arrival, world.person("ansprechperson"))
    with time_machine.travel(clock.now() + timedelta(days=15)):
        outbox.drain()
    [mail] = mailoutbox
    assert mail.subject == "Melde dich, wann du willst, Kim"
    assert "call-again" not in mail.body  # the link is signed, not readable
    assert mail.body.count("Bitte ruft mich noch einmal an: http") == 1


def test_people_without_mail_get_it_on_paper(world):
    arrival = make_newcomer("Neu", world.gliederung("Gehrden"), email="")
    tries(arrival, world.person("ansprechperson"))
    assert letters(arrival).get().channel == OutgoingMail.Channel.LETTER


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (lambda a, by: service.ask_for_call(a), None),
        (lambda a, by: service.close([a.person]), "Ankommen beendet"),
        (
            lambda a, by: Membership.objects.filter(person=a.person).update(
                has_ended=True, left_on=clock.today()
            ),
            "ausgetreten",
        ),
        (lambda a, by: log(a, by, Result.NO_CONTACT), "möchte keinen Kontakt"),
    ],
)
def test_a_last_letter_that_is_not_true_any_more_does_not_leave(
    world, arrival, mailoutbox, happens, reason
):
    by = world.person("ansprechperson")
    tries(arrival, by)
    happens(arrival, by)
    with time_machine.travel(clock.now() + timedelta(days=15)):
        outbox.drain()
    assert mailoutbox == []
    assert [mail.reason for mail in letters(arrival)] == ([reason] if reason else [])


# --- The way back -----------------------------------------------------------------------------


def test_one_tap_promises_a_call_within_two_weeks(world, arrival, client):
    tries(arrival, world.person("ansprechperson"))
    url = links.signed_url("call-again", str(arrival.pk))
    with time_machine.travel(clock.now() + timedelta(days=60)):
        page = client.get(url).content.decode()
        assert page.count("Sollen wir dich noch einmal anrufen?") == 1
        assert states(arrival) == ["unreached", "open", "open"]  # looking changes nothing
        client.post(url)
        today = clock.today()

    assert states(arrival) == ["open", "open", "open"]
    arrival.refresh_from_db()
    milestone = arrival.milestones.first()
    assert milestone.closed_by is None
    assert today + timedelta(days=14) <= milestone.due_on <= today + timedelta(days=18)
    assert arrival.asked_for_call_at is not None


def test_an_old_letter_still_opens_what_was_finished(world, arrival, client):
    by = world.person("ansprechperson")
    tries(arrival, by)
    arrival.milestones.exclude(position=1).update(state="void")
    arrival.refresh_from_db()
    service.settle(arrival)
    assert arrival.state == Onboarding.State.FINISHED

    client.post(links.signed_url("call-again", str(arrival.pk)))

    arrival.refresh_from_db()
    assert (arrival.state, arrival.milestones.first().state) == (Onboarding.State.RUNNING, "open")


def test_mein_start_has_the_button_and_it_reopens(world, client_as):
    arrival = world.onboarding("newcomer")
    tries(arrival, world.person("ansprechperson"))
    client = client_as("newcomer")
    page = client.get(reverse("dashboards:mein_start")).content.decode()
    assert page.count("Bitte ruft mich noch einmal an") == 1

    client.post(reverse("dashboards:nobody_called"))

    assert states(arrival) == ["open", "open", "open"]
    page = client.get(reverse("dashboards:mein_start")).content.decode()
    assert page.count("Bitte ruft mich noch einmal an") == 0


def test_it_can_be_said_on_the_phone(world, arrival):
    by = world.person("ansprechperson")
    tries(arrival, by)
    answers.enter(arrival.person, {"nobody_called": "ja"}, by)
    assert states(arrival) == ["open", "open", "open"]


def test_whoever_asked_again_and_is_silent_again_gets_another_letter(world, arrival):
    by = world.person("ansprechperson")
    tries(arrival, by)
    letters(arrival).update(state="sent", sent_at=clock.now())
    with time_machine.travel(clock.now() + timedelta(days=30)):
        service.ask_for_call(arrival)
    with time_machine.travel(clock.now() + timedelta(days=31)):
        tries(arrival, by)
    assert states(arrival) == ["unreached", "open", "open"]
    assert letters(arrival).count() == 2


def test_nobody_who_has_left_is_promised_anything_by_an_old_letter(world, arrival, client):
    tries(arrival, world.person("ansprechperson"))
    arrival.milestones.exclude(position=1).update(state="void")
    arrival.refresh_from_db()
    service.settle(arrival)
    Membership.objects.filter(person=arrival.person).update(has_ended=True, left_on=clock.today())
    url = links.signed_url("call-again", str(arrival.pk))
    assert "Sollen wir" not in client.get(url).content.decode()
    client.post(url)
    service.ask_for_call(arrival)
    service.allow_contact(arrival.person)
    arrival.refresh_from_db()
    assert (arrival.state, states(arrival)[0]) == (Onboarding.State.FINISHED, "unreached")


def test_whoever_comes_back_late_gets_the_person_responsible_now(world, arrival):
    by = world.person("ansprechperson")
    tries(arrival, by)
    arrival.milestones.exclude(position=1).update(state="void")
    arrival.refresh_from_db()
    service.settle(arrival)
    Amt.objects.filter(person=by).update(ende=clock.today() - timedelta(days=1))
    service.ask_for_call(arrival)
    arrival.refresh_from_db()
    assert arrival.responsible == world.person("deputy")


# --- No contact ---------------------------------------------------------------------------


def test_no_contact_is_noted_at_the_person_and_one_tap_takes_it_back(world, client_as):
    arrival, by = world.onboarding("newcomer"), world.person("ansprechperson")
    log(arrival, by, Result.NO_CONTACT)
    person = world.person("newcomer")
    person.refresh_from_db()
    assert person.no_contact_since == clock.today()
    client = client_as("newcomer")
    page = client.get(reverse("dashboards:mein_start")).content.decode()
    assert page.count("Ihr dürft mich wieder ansprechen") == 1

    client.post(reverse("dashboards:contact_again"))

    person.refresh_from_db()
    assert person.no_contact_since is None
    assert states(arrival) == ["open", "open", "open"]


def test_asking_for_a_call_takes_it_back_too(world, arrival):
    by = world.person("ansprechperson")
    log(arrival, by, Result.NO_CONTACT)
    service.ask_for_call(arrival)
    arrival.refresh_from_db()
    assert arrival.asked_for_call_at is not None
    assert Person.objects.get(pk=arrival.person_id).no_contact_since is None
    assert states(arrival) == ["open", "open", "open"]


def test_it_can_be_taken_back_on_the_phone(world, arrival):
    by = world.person("ansprechperson")
    log(arrival, by, Result.NO_CONTACT)
    person = Person.objects.get(pk=arrival.person_id)
    assert answers.enter(person, {"contact_again": "ja"}, by) == ["Möchte keinen Kontakt"]
    person.refresh_from_db()
    assert person.no_contact_since is None


def test_an_exit_taken_back_leaves_a_wish_for_no_contact_alone(world, arrival):
    log(arrival, world.person("ansprechperson"), Result.NO_CONTACT)
    service.close([arrival.person])
    service.reopen([arrival.person])
    assert states(arrival) == ["void", "open", "void"]


# --- At the same moment -------------------------------------------------------------------


def test_two_people_log_the_third_attempt_at_once_and_one_letter_is_written(live_world):
    arrival = make_newcomer("Neu", live_world.gliederung("Gehrden"), days=20)
    contact, deputy = live_world.person("ansprechperson"), live_world.person("deputy")
    tries(arrival, contact, ENOUGH[:2])
    with time_machine.travel(clock.now() + timedelta(days=14)):
        at_once(lambda: log(arrival, contact), lambda: log(arrival, deputy))
    with scope("system:test"):
        assert states(arrival) == ["unreached", "open", "open"]
        assert letters(arrival).count() == 1


def test_after_two_calls_in_vain_the_page_asks_for_another_way(world, arrival, client_as):
    """Without it nobody learns that five calls in vain end nothing (R3)."""
    sentence = "auf einem anderen Weg"

    def page(kind):
        contact = log(arrival, world.person("ansprechperson"), kind=kind)
        url = reverse("members:logged", args=[arrival.pk, contact.pk])
        return client_as("ansprechperson").get(url).content.decode()

    assert sentence not in page(Kind.CALL)
    assert sentence in page(Kind.CALL)
    assert sentence not in page(Kind.EMAIL)
