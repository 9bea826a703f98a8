"""Applications (B6): enter one, decide about it, take the decision back. Nothing decides itself."""

from datetime import date

from django.db import transaction

from members.imports.plan import is_newcomer, newcomer_since
from members.models import Contact, Membership, Milestone, Onboarding, Person
from members.services import interest, onboarding, welcome
from members.services.people import lock_people
from portal.common import audit, clock
from portal.common.errors import DomainError
from portal.common.outbox import stopping
from portal.common.outbox.models import OutgoingMail

REFUSED = Membership.LeftReason.REFUSED


class AlreadyDecided(DomainError):
    """Somebody else was quicker."""


@transaction.atomic
def apply(person: Person, applied_on: date, kind: str, by: Person) -> Membership:
    """Enter the application of somebody known already; a second time changes nothing."""
    lock_people()
    if applied_on > clock.today():
        raise DomainError("Der Antrag kann nicht in der Zukunft liegen.")
    held = Membership.objects.filter(person=person, has_ended=False).first()
    if held:
        return held
    membership = Membership.objects.create(
        person=person, kind=kind, applied_on=applied_on, first_seen_on=clock.today()
    )
    interest.joined([person.pk])
    audit.record("application.entered", by.pk, membership, ["applied_on"])
    return membership


@transaction.atomic
def admit(membership: Membership, day: date, by: Person) -> Membership:
    """From `day` on they are a member: clock and welcome begin, as from entry and import."""
    membership = _open(membership, by)
    _check_day(membership, day)
    today = clock.today()
    membership.joined_on, membership.decided_on = day, today
    membership.save(update_fields=["joined_on", "decided_on"])
    person = membership.person
    running = Onboarding.objects.running().filter(person=person)
    if is_newcomer({"joined_on": day.isoformat()}, newcomer_since(today)) and not running.exists():
        (arrived,) = onboarding.start_many([onboarding.Arrival(person, day)])
        if person.gliederung_id:
            welcome.queue_welcomes([arrived])
    audit.record("application.admitted", by.pk, membership, ["joined_on"])
    return membership


@transaction.atomic
def refuse(membership: Membership, by: Person) -> Membership:
    """The application ends here, and with it every message to this person."""
    membership = _open(membership, by)
    today = clock.today()
    membership.left_on, membership.left_reason, membership.has_ended = today, REFUSED, True
    membership.decided_on = today
    membership.save(update_fields=["left_on", "left_reason", "has_ended", "decided_on"])
    stopping.stop_all(membership.person_id, "nicht aufgenommen")
    audit.record("application.refused", by.pk, membership, ["left_on", "left_reason"])
    return membership


@transaction.atomic
def undo(membership: Membership, by: Person) -> Membership:
    """It is an application again; an admission only as long as nobody has written or called."""
    lock_people()
    membership = _locked(membership)
    if membership.decided_on is None:
        raise DomainError("Hier ist noch nichts entschieden.")
    if membership.left_on and membership.left_reason != REFUSED:
        raise DomainError("Hier ist inzwischen ein Austritt eingetragen.")
    if membership.joined_on:
        _stop_arriving(membership.person)
        membership.joined_on = None
    else:
        _refuse_second(membership)
        membership.left_on, membership.left_reason, membership.has_ended = None, "", False
    membership.decided_on = None
    membership.save()
    audit.record("application.reopened", by.pk, membership, ["joined_on", "left_on"])
    return membership


def _locked(membership: Membership) -> Membership:
    rows = Membership.objects.select_for_update(of=("self",)).select_related("person__gliederung")
    return rows.get(pk=membership.pk)


def _open(membership: Membership, by: Person) -> Membership:
    lock_people()
    membership = _locked(membership)
    if membership.person_id == by.pk:
        raise DomainError("Über den eigenen Antrag entscheidet jemand anderes.")
    if membership.joined_on or membership.has_ended:
        raise AlreadyDecided("Darüber ist schon entschieden. Es wurde nichts geändert.")
    return membership


def _check_day(membership: Membership, day: date) -> None:
    if day > clock.today():
        raise DomainError("Der Eintritt kann nicht in der Zukunft liegen.")
    if membership.applied_on and day < membership.applied_on:
        raise DomainError("Der Eintritt kann nicht vor dem Antrag liegen.")


def _refuse_second(membership: Membership) -> None:
    if Membership.objects.filter(person=membership.person, has_ended=False).exists():
        raise DomainError("Es gibt inzwischen eine neue Mitgliedschaft. Es bleibt dabei.")


def _stop_arriving(person: Person) -> None:
    """Take the clock back before anybody noticed it; raises DomainError when somebody has."""
    welcome.forget_unsent({person.pk})
    if OutgoingMail.objects.filter(kind=welcome.WELCOME, recipient_key=person.pk).exists():
        raise DomainError("Das Willkommen ist schon unterwegs. Trag bitte einen Austritt ein.")
    running = Onboarding.objects.running().filter(person=person)
    done = Milestone.objects.filter(onboarding__in=running, state=Milestone.State.DONE)
    if done.exists() or Contact.objects.filter(onboarding__in=running).exists():
        raise DomainError("Es ist schon ein Gespräch eingetragen. Trag bitte einen Austritt ein.")
    running.delete()
