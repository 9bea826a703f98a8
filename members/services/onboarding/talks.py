"""Log talks and attempts; a personal exchange fulfils a promise (B2, R3)."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from members.models import Contact, Milestone, Onboarding, Person, Step
from members.services.onboarding.ending import settle, tick
from portal.common import audit, clock
from portal.common.errors import DomainError

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


@dataclass(frozen=True, slots=True)
class Talk:
    """What was entered about one conversation or attempt."""

    kind: str
    result: str
    submit_token: UUID
    note: str = ""


@transaction.atomic
def log_contact(onboarding: Onboarding, made_by: Person, talk: Talk) -> Contact:
    """Log one conversation; a personal exchange fulfils the promise that is open now (B2, R3).

    Sending the same `submit_token` again returns the first row. Raises DomainError when the
    onboarding has ended in the meantime.
    """
    onboarding = (
        Onboarding.objects.select_for_update(of=("self",))
        .select_related("person")
        .get(pk=onboarding.pk)
    )
    earlier = Contact.objects.filter(submit_token=talk.submit_token).first()
    if earlier:
        return earlier
    if onboarding.state != Onboarding.State.RUNNING:
        raise DomainError("Hier ist nichts mehr offen. Das Gespräch wurde nicht eingetragen.")
    contact = Contact.objects.create(
        onboarding=onboarding,
        made_by=made_by,
        made_on=clock.today(),
        kind=talk.kind,
        result=talk.result,
        note=talk.note,
        created_at=clock.now(),
        submit_token=talk.submit_token,
        asked_before=onboarding.asked_for_call_at,
        follow_up_before=onboarding.follow_up_on,
    )
    _close(contact, onboarding)
    if talk.result in (Contact.Result.REACHED, Contact.Result.NO_CONTACT):
        onboarding.asked_for_call_at = None
        onboarding.save(update_fields=["asked_for_call_at"])
    settle(onboarding)
    audit.record("contact.logged", made_by.pk, onboarding, ["contacts"])
    return contact


def _counts(contact: Contact, person: Person) -> bool:
    if contact.result != Contact.Result.REACHED:
        return False
    kind = Contact.Kind(contact.kind)
    return kind in SPOKEN or WRITTEN.get(kind) == person.preferred_channel


def _close(contact: Contact, onboarding: Onboarding) -> None:
    """Close what this talk answers; the second contact only counts once it has opened."""
    contacts = onboarding.milestones.open().filter(kind=Step.Kind.CONTACT)
    if contact.result == Contact.Result.NO_CONTACT:
        contacts.update(state=Milestone.State.VOID, closed_by=contact)
        return
    milestone = contacts.filter(opens_on__lte=contact.made_on).first()
    if milestone and _counts(contact, onboarding.person):
        tick(milestone, contact.made_on, contact)


@transaction.atomic
def ask_for_call(onboarding: Onboarding) -> None:
    """„Bei mir hat sich noch niemand gemeldet“: goes on top of everybody's list (R2)."""
    onboarding.asked_for_call_at = onboarding.asked_for_call_at or clock.now()
    onboarding.save(update_fields=["asked_for_call_at"])
    audit.record("onboarding.asked_for_call", onboarding.person_id, onboarding)
