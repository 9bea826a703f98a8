"""Apply a staged file as a whole, in one transaction."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from members.imports import rules
from members.imports.places import Place
from members.imports.plan import MEMBERSHIP_FIELDS, PERSON_FIELDS, Plan, Planned, make_plan
from members.models import Gliederung, ImportRow, ImportRun, Membership, Onboarding, Person
from members.services import onboarding, organisation, welcome
from members.services.imports.exits import end_memberships
from members.sorting import sort_name
from portal.common import audit, clock
from portal.common.errors import DomainError
from portal.common.locks import lock_for_transaction
from portal.common.outbox import services as outbox

BATCH = 2000
# More than this many mails and letters want a second yes (R4).
MANY_MESSAGES = 100
Verdict = ImportRow.Verdict


class PlanChanged(DomainError):
    """Between check and confirmation somebody else changed the members."""


@transaction.atomic
def apply(run: ImportRun, by: Person | None) -> ImportRun:
    """Take over a staged file in one transaction. Applying it again does nothing.

    Raises PlanChanged when the numbers shown are no longer what would happen.
    """
    organisation.lock()  # nobody lands in a Gliederung that is being merged away
    lock_for_transaction("members.import")
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    if run.state == ImportRun.State.APPLIED:
        return run
    if run.state != ImportRun.State.STAGED:
        raise DomainError("Diese Prüfung ist verworfen. Bitte lade die Datei noch einmal hoch.")
    today = clock.today()
    plan = make_plan((_row_from(staged) for staged in run.rows.all()), today)
    if (plan.counts, plan.mails, plan.letters) != (run.counts, run.mails, run.letters):
        raise PlanChanged(
            "Seit der Prüfung hat sich etwas geändert. Bitte lade die Datei noch einmal hoch."
        )
    _take_over(plan, today)
    run.state = ImportRun.State.APPLIED
    run.applied_at = clock.now()
    run.save(update_fields=["state", "applied_at"])
    run.rows.all().delete()
    audit.record("import.applied", by.pk if by else None, run, count=plan.counts["rows"])
    return run


def _row_from(staged: ImportRow) -> rules.Row:
    """Rebuild a cleaned row; warnings that depend on the database are found anew."""
    problems = [
        rules.Problem(p["row"], p["field"], p["level"], p["message"]) for p in staged.problems
    ]
    return rules.Row(staged.number, dict(staged.values), problems)


def _take_over(plan: Plan, today: date) -> None:
    by_verdict: dict[str, list[Planned]] = {}
    for planned in plan.planned:
        by_verdict.setdefault(planned.verdict, []).append(planned)
    left = by_verdict.get(Verdict.LEFT, [])
    unknown = by_verdict.get(Verdict.NEW, []) + [p for p in left if p.membership is None]
    known = [p for p in left if p.membership is not None]
    _create(unknown, today)
    updated = [*by_verdict.get(Verdict.CHANGED, []), *by_verdict.get(Verdict.MOVED, []), *known]
    _update(updated, today)
    _settle_onboardings(updated, today)
    end_memberships(today)


def _settle_onboardings(updated: list[Planned], today: date) -> None:
    """A move finds the new contact, and the first known Ortsverein sends the welcome."""
    back = [p.membership.person for p in updated if p.membership and p.comes_back(today)]
    onboarding.reopen(back)
    moved = [p.membership.person for p in updated if p.membership and "gliederung" in p.changed]
    onboarding.reassign(moved)
    running = Onboarding.objects.running().filter(person__in=moved).select_related("person")
    welcome.queue_welcomes(running)


@dataclass(frozen=True, slots=True)
class _Created:
    planned: Planned
    person: Person
    membership: Membership


def _create(planned: list[Planned], today: date) -> None:
    gliederungen = Gliederung.objects.select_related("level").in_bulk(
        {p.place.gliederung for p in planned if p.place and p.place.gliederung}
    )
    created = [_new(p, gliederungen, today) for p in planned]
    Person.objects.bulk_create([c.person for c in created], batch_size=BATCH)
    Membership.objects.bulk_create([c.membership for c in created], batch_size=BATCH)
    arrivals = []
    for c in created:
        joined = c.planned.joined_on()
        if c.planned.is_newcomer and joined:
            arrivals.append(onboarding.Arrival(c.person, joined))
    onboardings = onboarding.start_many(arrivals)
    welcome.queue_welcomes([o for o in onboardings if o.person.gliederung_id])


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
        person.email = person.phone = person.mobile = ""
        person.open_question = Person.Question.NONE
    membership = Membership(
        person=person, number=values["number"], left_on=left, first_seen_on=today
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
        assert membership is not None  # only known numbers are updated
        person = membership.person
        _set_person(person, values, [n for n in PERSON_FIELDS if n in p.changed])
        if place and {"plz", "gliederung"} & set(p.changed):
            person.kommune_id = place.kommune
            person.gliederung_id = place.gliederung or person.gliederung_id
            person.open_question = _question(place, person)
        if "email" in p.changed:
            outbox.readdress(person.pk, person.email)
        names = [n for n in (*MEMBERSHIP_FIELDS, "left_on") if n in p.changed]
        _set_membership(membership, values, names)
        still_here = membership.left_on is None or membership.left_on > today
        membership.has_ended = membership.has_ended and not still_here
        people.append(person)
        memberships.append(membership)
    fields = [*PERSON_FIELDS, "sort_name", "kommune", "gliederung", "open_question"]
    Person.objects.bulk_update(people, fields, batch_size=500)
    Membership.objects.bulk_update(
        memberships, [*MEMBERSHIP_FIELDS, "left_on", "has_ended"], batch_size=500
    )


def _question(place: Place, person: Person) -> str:
    """An Ortsverein that is known already stays, whatever the file calls it."""
    if place.question == Person.Question.ORTSVEREIN and person.gliederung_id:
        return Person.Question.NONE
    return place.question
