"""The way of the Parteibuch to the newcomer: ordered, in the Ortsverein, handed over (B4)."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from members.models import Milestone, Onboarding, Parteibuch, Person, Step
from members.services.onboarding.ending import settle, tick
from portal.common import audit, clock
from portal.common.errors import DomainError

State = Milestone.State


def _locked(milestone: Milestone) -> tuple[Milestone, Parteibuch]:
    """Both rows, under the same lock as in log_contact: all look at all milestones afterwards."""
    onboarding = Onboarding.objects.select_for_update().get(pk=milestone.onboarding_id)
    milestone = onboarding.milestones.get(pk=milestone.pk)
    if milestone.kind != Step.Kind.HANDOVER:
        raise DomainError("Das ist ein Gespräch. Bitte trag ein, wie es war.")
    if milestone.state == State.VOID:
        raise DomainError("Das ist nicht mehr nötig.")
    milestone.onboarding = onboarding
    return milestone, Parteibuch.objects.get_or_create(milestone=milestone)[0]


@transaction.atomic
def order(milestones: Iterable[UUID], by: Person) -> int:
    """Note that these were ordered, and how many; who has one or waits for one is skipped."""
    wanted = Milestone.objects.filter(pk__in=list(milestones), kind=Step.Kind.HANDOVER)
    running = Onboarding.objects.running().filter(pk__in=wanted.values("onboarding"))
    locked = running.select_for_update().order_by("pk").values_list("pk", flat=True)
    found = list(
        wanted.filter(onboarding__in=list(locked), state=State.OPEN).filter(
            parteibuch__ordered_on=None, parteibuch__received_on=None
        )
    )
    today = clock.today()
    Parteibuch.objects.bulk_create(
        [Parteibuch(milestone=milestone, ordered_on=today) for milestone in found],
        update_conflicts=True,
        unique_fields=["milestone"],
        update_fields=["ordered_on"],
    )
    for milestone in found:
        audit.record("parteibuch.ordered", by.pk, milestone, ["ordered_on"])
    return len(found)


@transaction.atomic
def receive(milestone: Milestone, by: Person) -> None:
    """It lies in the Ortsverein, with this person. A second tap changes nothing."""
    milestone, book = _locked(milestone)
    if milestone.state == State.DONE:
        raise DomainError(f"{milestone.title}: Das ist schon übergeben.")
    if book.received_on is None:
        book.received_on, book.received_by = clock.today(), by
        book.save(update_fields=["received_on", "received_by"])
        audit.record("parteibuch.received", by.pk, milestone, ["received_on", "received_by"])


@transaction.atomic
def hand_over(milestone: Milestone, by: Person, occasion: str = "") -> None:
    """The Parteibuch was given to the newcomer. A second tap changes nothing."""
    milestone, book = _locked(milestone)
    if milestone.state == State.DONE:
        return
    book.given_by, book.occasion = by, occasion
    book.save(update_fields=["given_by", "occasion"])
    tick(milestone, clock.today())
    settle(milestone.onboarding)
    audit.record("milestone.handed_over", by.pk, milestone, ["state", "done_on"])


@transaction.atomic
def take_step_back(milestone: Milestone, by: Person) -> str:
    """Undo the last of the three steps; returns what holds now, as a sentence."""
    milestone, book = _locked(milestone)
    title, field = milestone.title, "ordered_on"
    if milestone.state == State.DONE:
        _not_handed_over(milestone, book)
        field, sentence = "done_on", f"{title} ist noch nicht übergeben."
    elif book.received_on:
        book.received_on, book.received_by = None, None
        field, sentence = "received_on", f"{title} ist noch nicht im Ortsverein."
    elif book.ordered_on:
        book.ordered_on = None
        sentence = f"{title} ist noch nicht bestellt."
    else:
        raise DomainError("Hier gibt es nichts zurückzunehmen.")
    book.save()
    audit.record("parteibuch.taken_back", by.pk, milestone, [field])
    return sentence


def _not_handed_over(milestone: Milestone, book: Parteibuch) -> None:
    onboarding = milestone.onboarding
    if onboarding.state == Onboarding.State.CLOSED:
        raise DomainError("Das Ankommen ist beendet. Der Eintrag bleibt, wie er ist.")
    others = Onboarding.objects.running().filter(person=onboarding.person_id)
    if others.exclude(pk=onboarding.pk).exists():
        raise DomainError("Für diese Person läuft schon etwas Neues. Der Eintrag bleibt.")
    book.given_by, book.occasion = None, ""
    milestone.state, milestone.done_on = State.OPEN, None
    milestone.save(update_fields=["state", "done_on"])
    settle(onboarding)
