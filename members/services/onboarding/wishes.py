"""What newcomers say themselves: call me, call me again, you may talk to me again."""

from django.db import transaction

from members import deadlines
from members.models import Contact, Milestone, Onboarding, Person, RightsRequest, Step
from members.services.onboarding.attempts import take_back_last_letter
from members.services.onboarding.ending import has_left, settle
from members.services.onboarding.responsibility import reassign
from members.services.onboarding.talks import locked
from portal.common import audit, clock

State = Milestone.State


@transaction.atomic
def ask_for_call(onboarding: Onboarding) -> None:
    """„Bei mir hat sich noch niemand gemeldet“, „Ruft mich noch einmal an“ (R2, R3).

    Goes on top of everybody's list; what was given up or unwanted is promised anew.
    """
    onboarding = _running_instead(locked(onboarding))
    if not can_ask_for_call(onboarding):
        return
    _promise_again(onboarding)
    if onboarding.state == Onboarding.State.RUNNING:
        onboarding.asked_for_call_at = onboarding.asked_for_call_at or clock.now()
        onboarding.follow_up_on = None
        onboarding.save(update_fields=["asked_for_call_at", "follow_up_on"])


@transaction.atomic
def allow_contact(person: Person) -> None:
    """„Ihr dürft mich wieder ansprechen“: promises hold again, invitations may come again."""
    newest = person.onboardings.order_by("-started_on", "-arrived_on").first()
    if newest is None:
        _welcome_contact(person)
        return
    onboarding = _running_instead(locked(newest))
    if onboarding.state != Onboarding.State.CLOSED and not has_left(person):
        _promise_again(onboarding)
    _welcome_contact(onboarding.person)


@transaction.atomic
def leave_alone(person: Person, by: Person) -> bool:
    """Nobody calls or writes any more, until they say otherwise; what is promised waits.

    Returns whether that is new.
    """
    if person.no_contact_since is not None:
        return False
    person.no_contact_since = clock.today()
    person.save(update_fields=["no_contact_since"])
    audit.record("person.no_contact", by.pk, person, ["no_contact_since"])
    return True


def can_ask_for_call(onboarding: Onboarding) -> bool:
    """While something is promised, and after a talk was given up: one tap brings it back."""
    if onboarding.state == Onboarding.State.FINISHED:
        given_up = onboarding.milestones.filter(state=State.UNREACHED).exists()
        return given_up and not has_left(onboarding.person)
    return onboarding.state == Onboarding.State.RUNNING


def _running_instead(onboarding: Onboarding) -> Onboarding:
    """An old letter may name an onboarding that a newer one has followed."""
    if onboarding.state == Onboarding.State.RUNNING:
        return onboarding
    running = Onboarding.objects.running().filter(person=onboarding.person_id).first()
    return locked(running) if running else onboarding


def _promise_again(onboarding: Onboarding) -> None:
    """Open what was given up or unwanted, due two weeks from now at the earliest.

    Of two given up one is enough: nobody needs two first talks.
    """
    person = onboarding.person
    talks = onboarding.milestones.filter(kind=Step.Kind.CONTACT)
    unwanted = talks.filter(state=State.VOID, closed_by__result=Contact.Result.NO_CONTACT)
    again = [*talks.filter(state=State.UNREACHED)[:1], *unwanted]
    _welcome_contact(person)
    grace = deadlines.next_working_day(clock.today() + deadlines.GRACE)
    for milestone in again:
        milestone.state, milestone.closed_by = State.OPEN, None
        milestone.due_on = max(milestone.due_on, grace)
        milestone.save(update_fields=["state", "closed_by", "due_on"])
    if again:
        take_back_last_letter(onboarding)
        settle(onboarding)
        reassign([person])  # whoever was responsible may be gone by now
        audit.record("onboarding.promised_again", person.pk, onboarding, ["milestones"])


def _welcome_contact(person: Person) -> None:
    if person.no_contact_since is not None:
        person.no_contact_since = None
        person.save(update_fields=["no_contact_since"])
        RightsRequest.objects.take_back(person, RightsRequest.Objection.CONTACT)
        audit.record("person.may_be_contacted", person.pk, person, ["no_contact_since"])
