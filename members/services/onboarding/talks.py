"""Log talks and attempts; a personal exchange fulfils a promise (B2, R3)."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction

from members.models import Contact, Milestone, Onboarding, Person, Step
from members.services.onboarding import attempts
from members.services.onboarding.ending import settle, tick
from portal.common import audit, clock
from portal.common.errors import DomainError

Result = Contact.Result
SPOKEN = {
    Contact.Kind.CALL,
    Contact.Kind.MEETING,
    Contact.Kind.VISIT,
    Contact.Kind.VIDEO,
    Contact.Kind.EVENT,
}
# A written exchange counts like a talk if the newcomer chose that channel (R3).
WRITTEN = {
    Contact.Kind.EMAIL: Person.Channel.EMAIL,
    Contact.Kind.MESSENGER: Person.Channel.MESSENGER,
    Contact.Kind.LETTER: Person.Channel.LETTER,
}
# Whoever puts a call off for longer has forgotten it.
LONGEST_WAIT = timedelta(days=92)


@dataclass(frozen=True, slots=True)
class Talk:
    """What was entered about one conversation or attempt."""

    kind: str
    result: str
    submit_token: UUID
    note: str = ""
    follow_up_on: date | None = None
    partner: str = ""


def locked(onboarding: Onboarding) -> Onboarding:
    """Whatever changes promises takes this lock first: one after the other.

    After the person, like an answer by telephone, which may change both.
    """
    Person.objects.select_for_update(no_key=True, of=("self",)).get(pk=onboarding.person_id)
    rows = Onboarding.objects.select_for_update(of=("self",)).select_related("person")
    return rows.get(pk=onboarding.pk)


@transaction.atomic
def log_contact(onboarding: Onboarding, made_by: Person, talk: Talk) -> Contact:
    """Log one conversation; a personal exchange fulfils the promise that is open now (B2, R3).

    Sending the same `submit_token` again returns the first row. Raises DomainError when the
    onboarding has ended in the meantime.
    """
    onboarding = locked(onboarding)
    earlier = Contact.objects.filter(submit_token=talk.submit_token).first()
    if earlier:
        return earlier
    if onboarding.state != Onboarding.State.RUNNING:
        raise DomainError("Hier ist nichts mehr offen. Das Gespräch wurde nicht eingetragen.")
    if talk.follow_up_on:
        _require_soon(talk.follow_up_on)
    contact = Contact.objects.create(
        onboarding=onboarding,
        made_by=made_by,
        made_on=clock.today(),
        kind=talk.kind,
        result=talk.result,
        note=talk.note,
        partner=talk.partner,
        follow_up_on=talk.follow_up_on,
        created_at=clock.now(),
        submit_token=talk.submit_token,
        asked_before=onboarding.asked_for_call_at,
        follow_up_before=onboarding.follow_up_on,
    )
    _follow_up(contact)
    _close(contact)
    onboarding.save(update_fields=["asked_for_call_at", "follow_up_on"])
    settle(onboarding)
    audit.record("contact.logged", made_by.pk, onboarding, ["contacts"])
    return contact


def _require_soon(day: date) -> None:
    if day < clock.today():
        raise DomainError("Dieser Tag ist schon vorbei. Bitte wähle einen anderen.")
    if day > clock.today() + LONGEST_WAIT:
        raise DomainError("Das ist zu lange hin. Bitte wähle einen Tag in den nächsten 3 Monaten.")


def _follow_up(contact: Contact) -> None:
    """Note when to call again; a day that is kept or has come is forgotten."""
    onboarding = contact.onboarding
    is_kept = contact.result in (Result.REACHED, Result.NO_CONTACT)
    if contact.result == Result.NO_CONTACT:
        contact.follow_up_on = onboarding.follow_up_on = None
        contact.save(update_fields=["follow_up_on"])
    elif contact.follow_up_on:
        onboarding.follow_up_on = contact.follow_up_on
    elif is_kept or (onboarding.follow_up_on and onboarding.follow_up_on <= contact.made_on):
        onboarding.follow_up_on = None


def _counts(contact: Contact, person: Person) -> bool:
    if contact.result != Result.REACHED:
        return False
    kind = Contact.Kind(contact.kind)
    return kind in SPOKEN or WRITTEN.get(kind) == person.preferred_channel


def _close(contact: Contact) -> None:
    """Close what this talk answers; the second contact only counts once it has opened."""
    onboarding = contact.onboarding
    contacts = onboarding.milestones.open().filter(kind=Step.Kind.CONTACT)
    if contact.result in (Result.REACHED, Result.NO_CONTACT):
        onboarding.asked_for_call_at = None
    if contact.result == Result.NO_CONTACT:
        contacts.update(state=Milestone.State.VOID, closed_by=contact)
        _leave_alone(onboarding.person, contact.made_on)
        return
    milestone = contacts.filter(opens_on__lte=contact.made_on).first()
    if milestone is None:
        return
    if _counts(contact, onboarding.person):
        tick(milestone, contact.made_on, contact)
    elif contact.result == Result.NOT_REACHED:
        attempts.give_up_if_tried_enough(contact, milestone)


def _leave_alone(person: Person, since: date) -> None:
    if person.no_contact_since is None:
        person.no_contact_since = since
        person.save(update_fields=["no_contact_since"])


@transaction.atomic
def put_off(onboarding: Onboarding, until: date | None, by: Person) -> None:
    """„Nächste Woche“: nobody calls before that day; None takes that back.

    The promise keeps its date.
    """
    onboarding = locked(onboarding)
    if onboarding.state != Onboarding.State.RUNNING:
        raise DomainError("Hier ist nichts mehr offen.")
    if until:
        _require_soon(until)
    onboarding.follow_up_on = until
    onboarding.save(update_fields=["follow_up_on"])
    audit.record("onboarding.put_off", by.pk, onboarding, ["follow_up_on"])
