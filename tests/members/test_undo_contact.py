"""A talk entered by mistake is taken back with everything that followed from it."""

import uuid
from datetime import timedelta

import pytest
import time_machine

from members.models import Contact, Onboarding, Person
from members.services import onboarding as service
from portal.common import clock
from portal.common.errors import DomainError
from portal.common.models import AuditEvent, OutgoingMail
from portal.common.scope import scope
from tests.concurrency import at_once
from tests.members.test_attempts import ENOUGH, letters, log, states, tries
from tests.world import make_newcomer

Kind, Result = Contact.Kind, Contact.Result


@pytest.fixture
def arrival(world):
    return make_newcomer("Neu", world.gliederung("Gehrden"), days=20)


@pytest.fixture
def by(world):
    return world.person("ansprechperson")


def picture(onboarding):
    """Everything a talk may change."""
    onboarding = Onboarding.objects.get(pk=onboarding.pk)
    person = Person.objects.get(pk=onboarding.person_id)
    return (
        list(onboarding.milestones.values("state", "done_on", "closed_by", "due_on")),
        onboarding.state,
        onboarding.next_due_on,
        onboarding.asked_for_call_at,
        onboarding.follow_up_on,
        person.no_contact_since,
        onboarding.contacts.count(),
    )


@pytest.mark.parametrize("result", list(Result))
@pytest.mark.parametrize("follow_up", [None, 5])
def test_undo_leaves_everything_as_it_was(world, arrival, by, result, follow_up):
    service.put_off(arrival, clock.today() + timedelta(days=3), by)
    service.ask_for_call(arrival)
    service.put_off(arrival, clock.today() + timedelta(days=3), by)
    before = picture(arrival)
    day = clock.today() + timedelta(days=follow_up) if follow_up else None
    contact = log(arrival, by, result, follow_up_on=day)

    service.undo_contact(contact, by)

    assert picture(arrival) == before
    assert AuditEvent.objects.filter(code="contact.undone", actor=by.pk).count() == 1


def test_undoing_the_last_attempt_reopens_and_takes_the_letter_back(arrival, by):
    tries(arrival, by, ENOUGH[:2])
    before = picture(arrival)
    with time_machine.travel(clock.now() + timedelta(days=14)):
        contact = log(arrival, by)
        assert letters(arrival).count() == 1
        service.undo_contact(contact, by)
        assert (picture(arrival), letters(arrival).count()) == (before, 0)
        log(arrival, by)
    assert letters(arrival).count() == 1


def test_a_letter_that_has_left_stays_sent(arrival, by):
    contact = tries(arrival, by)
    letters(arrival).update(state=OutgoingMail.State.SENT, sent_at=clock.now())
    service.undo_contact(contact, by)
    assert states(arrival) == ["open", "open", "open"]
    assert letters(arrival).count() == 1


def test_undoing_the_talk_that_ended_everything_makes_it_run_again(arrival, by):
    service.hand_over(arrival.milestones.get(code="parteibuch"), by)
    arrival.milestones.filter(code="zweitkontakt").update(state="void")
    contact = log(arrival, by, Result.REACHED)
    arrival.refresh_from_db()
    assert arrival.state == Onboarding.State.FINISHED

    service.undo_contact(contact, by)

    arrival.refresh_from_db()
    assert (arrival.state, states(arrival)[0]) == (Onboarding.State.RUNNING, "open")


def test_only_the_newest_entry_can_be_taken_back(arrival, by):
    first = log(arrival, by, Result.REACHED)
    log(arrival, by)
    with pytest.raises(DomainError, match="zuerst das zurück"):
        service.undo_contact(first, by)


def test_taking_it_back_twice_is_said(arrival, by):
    contact = log(arrival, by)
    again = Contact.objects.get(pk=contact.pk)
    service.undo_contact(contact, by)
    with pytest.raises(DomainError, match="schon zurückgenommen"):
        service.undo_contact(again, by)


def test_after_an_exit_the_entry_stays(arrival, by):
    contact = log(arrival, by, Result.REACHED)
    service.close([arrival.person])
    with pytest.raises(DomainError, match="nicht mehr dabei"):
        service.undo_contact(contact, by)


def test_an_entry_that_ended_nothing_stays_when_all_is_done(arrival, by):
    contact = log(arrival, by)
    arrival.milestones.update(state="void")
    service.settle(arrival)
    with pytest.raises(DomainError, match="alles erledigt"):
        service.undo_contact(contact, by)


def test_it_stays_when_something_new_has_begun(arrival, by):
    arrival.milestones.exclude(position=1).update(state="void")
    contact = log(arrival, by, Result.REACHED)
    service.start_many([service.Arrival(arrival.person, clock.today())], "wieder-anschluss")
    with pytest.raises(DomainError, match="läuft schon etwas Neues"):
        service.undo_contact(contact, by)


def test_what_was_put_off_after_the_talk_stays(arrival, by):
    contact = log(arrival, by, follow_up_on=clock.today() + timedelta(days=3))
    later = clock.today() + timedelta(days=9)
    service.put_off(arrival, later, by)
    service.undo_contact(contact, by)
    arrival.refresh_from_db()
    assert arrival.follow_up_on == later


def test_a_call_asked_for_after_the_talk_stays(arrival, by):
    contact = log(arrival, by, Result.REACHED)
    service.ask_for_call(arrival)
    service.undo_contact(contact, by)
    arrival.refresh_from_db()
    assert arrival.asked_for_call_at is not None


def test_an_earlier_wish_for_no_contact_still_holds(arrival, by):
    log(arrival, by, Result.NO_CONTACT)
    with time_machine.travel(clock.now() + timedelta(days=1)):
        service.undo_contact(log(arrival, by, Result.NO_CONTACT), by)
    assert Person.objects.get(pk=arrival.person_id).no_contact_since == clock.today()


def test_undo_and_a_new_talk_at_once_end_in_one_of_two_orders(live_world):
    arrival = make_newcomer("Neu", live_world.gliederung("Gehrden"), days=20)
    by = live_world.person("ansprechperson")
    first = log(arrival, by, Result.REACHED)
    refused = []

    def undo():
        try:
            service.undo_contact(first, by)
        except DomainError as refusal:
            refused.append(refusal)

    at_once(undo, lambda: log(arrival, by, Result.REACHED))
    with scope("system:test"):
        assert arrival.contacts.count() == (2 if refused else 1)
        assert states(arrival) == ["done", "open", "open"]
        kept = arrival.milestones.get(position=1).closed_by
        assert kept is not None
        assert (kept.pk == first.pk) == bool(refused)


# --- A day to call again ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "kept"),
    [(Result.REACHED, False), (Result.NOT_REACHED, True), (Result.CALL_BACK, True)],
)
def test_reaching_somebody_forgets_the_day_to_call_again(arrival, by, result, kept):
    day = clock.today() + timedelta(days=4)
    service.put_off(arrival, day, by)
    log(arrival, by, result)
    arrival.refresh_from_db()
    assert arrival.follow_up_on == (day if kept else None)


def test_a_day_that_has_come_is_forgotten_by_trying(arrival, by):
    service.put_off(arrival, clock.today() + timedelta(days=4), by)
    with time_machine.travel(clock.now() + timedelta(days=4)):
        log(arrival, by)
    arrival.refresh_from_db()
    assert arrival.follow_up_on is None


@pytest.mark.parametrize(("days", "sentence"), [(-1, "schon vorbei"), (93, "zu lange hin")])
def test_days_nobody_can_mean_are_refused(arrival, by, days, sentence):
    day = clock.today() + timedelta(days=days)
    with pytest.raises(DomainError, match=sentence):
        service.put_off(arrival, day, by)
    with pytest.raises(DomainError, match=sentence):
        log(arrival, by, follow_up_on=day)
    assert arrival.contacts.count() == 0


def test_what_has_ended_cannot_be_put_off(arrival, by):
    service.close([arrival.person])
    with pytest.raises(DomainError, match="nichts mehr offen"):
        service.put_off(arrival, clock.today(), by)


def test_a_well_known_partner_is_noted(arrival, by):
    contact = service.log_contact(
        arrival, by, service.Talk(Kind.CALL, Result.REACHED, uuid.uuid4(), partner="Ada Rat")
    )
    contact.refresh_from_db()
    assert contact.partner == "Ada Rat"
