"""Start an onboarding, log what happened, move the responsibility."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, Min, OuterRef, Q

from members import deadlines
from members.models import (
    Amt,
    Contact,
    District,
    Milestone,
    MilestoneTemplate,
    Onboarding,
    Person,
    Step,
)
from members.queries.responsible import STANDS_IN, ResponsiblePeople
from portal.common import audit, clock
from portal.common.errors import DomainError

DEFAULT_TEMPLATE = "1-3-6"
SPOKEN = {
    Contact.Kind.CALL,
    Contact.Kind.MEETING,
    Contact.Kind.VISIT,
    Contact.Kind.VIDEO,
}
# A written exchange counts like a talk if the newcomer chose that channel (R3).
WRITTEN = {
    Contact.Kind.EMAIL: Person.Channel.EMAIL,
    Contact.Kind.MESSENGER: Person.Channel.MESSENGER,
    Contact.Kind.LETTER: Person.Channel.LETTER,
}


@dataclass(frozen=True, slots=True)
class Arrival:
    """A person who is to be welcomed, and since when they are a member."""

    person: Person
    joined_on: date


@transaction.atomic
def start_many(arrivals: Sequence[Arrival], code: str = DEFAULT_TEMPLATE) -> list[Onboarding]:
    """Start the clock for many newcomers at once: five statements, however many they are."""
    template = MilestoneTemplate.objects.prefetch_related("steps").get(code=code)
    steps = list(template.steps.all())
    people = ResponsiblePeople()
    today = clock.today()
    onboardings = [_onboarding(arrival, template, people, today) for arrival in arrivals]
    milestones = []
    for onboarding in onboardings:
        promised = list(_milestones(onboarding, steps, today))
        onboarding.next_due_on = min(milestone.due_on for milestone in promised)
        milestones += promised
    Onboarding.objects.bulk_create(onboardings, batch_size=2000)
    Milestone.objects.bulk_create(milestones, batch_size=2000)
    return onboardings


def _onboarding(
    arrival: Arrival, template: MilestoneTemplate, people: ResponsiblePeople, today: date
) -> Onboarding:
    onboarding = Onboarding(
        person=arrival.person,
        template=template,
        started_on=arrival.joined_on,
        arrived_on=today,
        responsible_stands_in=True,
    )
    if arrival.person.gliederung:
        _set_responsible(onboarding, people)
    return onboarding


def _set_responsible(onboarding: Onboarding, people: ResponsiblePeople) -> None:
    gliederung = onboarding.person.gliederung
    assert gliederung is not None  # callers ask for decided people only
    found = people.find(gliederung, without=[onboarding.person_id])
    onboarding.responsible_id = found.person_id
    onboarding.responsible_stands_in = found.stands_in


def _milestones(onboarding: Onboarding, steps: Iterable[Step], today: date) -> Iterable[Milestone]:
    steps = list(steps)
    promises = [deadlines.Promise(s.opens_after_months, s.due_after_months) for s in steps]
    dates = deadlines.plan(onboarding.started_on, today, promises)
    for step, planned in zip(steps, dates, strict=True):
        yield Milestone(
            onboarding=onboarding,
            position=step.position,
            code=step.code,
            title=step.title,
            kind=step.kind,
            explanation=step.explanation,
            opens_on=planned.opens_on,
            legal_due_on=planned.legal_due_on,
            due_on=planned.due_on,
            is_late_data=planned.is_late_data,
        )


@transaction.atomic
def reassign(people: Iterable[Person]) -> None:
    """Find the responsible person anew, after a move or a decision about the Ortsverein."""
    _reassign(Q(person__in=list(people)))


@transaction.atomic
def reassign_below(path: str) -> None:
    """The same for all newcomers of a Gliederung and below: an office or the tree changed."""
    _reassign(Q(person__gliederung__path__startswith=path))


def _reassign(whose: Q) -> None:
    finder = ResponsiblePeople()
    found = Onboarding.objects.running().filter(whose, person__gliederung__isnull=False)
    changed = []
    for onboarding in found.select_related("person__gliederung"):
        before = (onboarding.responsible_id, onboarding.responsible_stands_in)
        _set_responsible(onboarding, finder)
        if before != (onboarding.responsible_id, onboarding.responsible_stands_in):
            changed.append(onboarding)
    Onboarding.objects.bulk_update(
        changed, ["responsible", "responsible_stands_in"], batch_size=500
    )


@transaction.atomic
def assign_fallback(onboardings: Iterable[Onboarding]) -> None:
    """Give newcomers whose Ortsverein is still unknown to the district's own office."""
    office = ResponsiblePeople().find(District.current().gliederung)
    Onboarding.objects.filter(pk__in=[o.pk for o in onboardings]).update(
        responsible=office.person_id, responsible_stands_in=True
    )


@transaction.atomic
def close(people: Iterable[Person]) -> None:
    """End every running onboarding: somebody left. What was done stays on record."""
    running = Onboarding.objects.running().filter(person__in=list(people))
    Milestone.objects.filter(
        onboarding__in=running.values("pk"), state=Milestone.State.OPEN
    ).update(state=Milestone.State.VOID)
    running.update(state=Onboarding.State.CLOSED, next_due_on=None)


@transaction.atomic
def reopen(people: Iterable[Person]) -> None:
    """Take `close` back: the exit was a mistake, the promises hold again."""
    closed = Onboarding.objects.filter(person__in=list(people), state=Onboarding.State.CLOSED)
    for onboarding in closed.select_for_update():
        void = onboarding.milestones.filter(state=Milestone.State.VOID)
        void.update(state=Milestone.State.OPEN)
        onboarding.state = Onboarding.State.RUNNING
        settle(onboarding)


@transaction.atomic
def find_missing_responsibles() -> None:
    """Every night: nobody depends on an office that ended, or misses a new one."""
    running = Onboarding.objects.running().filter(person__gliederung__isnull=False)
    holding = Amt.objects.active().filter(kind__in=STANDS_IN, person=OuterRef("responsible"))
    # An office that was given for a later day begins; two days, should a night be missed.
    today = clock.today()
    beginning = Amt.objects.active().filter(
        kind__in=STANDS_IN,
        gliederung=OuterRef("person__gliederung"),
        beginn__gte=today - timedelta(days=1),
    )
    left_alone = running.filter(
        Q(responsible_stands_in=True) | ~Exists(holding) | Exists(beginning)
    )
    reassign([o.person for o in left_alone.select_related("person")])


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
    today = clock.today()
    contact = Contact.objects.create(
        onboarding=onboarding,
        made_by=made_by,
        made_on=today,
        kind=talk.kind,
        result=talk.result,
        note=talk.note,
        created_at=clock.now(),
        submit_token=talk.submit_token,
        milestone=_fulfil(onboarding, talk, today),
    )
    if talk.result in (Contact.Result.REACHED, Contact.Result.NO_CONTACT):
        onboarding.asked_for_call_at = None
        onboarding.save(update_fields=["asked_for_call_at"])
    settle(onboarding)
    audit.record("contact.logged", made_by.pk, onboarding, ["contacts"])
    return contact


def _counts(talk: Talk, person: Person) -> bool:
    if talk.result != Contact.Result.REACHED:
        return False
    return talk.kind in SPOKEN or WRITTEN.get(Contact.Kind(talk.kind)) == person.preferred_channel


def _fulfil(onboarding: Onboarding, talk: Talk, today: date) -> Milestone | None:
    """Close what this talk answers; the second contact only counts once it has opened."""
    contacts = onboarding.milestones.open().filter(kind=Step.Kind.CONTACT)
    if talk.result == Contact.Result.NO_CONTACT:
        contacts.update(state=Milestone.State.VOID)
        return None
    milestone = contacts.filter(opens_on__lte=today).first()
    if milestone is None or not _counts(talk, onboarding.person):
        return None
    return _tick(milestone, today)


def _tick(milestone: Milestone, today: date) -> Milestone:
    milestone.state = Milestone.State.DONE
    milestone.done_on = today
    milestone.save(update_fields=["state", "done_on"])
    return milestone


@transaction.atomic
def hand_over(milestone: Milestone, by: Person) -> None:
    """The Parteibuch was given to the newcomer. A second tap changes nothing."""
    # The same lock as in log_contact: both look at all milestones afterwards.
    onboarding = Onboarding.objects.select_for_update().get(pk=milestone.onboarding_id)
    milestone = onboarding.milestones.get(pk=milestone.pk)
    if milestone.kind != Step.Kind.HANDOVER:
        raise DomainError("Das ist ein Gespräch. Bitte trag ein, wie es war.")
    if milestone.state == Milestone.State.DONE:
        return
    if milestone.state == Milestone.State.VOID:
        raise DomainError("Das ist nicht mehr nötig.")
    _tick(milestone, clock.today())
    settle(onboarding)
    audit.record("milestone.handed_over", by.pk, milestone, ["state", "done_on"])


def settle(onboarding: Onboarding) -> None:
    """Note the next date, or that everything promised is done."""
    onboarding.next_due_on = onboarding.milestones.open().aggregate(next=Min("due_on"))["next"]
    if onboarding.next_due_on is None:
        onboarding.state = Onboarding.State.FINISHED
    onboarding.save(update_fields=["state", "next_due_on"])


@transaction.atomic
def ask_for_call(onboarding: Onboarding) -> None:
    """„Bei mir hat sich noch niemand gemeldet“: goes on top of everybody's list (R2)."""
    onboarding.asked_for_call_at = onboarding.asked_for_call_at or clock.now()
    onboarding.save(update_fields=["asked_for_call_at"])
    audit.record("onboarding.asked_for_call", onboarding.person_id, onboarding)
