import uuid
from datetime import timedelta

import pytest
import time_machine

from members import tasks
from members.models import Amt, Contact, Milestone, Onboarding, Person
from members.queries.responsible import ResponsiblePeople, shown_contact
from members.services import onboarding as service
from portal.common import clock
from portal.common.errors import DomainError
from tests.concurrency import at_once
from tests.retention_help import tonight
from tests.world import make_amt, make_newcomer, make_person

Kind, Result, Channel = Contact.Kind, Contact.Result, Person.Channel


@pytest.fixture
def arrival(world):
    return make_newcomer("Neu", world.gliederung("Gehrden"), days=20)


def log(onboarding, world, result=Result.REACHED, kind=Kind.CALL, token=None):
    talk = service.Talk(kind, result, token or uuid.uuid4())
    return service.log_contact(onboarding, world.person("ansprechperson"), talk)


def states(onboarding):
    return [milestone.state for milestone in onboarding.milestones.all()]


@pytest.mark.parametrize("kind", [Kind.CALL, Kind.MEETING, Kind.VISIT, Kind.VIDEO])
def test_a_talk_fulfils_the_first_promise(world, arrival, kind):
    contact = log(arrival, world, kind=kind)
    assert states(arrival) == ["done", "open", "open"]
    assert contact.closed.get().done_on == clock.today()


@pytest.mark.parametrize(
    ("channel", "kind", "expected"),
    [
        (Channel.EMAIL, Kind.EMAIL, "done"),
        (Channel.MESSENGER, Kind.MESSENGER, "done"),
        (Channel.LETTER, Kind.LETTER, "done"),
        (Channel.PHONE, Kind.EMAIL, "open"),
        (Channel.EMAIL, Kind.MESSENGER, "open"),
        (Channel.EMAIL, Kind.CALL, "done"),
    ],
)
def test_writing_counts_only_in_the_channel_the_newcomer_chose(
    world, arrival, channel, kind, expected
):
    Person.objects.filter(pk=arrival.person_id).update(preferred_channel=channel)
    log(arrival, world, kind=kind)
    assert states(arrival)[0] == expected


@pytest.mark.parametrize("result", [Result.NOT_REACHED, Result.CALL_BACK])
def test_an_attempt_is_logged_and_fulfils_nothing(world, arrival, result):
    assert log(arrival, world, result).closed.count() == 0
    assert states(arrival) == ["open", "open", "open"]


def test_a_wish_for_no_contact_voids_the_talks_and_leaves_the_parteibuch(world, arrival):
    log(arrival, world, Result.NO_CONTACT)
    assert states(arrival) == ["void", "open", "void"]


def test_a_second_talk_in_the_first_weeks_is_not_the_talk_after_six_months(world, arrival):
    log(arrival, world)
    assert log(arrival, world).closed.count() == 0
    assert states(arrival) == ["done", "open", "open"]


def test_after_three_months_a_talk_is_the_second_one(world, arrival):
    log(arrival, world)
    with time_machine.travel(clock.now() + timedelta(days=90)):
        log(arrival, world)
    assert states(arrival) == ["done", "open", "done"]


def test_when_everything_is_kept_the_newcomer_has_arrived(world, arrival):
    log(arrival, world)
    service.hand_over(arrival.milestones.get(code="parteibuch"), world.person("ansprechperson"))
    with time_machine.travel(clock.now() + timedelta(days=120)):
        log(arrival, world)
    arrival.refresh_from_db()
    assert arrival.state == Onboarding.State.FINISHED
    with pytest.raises(DomainError, match="nichts mehr offen"):
        log(arrival, world)


def test_handing_over_twice_changes_nothing_the_second_time(world, arrival):
    milestone = arrival.milestones.get(code="parteibuch")
    service.hand_over(milestone, world.person("ansprechperson"))
    with time_machine.travel(clock.now() + timedelta(days=3)):
        service.hand_over(milestone, world.person("deputy"))
    milestone.refresh_from_db()
    assert milestone.done_on == clock.today()


def test_a_talk_cannot_be_handed_over(world, arrival):
    with pytest.raises(DomainError, match="wie es war"):
        service.hand_over(arrival.milestones.first(), world.person("ansprechperson"))


def test_the_same_tap_is_logged_once(world, arrival):
    token = uuid.uuid4()
    first, second = log(arrival, world, token=token), log(arrival, world, token=token)
    assert first == second
    assert arrival.contacts.count() == 1


def test_two_people_log_the_same_talk_at_once_and_one_promise_is_kept(live_world):
    arrival = make_newcomer("Neu", live_world.gliederung("Gehrden"), days=20)

    def tap(role):
        talk = service.Talk(Kind.CALL, Result.REACHED, uuid.uuid4())
        service.log_contact(arrival, live_world.person(role), talk)

    at_once(lambda: tap("ansprechperson"), lambda: tap("deputy"))
    assert sorted(c.closed.count() for c in arrival.contacts.all()) == [0, 1]


def test_reaching_somebody_answers_their_call_for_help(world, arrival):
    service.ask_for_call(arrival)
    log(arrival, world, Result.NOT_REACHED)
    arrival.refresh_from_db()
    assert arrival.asked_for_call_at is not None
    log(arrival, world)
    arrival.refresh_from_db()
    assert arrival.asked_for_call_at is None


def test_a_wish_for_no_contact_takes_the_newcomer_off_every_list(world, arrival):
    service.ask_for_call(arrival)
    log(arrival, world, Result.NO_CONTACT)
    arrival.refresh_from_db()
    assert arrival.asked_for_call_at is None


def test_saying_it_twice_keeps_the_first_moment(world, arrival):
    service.ask_for_call(arrival)
    first = arrival.asked_for_call_at
    with time_machine.travel(clock.now() + timedelta(days=1)):
        service.ask_for_call(arrival)
    assert arrival.asked_for_call_at == first


def test_a_handover_and_a_talk_at_once_leave_the_right_next_date(live_world):
    arrival = make_newcomer("Neu", live_world.gliederung("Gehrden"), days=20)
    milestone = arrival.milestones.get(code="parteibuch")
    arrival.milestones.filter(code="zweitkontakt").update(state=Milestone.State.VOID)
    by = live_world.person("ansprechperson")
    talk = service.Talk(Kind.CALL, Result.REACHED, uuid.uuid4())
    at_once(
        lambda: service.hand_over(milestone, by),
        lambda: service.log_contact(arrival, by, talk),
    )
    arrival.refresh_from_db()
    assert (arrival.state, arrival.next_due_on) == (Onboarding.State.FINISHED, None)


def test_every_night_newcomers_of_an_ended_office_get_somebody_else(world, arrival):
    Amt.objects.filter(person=world.person("ansprechperson")).update(
        ende=clock.today() - timedelta(days=1)
    )
    tasks.new_day()
    arrival.refresh_from_db()
    assert (arrival.responsible, arrival.responsible_stands_in) == (world.person("deputy"), False)


def test_a_new_office_takes_over_from_whoever_stood_in(world):
    lonely = make_newcomer("Allein", world.gliederung("Springe"))
    assert lonely.responsible_stands_in is True
    person = make_person("Zuversicht", world.gliederung("Springe"))
    make_amt(person, world.gliederung("Springe"), Amt.Kind.ANSPRECHPERSON)
    tasks.new_day()
    lonely.refresh_from_db()
    assert (lonely.responsible, lonely.responsible_stands_in) == (person, False)


def test_the_day_of_majority_is_forgotten_when_it_is_reached(world):
    young = make_person("Jung", None, adult_on=clock.today() + timedelta(days=1))
    tonight("person.minor")
    young.refresh_from_db()
    assert young.is_minor is True
    with time_machine.travel(clock.now() + timedelta(days=1)):
        tonight("person.minor")
    young.refresh_from_db()
    assert young.adult_on is None


def test_only_one_onboarding_runs_per_person(world, arrival):
    from django.db import IntegrityError

    with pytest.raises(IntegrityError, match="onboarding_one_running"):
        service.start_many([service.Arrival(arrival.person, clock.today())])


# --- Who is responsible -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gone", "responsible", "stands_in"),
    [
        ([], "ansprechperson", False),
        (["ansprechperson"], "deputy", False),
        (["ansprechperson", "deputy"], "vorsitz", True),
        (["ansprechperson", "deputy", "vorsitz"], "staff", True),
    ],
)
def test_the_next_different_office_up_the_tree_is_responsible(world, gone, responsible, stands_in):
    for role in gone:
        Amt.objects.filter(person=world.person(role)).update(ende=clock.today() - timedelta(1))
    found = ResponsiblePeople().find(world.gliederung("Gehrden"))
    assert (found.person_id, found.stands_in) == (world.person(responsible).pk, stands_in)


def test_an_office_without_pledge_or_training_is_not_responsible(world):
    Amt.objects.filter(person=world.person("ansprechperson")).update(trained_on=None)
    found = ResponsiblePeople().find(world.gliederung("Gehrden"))
    assert found.person_id == world.person("deputy").pk


def test_nobody_is_responsible_for_themselves(world):
    contact = world.person("ansprechperson")
    found = ResponsiblePeople().find(world.gliederung("Gehrden"), without=[contact.pk])
    assert found.person_id == world.person("deputy").pk


def test_an_office_ends_after_24_months_at_the_latest(world):
    person = make_person("Ewig", world.gliederung("Springe"))
    make_amt(person, world.gliederung("Springe"), Amt.Kind.ANSPRECHPERSON, beginn=clock.today())
    last_day = clock.today() + timedelta(days=729)
    assert Amt.objects.active(last_day).filter(person=person).exists() is True
    assert Amt.objects.active(last_day + timedelta(2)).filter(person=person).exists() is False


@pytest.mark.parametrize(
    ("choice", "number"),
    [
        (Amt.ShownPhone.OWN, "+49 151 1234567"),
        (Amt.ShownPhone.OFFICE, "0511 123456"),
        (Amt.ShownPhone.NONE, ""),
    ],
)
def test_newcomers_see_the_number_the_contact_chose(world, choice, number):
    person = world.person("ansprechperson")
    person.mobile = "+49 151 1234567"
    person.save()
    Amt.objects.filter(person=person).update(shown_phone=choice)
    arrival = make_newcomer("Neu", world.gliederung("Gehrden"))
    assert shown_contact(arrival, "0511 123456").phone == number


def test_milestones_stay_as_they_were_when_the_template_changes(world, arrival):
    from members.models import Step

    Step.objects.filter(code="erstkontakt").update(title="Anders", due_after_months=2)
    milestone = Milestone.objects.get(onboarding=arrival, position=1)
    assert milestone.title == "Erstes Gespräch"


def test_the_next_date_of_an_onboarding_is_always_its_first_open_one(world, arrival):
    def agrees():
        arrival.refresh_from_db()
        dates = [m.due_on for m in arrival.milestones.open()]
        return arrival.next_due_on == min(dates, default=None)

    assert agrees()
    log(arrival, world)
    assert agrees()
    service.hand_over(arrival.milestones.get(code="parteibuch"), world.person("ansprechperson"))
    assert agrees()
    service.close([arrival.person])
    assert agrees()
    assert arrival.next_due_on is None
