"""Apply a staged file as a whole, in one transaction."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from members.imports import rules
from members.imports.places import Place
from members.imports.plan import (
    MEMBERSHIP_FIELDS,
    PERSON_FIELDS,
    Decided,
    Plan,
    Planned,
    is_found_anew,
    make_plan,
)
from members.models import Gliederung, ImportRow, ImportRun, Membership, Onboarding, Person
from members.services import interest, onboarding, transfers, welcome
from members.services.exits import end_memberships
from members.services.imports import changes
from members.services.imports.progress import Progress
from members.services.people import lock_people
from members.sorting import sort_name
from portal.common import audit, clock
from portal.common.errors import DomainError
from portal.common.outbox import services as outbox

BATCH = 2000
# More than this many mails and letters want a second yes (R4).
MANY_MESSAGES = 100
Verdict = ImportRow.Verdict
State = ImportRun.State
UPDATES = (Verdict.CHANGED, Verdict.MOVED, Verdict.LEFT)


class PlanChanged(DomainError):
    """Between check and confirmation somebody else changed the members."""


@transaction.atomic
def apply(run: ImportRun, by: Person | None) -> ImportRun:
    """Take over a staged file in one transaction. Applying it again does nothing.

    Raises PlanChanged when the numbers shown are no longer what would happen.
    """
    lock_people()  # nobody lands in a Gliederung that is being merged away
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    if run.state == State.APPLIED:
        return run
    if run.state not in (State.STAGED, State.APPLYING):
        raise DomainError("Diese Prüfung ist verworfen. Bitte lade die Datei noch einmal hoch.")
    progress = Progress(run)
    progress.report("Datei wird noch einmal geprüft", 5)
    today = clock.today()
    plan = plan_of(run, today)
    if (plan.counts, plan.mails, plan.letters) != (run.counts, run.mails, run.letters):
        raise PlanChanged(
            "Seit der Prüfung hat sich etwas geändert. Bitte lade die Datei noch einmal hoch."
        )
    run.state = State.APPLIED
    run.applied_at = clock.now()
    run.reason = ""
    if plan.left_behind:  # the rows themselves are gone in a moment
        run.counts["left_behind"] = plan.left_behind
    run.save(update_fields=["state", "applied_at", "reason", "counts"])
    _TakeOver(run, plan, today, progress).work()
    run.rows.all().delete()
    audit.record("import.applied", by.pk if by else None, run, count=plan.counts["rows"])
    progress.report("Fast fertig", 99)
    return run


class _TakeOver:
    """One run on its way into the tables, and what it did to whom."""

    def __init__(self, run: ImportRun, plan: Plan, today: date, progress: Progress) -> None:
        self.run, self.today, self.progress = run, today, progress
        planned = plan.planned
        self.created = [p for p in planned if p.is_created]
        self.updated = [
            p for p in planned if p.is_same or (p.membership is not None and p.verdict in UPDATES)
        ]

    def work(self) -> None:
        created = self._create()
        before = changes.snapshot(self.updated)
        self.progress.report("Änderungen werden eingetragen", 60)
        _update(self.updated, self.today)
        self.progress.report("Ansprechpersonen werden gefunden", 75)
        self._settle_onboardings()
        end_memberships(self.today)
        self.progress.report("Rückweg wird vorbereitet", 90)
        interest.joined(p.membership.person_id for p in self.updated if p.is_same and p.membership)
        after = changes.snapshot(self.updated)
        changes.record_created(self.run, created)
        changes.record_updated(self.run, before, after)
        transfers.record_moves(changes.moves(before, after), self.run.applied_at)

    def _create(self) -> list[Person]:
        gliederungen = Gliederung.objects.select_related("level").in_bulk(
            {p.place.gliederung for p in self.created if p.place and p.place.gliederung}
        )
        created = [_new(p, gliederungen, self.today) for p in self.created]
        self.progress.report("Neue Mitglieder werden angelegt", 20)
        Person.objects.bulk_create([c.person for c in created], batch_size=BATCH)
        Membership.objects.bulk_create([c.membership for c in created], batch_size=BATCH)
        self.progress.report("Das Ankommen wird vorbereitet", 40)
        _welcome([(c.person, c.planned) for c in created])
        return [c.person for c in created]

    def _settle_onboardings(self) -> None:
        """A move finds the new contact, and the first known Ortsverein sends the welcome."""
        people = [(p, p.membership.person) for p in self.updated if p.membership]
        onboarding.reopen([person for p, person in people if p.comes_back(self.today)])
        moved = [person for p, person in people if "gliederung" in p.changed]
        onboarding.reassign(moved)
        running = Onboarding.objects.running().filter(person__in=moved).select_related("person")
        welcome.queue_welcomes(running)
        _welcome([(person, p) for p, person in people if p.is_welcomed])


def _welcome(people: Iterable[tuple[Person, Planned]]) -> None:
    """Start the clock of newcomers, and write to those whose Ortsverein is known."""
    arrivals = []
    for person, planned in people:
        joined = planned.joined_on()
        if planned.is_welcomed and joined:
            arrivals.append(onboarding.Arrival(person, joined))
    onboardings = onboarding.start_many(arrivals)
    welcome.queue_welcomes([o for o in onboardings if o.person.gliederung_id])


def plan_of(run: ImportRun, today: date) -> Plan:
    """Plan the staged rows anew, with what a human has decided about them since."""
    rows = list(run.rows.all())
    decided = {row.number: Decided(row.decision, row.lookalike_id) for row in rows if row.decision}
    return make_plan((_row_from(row) for row in rows), today, decided)


def _row_from(staged: ImportRow) -> rules.Row:
    """Rebuild a cleaned row; warnings that depend on the database are found anew."""
    problems = [
        rules.Problem(p["row"], p["field"], p["level"], p["message"]) for p in staged.problems
    ]
    kept = [problem for problem in problems if not is_found_anew(problem)]
    return rules.Row(staged.number, dict(staged.values), kept)


@dataclass(frozen=True, slots=True)
class _Created:
    planned: Planned
    person: Person
    membership: Membership


def _new(planned: Planned, gliederungen: dict[UUID, Gliederung], today: date) -> _Created:
    values, place = planned.row.values, planned.place
    assert place is not None  # only rejected rows have none, and they are not created
    person = Person(
        gliederung=gliederungen[place.gliederung] if place.gliederung else None,
        kommune_id=place.kommune,
        open_question=place.question,
    )
    _set_person(person, values, PERSON_FIELDS)
    left = planned.left_on()
    if left and left <= today:
        # Gone already: enough to know the number again, nothing to reach anybody with.
        person.email = person.phone = person.mobile = person.street = person.city = ""
        person.open_question = Person.Question.NONE
    membership = Membership(
        person=person, number=values["number"] or None, left_on=left, first_seen_on=today
    )
    _set_membership(membership, values, MEMBERSHIP_FIELDS)
    return _Created(planned, person, membership)


def _set_person(person: Person, values: dict[str, str], names: Iterable[str]) -> None:
    for name in names:
        if name in values:
            empty = None if name == "adult_on" else ""
            setattr(person, name, values[name] or empty)
    person.sort_name = sort_name(person.family_name, person.given_name)


def _set_membership(membership: Membership, values: dict[str, str], names: Iterable[str]) -> None:
    for name in names:
        if name in values:
            value = values[name] if name == "kind" else rules.parse_date(values[name])
            setattr(membership, name, value)


def _update(planned: list[Planned], today: date) -> None:
    people, memberships = [], []
    for p in planned:
        membership, values, place = p.membership, p.row.values, p.place
        assert membership is not None  # only known people are updated
        person = membership.person
        _set_person(person, values, [n for n in PERSON_FIELDS if n in p.changed])
        if place and {"plz", "gliederung"} & set(p.changed):
            person.kommune_id = place.kommune
            if "gliederung" in p.changed:
                person.gliederung_id = place.gliederung
            person.open_question = _question(place, person)
        if "email" in p.changed:
            outbox.readdress(person.pk, person.email)
        names = [n for n in (*MEMBERSHIP_FIELDS, "left_on") if n in p.changed]
        _set_membership(membership, values, names)
        if "left_on" in p.changed:
            membership.left_reason = ""  # from now on the export speaks
        still_here = membership.left_on is None or membership.left_on > today
        membership.has_ended = membership.has_ended and not still_here
        people.append(person)
        if p.is_same:
            membership.number = values["number"] or None
            membership.save()
        else:
            memberships.append(membership)
    fields = [*PERSON_FIELDS, "sort_name", "kommune", "gliederung", "open_question"]
    Person.objects.bulk_update(people, fields, batch_size=500)
    Membership.objects.bulk_update(
        memberships,
        [*MEMBERSHIP_FIELDS, "left_on", "left_reason", "has_ended"],
        batch_size=500,
    )


def _question(place: Place, person: Person) -> str:
    """An Ortsverein that is known already stays, whatever the file calls it."""
    if place.question == Person.Question.ORTSVEREIN and person.gliederung_id:
        return Person.Question.NONE
    return place.question
