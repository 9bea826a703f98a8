"""Take an import back within a day: what it created goes, what it changed returns."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from members.models import (
    Amt,
    Contact,
    Gliederung,
    ImportChange,
    ImportRun,
    Invitation,
    Membership,
    Mentor,
    Milestone,
    Onboarding,
    Person,
    Transfer,
    User,
)
from members.services import onboarding, transfers, welcome
from members.services.imports import changes
from members.services.imports.progress import Progress
from members.services.people import lock_people
from members.sorting import sort_name
from portal.common import audit, clock
from portal.common.models import AuditEvent, Consent
from portal.common.outbox import services as outbox

State = ImportRun.State
Action = ImportChange.Action
BATCH = 1000
People = Collection[UUID]


def refusal(run: ImportRun) -> str | None:
    """Return why this import cannot be taken back, or None."""
    if run.state not in (State.APPLIED, State.UNDOING) or run.undo_until is None:
        return "Dieser Import ist nicht übernommen."
    if run.state == State.APPLIED and clock.now() >= run.undo_until:
        return "Zurücknehmen geht nur in den ersten 24 Stunden."
    if _has_successor(run):
        return (
            "Ein späterer Import hat dieselben Personen geändert. "
            "Nimm zuerst den späteren zurück, dann diesen."
        )
    return None


def _has_successor(run: ImportRun) -> bool:
    """Only the last import that touched these people can be taken back."""
    mine = ImportChange.objects.filter(run=run, person=OuterRef("person"))
    later = ImportChange.objects.filter(
        Exists(mine),
        run__applied_at__gt=run.applied_at,
        run__state__in=[State.APPLIED, State.UNDOING],
    )
    return later.exclude(run=run).exists()


@transaction.atomic
def undo(run: ImportRun, by: Person | None) -> ImportRun:
    """Take the whole import back; raises nothing and does nothing when it is undone already."""
    lock_people()
    run = ImportRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    reason = refusal(run)
    if run.state != State.UNDOING or reason:
        if run.state == State.UNDOING:
            run.state, run.reason = State.APPLIED, reason or ""
            run.save(update_fields=["state", "reason"])
        return run
    progress = Progress(run)
    progress.report("Neue Mitglieder werden wieder entfernt", 10)
    deleted, kept = _take_back_created(run)
    progress.report("Frühere Werte werden wieder eingetragen", 60)
    restored, left = _Restoring(run).work()
    run.undo_report = {"deleted": deleted, "restored": restored, "kept": kept, "newer": left}
    run.state, run.undone_at = State.UNDONE, clock.now()
    run.save(update_fields=["state", "undone_at", "undo_report"])
    ImportChange.objects.filter(run=run).delete()
    audit.record("import.undone", by.pk if by else None, run, count=deleted + restored)
    return run


# --- What was created -----------------------------------------------------------------------


def _take_back_created(run: ImportRun) -> tuple[int, dict[str, int]]:
    """Delete who came with this import, except those with whom something has happened since."""
    created = set(_people(run, Action.CREATED))
    # Whoever signs in or is called at this moment waits until we are done.
    list(Person.objects.select_for_update(of=("self",)).filter(pk__in=created).values_list("pk"))
    kept: dict[str, int] = {}
    for reason, found in _human_traces(run, created):
        stays = created & set(found)
        created -= stays
        if stays:
            kept[reason] = len(stays)
    welcome.forget_unsent(created)
    gone = sorted(created)
    for start in range(0, len(gone), BATCH):
        Person.objects.filter(pk__in=gone[start : start + BATCH]).delete()
    return len(created), kept


def _people(run: ImportRun, action: str) -> Iterable[UUID]:
    return ImportChange.objects.filter(run=run, action=action).values_list("person", flat=True)


def _human_traces(run: ImportRun, people: People) -> Iterable[tuple[str, Iterable[UUID]]]:
    """Yield why somebody stays, and who: what a human did must not vanish with a file."""

    def owners(rows: QuerySet[Any, Any], owner: str) -> Iterable[UUID]:
        return rows.filter(**{f"{owner}__in": people}).values_list(owner, flat=True)

    done = Q(state=Milestone.State.DONE)
    yield "Gespräch eingetragen", owners(Contact.objects.all(), "onboarding__person")
    yield "Schritt erledigt", owners(Milestone.objects.filter(done), "onboarding__person")
    yield "hat sich angemeldet", owners(User.objects.all(), "person")
    yield "hat ein Amt", owners(Amt.objects.all(), "person")
    yield "ist Mentor:in", owners(Mentor.objects.all(), "person")
    yield "hat eingewilligt", owners(Consent.objects.all(), "subject")
    yield "Wechsel begonnen", owners(Transfer.objects.all(), "person")
    yield "von Hand bearbeitet", _edited(run, people)


def _edited(run: ImportRun, people: People) -> Iterable[UUID]:
    """Whoever stands in the audit since: as person, membership or arrival."""
    since = AuditEvent.objects.filter(at__gte=run.applied_at, subject__isnull=False)
    subjects = set(since.exclude(code__startswith="import.").values_list("subject", flat=True))
    by_person = Q(pk__in=subjects)
    by_parts = Q(
        Exists(Membership.objects.filter(person=OuterRef("pk"), pk__in=subjects))
        | Exists(Onboarding.objects.filter(person=OuterRef("pk"), pk__in=subjects))
        | Exists(Invitation.objects.filter(person=OuterRef("pk"), pk__in=subjects))
    )
    found = Person.objects.filter(by_person | by_parts)
    return [pk for pk in found.values_list("pk", flat=True) if pk in people]


# --- What was changed -----------------------------------------------------------------------


class _Restoring:
    """Put the earlier values back, each only where nobody has changed it since."""

    def __init__(self, run: ImportRun) -> None:
        assert run.applied_at is not None  # refusal() asked for it
        self.applied_at = run.applied_at
        found = ImportChange.objects.filter(run=run, action=Action.UPDATED)
        self.changes = list(found.select_related("person"))
        self.memberships = Membership.objects.in_bulk(
            [change.after["membership.id"] for change in self.changes]
        )
        mentors = Mentor.objects.filter(person__in=[change.person_id for change in self.changes])
        self.mentors = {mentor.person_id: mentor for mentor in mentors}
        self.places = _places(self.changes)
        self.moved: list[Person] = []
        self.comes_back: list[Person] = []
        self.leaves: list[Person] = []
        self.newer = 0

    def work(self) -> tuple[int, int]:
        """Return how many people got values back, and how many values stay as they are now."""
        for change in self.changes:
            self._restore_person(change)
            self._restore_membership(change)
            if change.person_id in self.mentors:
                self._put_back(change, "mentor", self.mentors[change.person_id])
        self._save()
        onboarding.reopen(self.comes_back)
        onboarding.close(self.leaves)
        transfers.unrecord_moves([person.pk for person in self.moved], self.applied_at)
        onboarding.reassign([*self.moved, *self.comes_back])
        onboarding.find_missing_responsibles()
        return len(self.changes), self.newer

    def _save(self) -> None:
        fields = [name.removesuffix("_id") for name in changes.PERSON]
        people = [change.person for change in self.changes]
        Person.objects.bulk_update(people, [*fields, "sort_name"], batch_size=500)
        kept = list(self.memberships.values())
        Membership.objects.bulk_update(kept, changes.MEMBERSHIP, batch_size=500)
        Mentor.objects.bulk_update(self.mentors.values(), ["active_to"], batch_size=500)

    def _restore_person(self, change: ImportChange) -> None:
        person = change.person
        back = self._put_back(change, "person", person)
        person.sort_name = sort_name(person.family_name, person.given_name)
        if "email" in back:
            outbox.readdress(person.pk, person.email)
        if "gliederung_id" in back:
            self.moved.append(person)

    def _restore_membership(self, change: ImportChange) -> None:
        membership = self.memberships.get(UUID(change.after["membership.id"]))
        if membership is None:
            return
        if change.before["membership.id"] is None:
            # Before the import this person had no membership at all.
            del self.memberships[membership.pk]
            membership.delete()
            self._forget_arrival(change)
            return
        back = self._put_back(change, "membership", membership)
        if "joined_on" in back and membership.joined_on is None:
            self._forget_arrival(change)  # an application again
        if "has_ended" in back and "onboarding.state" in change.after:
            (self.leaves if membership.has_ended else self.comes_back).append(change.person)

    def _forget_arrival(self, change: ImportChange) -> None:
        """The clock that began with the membership stops with it, unless somebody has called."""
        begun = change.after.get("onboarding.id")
        if begun is None or change.before["onboarding.id"] is not None:
            return
        arrival = Onboarding.objects.filter(pk=begun, contacts=None)
        if arrival.exclude(milestones__state=Milestone.State.DONE).delete()[0]:
            welcome.forget_unsent({change.person_id})

    def _put_back(self, change: ImportChange, prefix: str, row: Any) -> list[str]:
        """Set what still is as the import left it; count what somebody has changed since."""
        back = []
        for key, after in change.after.items():
            part, _, name = key.partition(".")
            if part != prefix or name == "id":
                continue
            field = row._meta.get_field(name)
            before = field.to_python(change.before[key])
            earlier = self.places[before] if name == "gliederung_id" and before else before
            is_closed = before is not None and earlier is None
            if getattr(row, name) == field.to_python(after) and not is_closed:
                setattr(row, name, earlier)
                back.append(name)
            else:
                self.newer += 1
        return back


def _places(changes: Iterable[ImportChange]) -> dict[UUID, UUID | None]:
    """Return where people of each earlier Gliederung belong today; None where it is closed."""
    earlier = {change.before.get("person.gliederung_id") for change in changes} - {None}
    found = Gliederung.objects.select_related("level", "successor__level").filter(pk__in=earlier)
    places = {node.pk: node.members_place for node in found}
    return {pk: place.pk if place else None for pk, place in places.items()}
