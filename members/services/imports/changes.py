"""Remember for a day what an import did to each person, so that it can be taken back."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, QuerySet

from members.imports.plan import MEMBERSHIP_FIELDS, PERSON_FIELDS, Planned
from members.models import (
    ImportChange,
    ImportRun,
    Membership,
    Mentor,
    Onboarding,
    Person,
)

BATCH = 2000
PERSON = (*PERSON_FIELDS, "kommune_id", "gliederung_id", "open_question")
MEMBERSHIP = ("number", *MEMBERSHIP_FIELDS, "left_on", "left_reason", "has_ended")
Facts = dict[str, Any]
Action = ImportChange.Action


def snapshot(planned: Iterable[Planned]) -> dict[UUID, Facts]:
    """Return everything an import may change about these people, by person."""
    memberships = {p.membership.pk: p.membership.person_id for p in planned if p.membership}
    people = set(memberships.values())
    facts: dict[UUID, Facts] = {pk: {} for pk in people}
    _add(facts, "person", "pk", PERSON, Person.objects.filter(pk__in=people))
    held = Membership.objects.filter(pk__in=memberships)
    _add(facts, "membership", "person_id", ("id", *MEMBERSHIP), held)
    _add(facts, "mentor", "person_id", ("active_to",), Mentor.objects.filter(person__in=people))
    # The newest one wins: rows come oldest first.
    arrivals = Onboarding.objects.filter(person__in=people).order_by("started_on", "pk")
    _add(facts, "onboarding", "person_id", ("id", "state"), arrivals)
    return facts


def _add(
    facts: dict[UUID, Facts],
    prefix: str,
    owner: str,
    fields: Iterable[str],
    rows: QuerySet[Any],
) -> None:
    for row in rows.values(*{owner, *fields}):
        facts[row[owner]] |= {f"{prefix}.{name}": _plain(row[name]) for name in fields}


def _plain(value: object) -> Any:
    """As JSON gives it back, so that before, after and now can be compared."""
    if value is None or isinstance(value, bool | str):
        return value
    return DjangoJSONEncoder().default(value)


def record_created(run: ImportRun, people: Iterable[Person]) -> None:
    _store(ImportChange(run=run, person=person, action=Action.CREATED) for person in people)


def record_updated(
    run: ImportRun, before: Mapping[UUID, Facts], after: Mapping[UUID, Facts]
) -> None:
    """Keep only what really changed."""
    rows = []
    for person, now in after.items():
        earlier = before.get(person, {})
        changed = {key for key, value in now.items() if value != earlier.get(key)}
        if changed:
            changed |= {"membership.id"}  # says which one, and whether it was there before
            rows.append(
                ImportChange(
                    run=run,
                    person_id=person,
                    action=Action.UPDATED,
                    before={key: earlier.get(key) for key in changed},
                    after={key: now[key] for key in changed},
                )
            )
    _store(rows)


def _store(rows: Iterable[Model]) -> None:
    ImportChange.objects.bulk_create(rows, batch_size=BATCH)  # type: ignore[arg-type]  # all of one kind


def moves(
    before: Mapping[UUID, Facts], after: Mapping[UUID, Facts]
) -> dict[UUID, tuple[UUID, UUID]]:
    """Return person → (from, to) for everybody who was in another Ortsverein before."""
    key = "person.gliederung_id"
    found = {}
    for person, now in after.items():
        old, new = before.get(person, {}).get(key), now.get(key)
        if old and new and old != new:
            found[person] = (UUID(old), UUID(new))
    return found
