"""A human decides who looks after a newcomer: handing on in one tap, sharing out in one go."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from members.models import Assignment, Contact, Onboarding, Person
from members.queries.responsible import Decided, ResponsiblePeople, decided_for
from members.services.onboarding import reassign
from portal.common import audit, clock
from portal.common.errors import DomainError


class NobodyLeft(DomainError):
    """Everybody who could take over is away or has handed this one on."""


@transaction.atomic
def hand_on(onboarding: Onboarding, by: Person) -> Person:
    """„Kann jemand anders anrufen?“: the next different person takes over, at once (R6, R8)."""
    onboarding = _locked(onboarding)
    name = onboarding.person.first_name
    if onboarding.state != Onboarding.State.RUNNING:
        raise DomainError("Hier ist nichts mehr offen, also auch nichts abzugeben.")
    if onboarding.responsible_id != by.pk:
        who = onboarding.responsible.full_name if onboarding.responsible else "die Geschäftsstelle"
        raise DomainError(f"Um {name} kümmert sich schon {who}.")
    taker = _next(onboarding, by)
    if taker is None:
        raise NobodyLeft(
            f"Gerade ist sonst niemand da. {name} bleibt bei dir. Wenn es gar nicht passt, "
            "ruf bitte die Geschäftsstelle an."
        )
    Assignment.objects.create(
        onboarding=onboarding, giver=by, taker=taker, made_by=by, made_at=clock.now()
    )
    reassign([onboarding.person])
    audit.record("onboarding.handed_on", by.pk, onboarding, ["responsible"])
    return taker


def _next(onboarding: Onboarding, by: Person) -> Person | None:
    gliederung = onboarding.person.gliederung
    if gliederung is None:
        return None
    decided = decided_for(onboarding)
    decided = replace(decided, givers={*decided.givers, by.pk})
    people = ResponsiblePeople(gliederung.ancestor_paths)
    found = people.next_after(gliederung, [onboarding.person_id], decided)
    return Person.objects.get(pk=found.person_id) if found.person_id else None


@transaction.atomic
def take_back(onboarding: Onboarding, by: Person) -> None:
    """Undo one's own handing on, unless somebody has taken it further or has talked already."""
    onboarding = _locked(onboarding)
    newest = Assignment.objects.live().select_related("taker").filter(onboarding=onboarding).first()
    if newest is None or newest.giver_id != by.pk:
        raise DomainError("Das hat inzwischen jemand anderes übernommen.")
    if Assignment.objects.filter(_talked(), pk=newest.pk).exists():
        who = newest.taker.first_name if newest.taker else "Jemand"
        name = onboarding.person.first_name
        raise DomainError(f"{who} hat sich schon um {name} gekümmert. Sprecht euch bitte ab.")
    newest.undone_at = clock.now()
    newest.save(update_fields=["undone_at"])
    reassign([onboarding.person])
    audit.record("onboarding.taken_back", by.pk, onboarding, ["responsible"])


def _locked(onboarding: Onboarding) -> Onboarding:
    found = Onboarding.objects.select_for_update(of=("self",))
    return found.select_related("person__gliederung", "responsible").get(pk=onboarding.pk)


def _talked() -> Exists:
    """The taker has written down a talk or an attempt since."""
    return Exists(
        Contact.objects.filter(
            onboarding=OuterRef("onboarding"),
            made_by=OuterRef("taker"),
            created_at__gte=OuterRef("made_at"),
        )
    )


@dataclass(frozen=True, slots=True)
class Shared:
    """What one sharing out has done; `batch` takes it back."""

    batch: UUID
    count: int


@transaction.atomic
def share_out(chosen: QuerySet[Onboarding], takers: Collection[UUID], by: Person) -> Shared:
    """Give newcomers to one person, or evenly to several: a fixed number of statements (B12)."""
    locked = chosen.select_related("person__gliederung").select_for_update(of=("self",))
    # Locked in the order in which everybody locks, shared out in the order of the list.
    rows = sorted(locked.order_by("pk"), key=lambda row: (row.person.sort_name, row.pk))
    if not rows:
        raise DomainError("Kreuz bitte mindestens ein Neumitglied an.")
    if not takers:
        raise DomainError("Wähl bitte mindestens eine Person, die übernimmt.")
    batch, now = uuid.uuid4(), clock.now()
    shares = _evenly(rows, takers)
    Assignment.objects.bulk_create(
        Assignment(onboarding=row, taker_id=taker, made_by=by, made_at=now, batch=batch)
        for row, taker in zip(rows, shares, strict=True)
    )
    Onboarding.objects.bulk_update(
        rows, ["responsible", "responsible_stands_in", "responsible_since"], batch_size=500
    )
    audit.record("onboarding.shared_out", by.pk, None, ["responsible"], count=len(rows))
    return Shared(batch, len(rows))


def _evenly(rows: Sequence[Onboarding], takers: Collection[UUID]) -> list[UUID]:
    """Whoever has the fewest of them is next, among those who may look after this one."""
    people = ResponsiblePeople()
    load = dict.fromkeys(sorted(takers), 0)
    chosen = []
    for row in rows:
        taker = min(_may_take(row, load, people), key=lambda pk: load[pk], default=None)
        if taker is None or row.person.gliederung is None:
            place = row.person.gliederung or "ohne Ortsverein"
            raise DomainError(
                f"{row.person.full_name} ({place}): Dafür hat von den Gewählten gerade niemand "
                "ein Amt. Wähl noch jemanden dazu oder nimm das Kreuz weg."
            )
        load[taker] += 1
        chosen.append(taker)
        amt = people.office_of(taker, row.person.gliederung)
        assert amt is not None  # they may take this one because of it
        row.responsible_since = (
            row.responsible_since if row.responsible_id == taker else clock.today()
        )
        row.responsible_id = taker
        row.responsible_stands_in = people.stands_in(amt, row.person.gliederung)
    return chosen


def _may_take(row: Onboarding, takers: Collection[UUID], people: ResponsiblePeople) -> list[UUID]:
    if row.person.gliederung is None:
        return []
    wish = Decided(only_flinta=row.person.prefers_flinta)
    present = {amt.person_id for amt in people.over(row.person.gliederung, wish)}
    return [pk for pk in takers if pk in present and pk != row.person_id]


@transaction.atomic
def take_back_batch(rows: QuerySet[Assignment], by: Person) -> tuple[int, int]:
    """Undo a sharing out as one; whoever has been talked to stays. Returns (undone, kept)."""
    pks = list(rows.order_by().values_list("onboarding", flat=True))
    list(Onboarding.objects.filter(pk__in=pks).order_by("pk").select_for_update(of=("self",)))
    if not pks:
        raise DomainError("Hier ist nichts mehr zurückzunehmen.")
    newer = Assignment.objects.filter(
        onboarding=OuterRef("onboarding"), undone_at=None, made_at__gt=OuterRef("made_at")
    )
    free = rows.order_by().filter(~_talked(), ~Exists(newer))
    undone = dict(free.values_list("pk", "onboarding"))
    freed = set(undone.values())
    Assignment.objects.filter(pk__in=undone).update(undone_at=clock.now())
    reassign(Person.objects.filter(onboardings__in=freed).distinct())
    audit.record("onboarding.share_undone", by.pk, None, ["responsible"], count=len(freed))
    return len(freed), len(pks) - len(freed)
