"""The end of an onboarding, reached, broken off or taken back."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import Min

from members.models import Contact, Milestone, Onboarding, Person
from members.queries.pulse import waits_for_talk


@transaction.atomic
def close(people: Iterable[Person]) -> None:
    """End every running onboarding: somebody left. What was done stays on record."""
    running = Onboarding.objects.running().filter(person__in=list(people))
    # First these rows, then the promises: whoever logs a talk locks in the same order.
    pks = [one.pk for one in running.select_for_update(of=("self",)).order_by("pk")]
    Milestone.objects.filter(onboarding__in=pks, state=Milestone.State.OPEN).update(
        state=Milestone.State.VOID
    )
    Onboarding.objects.filter(pk__in=pks).update(state=Onboarding.State.CLOSED, next_due_on=None)


@transaction.atomic
def reopen(people: Iterable[Person]) -> None:
    """Take `close` back: the exit was a mistake, the promises hold again.

    What a talk had closed before stays closed: „Möchte keinen Kontakt“ was no mistake.
    """
    closed = Onboarding.objects.filter(person__in=list(people), state=Onboarding.State.CLOSED)
    # An invitation of a wave was no promise, and may have ended by a „lieber nicht“.
    for onboarding in closed.filter(wave=None).select_for_update():
        void = onboarding.milestones.filter(state=Milestone.State.VOID, closed_by=None)
        void.update(state=Milestone.State.OPEN)
        onboarding.state = Onboarding.State.RUNNING
        settle(onboarding)


def settle(onboarding: Onboarding) -> None:
    """Note the next date; without one everything promised is kept, void or given up.

    An onboarding whose person has left stays closed. One that runs for a call wished for in a
    pulse runs until somebody has talked: trying in vain is no talk.
    """
    onboarding.next_due_on = onboarding.milestones.open().aggregate(next=Min("due_on"))["next"]
    if onboarding.state != Onboarding.State.CLOSED:
        is_open = onboarding.next_due_on is not None or (
            onboarding.state == Onboarding.State.RUNNING and _call_is_wished(onboarding)
        )
        onboarding.state = Onboarding.State.RUNNING if is_open else Onboarding.State.FINISHED
    onboarding.save(update_fields=["state", "next_due_on"])


def _call_is_wished(onboarding: Onboarding) -> bool:
    return onboarding.pulses.filter(waits_for_talk()).exists()


def has_left(person: Person) -> bool:
    """Was a member and is none any more: nothing is promised to them, and nobody calls."""
    memberships = person.memberships.values_list("has_ended", flat=True)
    return bool(memberships) and all(memberships)


def tick(milestone: Milestone, done_on: date, contact: Contact | None = None) -> None:
    """A promise is kept, by this talk or by handing something over."""
    milestone.state = Milestone.State.DONE
    milestone.done_on = done_on
    milestone.closed_by = contact
    milestone.save(update_fields=["state", "done_on", "closed_by"])
