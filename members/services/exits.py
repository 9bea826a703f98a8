"""Exits: entered by hand, put right when they were a mistake, effective on their day."""

from datetime import date, timedelta
from uuid import UUID

from django.db import transaction

from members.models import Membership, Mentor, Onboarding, Person
from members.services import onboarding, transfers, welcome
from members.services.people import lock_people
from portal.common import audit, clock
from portal.common.errors import DomainError
from portal.common.outbox import stopping

Reason = Membership.LeftReason


@transaction.atomic
def end_memberships(today: date) -> int:
    """Let every exit take effect whose day has come: rights, clock and mails end with it."""
    lock_people()
    due = Membership.objects.filter(has_ended=False, left_on__lte=today).select_related("person")
    ended = list(due.select_for_update(of=("self",)))
    onboarding.close([membership.person for membership in ended])
    Membership.objects.filter(pk__in=[m.pk for m in ended]).update(has_ended=True)
    people = [membership.person_id for membership in ended]
    Mentor.objects.filter(person__in=people).update(active_to=today - timedelta(days=1))
    transfers.withdraw_of_leavers(people)
    # Their offices grant nothing any more; their newcomers need somebody else at once.
    left_alone = Onboarding.objects.running().filter(responsible__in=people)
    onboarding.reassign([o.person for o in left_alone.select_related("person")])
    return len(ended)


@transaction.atomic
def record_exit(person: Person, day: date, reason: str, by: Person) -> Membership:
    """Enter an exit by hand, or put day and reason of one right; a death stops every mail.

    A day that has come takes effect at once. Who has left is not back because of another day.
    """
    lock_people()
    membership = _last(person)
    if membership is None:
        raise DomainError(f"{person.full_name} ist kein Mitglied.")
    if reason == Reason.DEATH and day > clock.today():
        raise DomainError("Ein Todestag kann nicht in der Zukunft liegen.")
    if membership.has_ended and day > clock.today():
        raise DomainError(
            "Der Austritt gilt schon. War er ein Irrtum? Dann nimm ihn bitte erst zurück."
        )
    membership.left_on, membership.left_reason = day, reason
    membership.save(update_fields=["left_on", "left_reason"])
    audit.record("membership.exit_recorded", by.pk, membership, ["left_on", "left_reason"])
    if day <= clock.today():
        end_memberships(clock.today())
    if reason == Reason.DEATH:
        stopping.stop_all(person.pk, "verstorben")
    return membership


@transaction.atomic
def reverse_exit(person: Person, by: Person) -> None:
    """Take an exit back that was a mistake: everything promised holds again."""
    lock_people()
    membership = _last(person)
    if membership is None or membership.left_on is None:
        raise DomainError("Hier ist kein Austritt eingetragen.")
    had_ended, ended_on = membership.has_ended, membership.left_on
    membership.left_on, membership.left_reason, membership.has_ended = None, "", False
    # The next exit is one of its own, and may be asked about again.
    membership.win_back_on, membership.win_back_way, membership.win_back_by = None, "", None
    membership.save(
        update_fields=[
            *("left_on", "left_reason", "has_ended"),
            *("win_back_on", "win_back_way", "win_back_by"),
        ]
    )
    audit.record("membership.exit_reversed", by.pk, membership, ["left_on", "left_reason"])
    if had_ended:
        onboarding.reopen([person])
        onboarding.reassign([person])
        _mentors_again([person.pk], ended_on)
    welcome.again(person)


def _mentors_again(people: list[UUID], ended_on: date) -> None:
    """Whoever was a mentor until the mistake is one again."""
    stopped = Mentor.objects.filter(
        person__in=people, active_to__gte=ended_on - timedelta(days=1), active_to__lt=clock.today()
    )
    stopped.update(active_to=None)


def _last(person: Person) -> Membership | None:
    held = Membership.objects.filter(person=person).select_for_update(of=("self",))
    return held.order_by("has_ended", "-left_on").first()
