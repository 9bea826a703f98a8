"""A talk entered by mistake is taken back, with everything that followed from it."""

from django.db import transaction

from members.models import Contact, Milestone, Onboarding, Person, RightsRequest
from members.queries.timeline import SLIP
from members.services.onboarding.attempts import take_back_last_letter
from members.services.onboarding.ending import has_left, settle
from members.services.onboarding.talks import locked
from portal.common import audit, clock
from portal.common.errors import DomainError

Result = Contact.Result


@transaction.atomic
def undo_contact(contact: Contact, by: Person) -> None:
    """Delete the newest talk of an onboarding and reopen what it closed.

    Raises DomainError when something newer builds on it. A last letter that has left stays sent.
    """
    onboarding = locked(contact.onboarding)
    found = onboarding.contacts.order_by("-created_at", "-pk").first()
    _require_newest(contact, found, onboarding)
    assert found is not None  # said by the line above
    contact = found
    closed = list(contact.closed.all())
    _require_not_over(onboarding, bool(closed))
    for milestone in closed:
        milestone.state, milestone.done_on, milestone.closed_by = Milestone.State.OPEN, None, None
        milestone.save(update_fields=["state", "done_on", "closed_by"])
    _restore(onboarding, contact)
    take_back_last_letter(onboarding, contact.pk)
    contact.delete()
    settle(onboarding)
    audit.record("contact.undone", by.pk, onboarding, ["contacts"])


def _require_newest(contact: Contact, newest: Contact | None, onboarding: Onboarding) -> None:
    if not onboarding.contacts.filter(pk=contact.pk).exists():
        raise DomainError("Dieser Eintrag ist schon zurückgenommen.")
    if newest is None or newest.pk != contact.pk:
        raise DomainError(
            "Danach wurde schon etwas anderes eingetragen. Bitte nimm zuerst das zurück."
        )
    if newest.made_on <= clock.today() - SLIP:
        raise DomainError("Das ist zu lange her, um es zurückzunehmen. Der Eintrag bleibt.")


def _require_not_over(onboarding: Onboarding, has_closed: bool) -> None:
    name = onboarding.person.first_name
    if onboarding.state == Onboarding.State.CLOSED or has_left(onboarding.person):
        raise DomainError(f"{name} ist nicht mehr dabei. Der Eintrag bleibt, wie er ist.")
    if onboarding.state == Onboarding.State.RUNNING:
        return
    if not has_closed:
        raise DomainError("Hier ist inzwischen alles erledigt. Der Eintrag bleibt, wie er ist.")
    others = Onboarding.objects.running().filter(person=onboarding.person_id)
    if others.exclude(pk=onboarding.pk).exists():
        raise DomainError(f"Für {name} läuft schon etwas Neues. Der Eintrag bleibt, wie er ist.")


def _restore(onboarding: Onboarding, contact: Contact) -> None:
    """Put back what this entry had replaced, unless somebody has replaced it since."""
    if onboarding.asked_for_call_at is None:
        onboarding.asked_for_call_at = contact.asked_before
    if onboarding.follow_up_on == contact.follow_up_on:
        onboarding.follow_up_on = contact.follow_up_before
    onboarding.save(update_fields=["asked_for_call_at", "follow_up_on"])
    if contact.result == Result.NO_CONTACT:
        _may_be_contacted(onboarding, contact)


def _may_be_contacted(onboarding: Onboarding, contact: Contact) -> None:
    """Only this entry said so: another one, on another day, still holds."""
    person = onboarding.person
    same = Contact.objects.filter(onboarding__person=person, result=Result.NO_CONTACT)
    if same.exclude(pk=contact.pk).exists() or _objects_too(person):
        return
    if person.no_contact_since == contact.made_on:
        person.no_contact_since = None
        person.save(update_fields=["no_contact_since"])


def _objects_too(person: Person) -> bool:
    """What somebody objected to alone is not taken back with a slip of the telephone."""
    held = RightsRequest.objects.standing().filter(person=person)
    return held.filter(objection=RightsRequest.Objection.CONTACT).exists()
