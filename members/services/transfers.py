"""Change the Ortsverein of somebody: both sides agree, then the responsibility moves (B11)."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from members.models import Contact, Gliederung, Membership, Person, Transfer
from members.services import organisation
from members.services.people import require_open, settle_in
from portal.common import audit, clock
from portal.common.errors import DomainError

State = Transfer.State
Source = Transfer.Source


# So long a completed change is simply taken back; later somebody begins a new one.
UNDO_WITHIN = timedelta(days=7)


class StepRefused(DomainError):
    """This step does not follow from where the transfer stands."""


@transaction.atomic
def start(person: Person, to: Gliederung, by: Person, *, gives: bool) -> Transfer:
    """Begin a change of Ortsverein; who speaks for the giving side agrees by beginning it."""
    organisation.lock()  # nobody sets out for a Gliederung that is being merged away
    to = require_open(to)
    person = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if person.gliederung_id is None:
        raise DomainError("Der Ortsverein steht noch nicht fest. Bitte ordne die Person erst zu.")
    if person.gliederung_id == to.pk:
        raise DomainError(f"{person.full_name} gehört schon zu {to}.")
    if not Membership.objects.filter(person=person, has_ended=False).exists():
        raise DomainError(f"{person.full_name} ist zurzeit nicht Mitglied.")
    if person.transfers.open().exists():
        raise DomainError("Für diese Person läuft schon ein Wechsel.")
    now = clock.now()
    transfer = Transfer.objects.create(
        person=person,
        from_gliederung_id=person.gliederung_id,
        to_gliederung=to,
        state=State.GIVEN if gives else State.OPEN,
        started_by=by,
        started_at=now,
        given_at=now if gives else None,
    )
    audit.record("transfer.started", by.pk, person, ["gliederung"])
    return transfer


def _locked(transfer: Transfer) -> Transfer:
    """Two people at once make one step: the second sees what the first has done."""
    return Transfer.objects.select_for_update(of=("self",)).get(pk=transfer.pk)


@transaction.atomic
def give(transfer: Transfer, by: Person) -> None:
    """The giving side agrees."""
    transfer = _locked(transfer)
    _require(transfer, State.OPEN, "Die abgebende Seite hat schon geantwortet.")
    _move_on(transfer, State.GIVEN, by, "given_at")


@transaction.atomic
def take(transfer: Transfer, by: Person) -> None:
    """The receiving side agrees."""
    transfer = _locked(transfer)
    if transfer.state == State.OPEN:
        raise StepRefused("Zuerst sagt der abgebende Ortsverein zu.")
    _require(transfer, State.GIVEN, "Die aufnehmende Seite hat schon geantwortet.")
    _move_on(transfer, State.TAKEN, by, "taken_at")


@transaction.atomic
def complete(transfer: Transfer, by: Person) -> None:
    """Now the person belongs to the new Ortsverein; milestones move along."""
    organisation.lock()
    transfer = _locked(transfer)
    if transfer.state in (State.OPEN, State.GIVEN):
        raise StepRefused("Es haben noch nicht beide Seiten zugesagt.")
    _require(transfer, State.TAKEN, "Dieser Wechsel ist schon beendet.")
    person = Person.objects.select_for_update(of=("self",)).get(pk=transfer.person_id)
    if person.gliederung_id != transfer.from_gliederung_id:
        raise StepRefused("Die Person gehört inzwischen zu einem anderen Ortsverein.")
    _move_on(transfer, State.DONE, by, "ended_at")
    settle_in(person, transfer.to_gliederung)


@transaction.atomic
def undo(transfer: Transfer, by: Person) -> None:
    """A completed change was a mistake: back to where they came from, with everything open."""
    organisation.lock()
    transfer = _locked(transfer)
    if not may_be_undone(transfer):
        raise StepRefused("Das geht nur sieben Tage lang. Beginn bitte einen neuen Wechsel zurück.")
    person = Person.objects.select_for_update(of=("self",)).get(pk=transfer.person_id)
    since = Q(created_at__gte=transfer.ended_at, onboarding__person=person)
    moved_on = person.transfers.filter(started_at__gt=transfer.ended_at).exists()
    if person.gliederung_id != transfer.to_gliederung_id or moved_on:
        raise StepRefused("Danach hat sich der Ortsverein noch einmal geändert.")
    if Contact.objects.filter(since).exists():
        raise StepRefused(
            "Dort hat schon jemand mit der Person gesprochen. Beginn bitte einen neuen Wechsel."
        )
    back = require_open(transfer.from_gliederung)
    transfer.state, transfer.ended_at = State.WITHDRAWN, clock.now()
    transfer.save(update_fields=["state", "ended_at"])
    audit.record("transfer.undone", by.pk, transfer, ["state"])
    settle_in(person, back)


def may_be_undone(transfer: Transfer) -> bool:
    """Completed by hand, and not long ago; what the export says is the export's."""
    return (
        transfer.state == State.DONE
        and transfer.source == Source.HAND
        and transfer.ended_at is not None
        and transfer.ended_at > clock.now() - UNDO_WITHIN
    )


@transaction.atomic
def refuse(transfer: Transfer, by: Person) -> None:
    """One side says no."""
    transfer = _locked(transfer)
    if not transfer.is_open:
        raise StepRefused("Dieser Wechsel ist schon beendet.")
    _move_on(transfer, State.REFUSED, by, "ended_at")


@transaction.atomic
def withdraw(transfer: Transfer, by: Person) -> None:
    """Whoever began it, or the office, takes it back."""
    transfer = _locked(transfer)
    if not transfer.is_open:
        raise StepRefused("Dieser Wechsel ist schon beendet.")
    _move_on(transfer, State.WITHDRAWN, by, "ended_at")


def _require(transfer: Transfer, state: str, refusal: str) -> None:
    if not transfer.is_open:
        raise StepRefused("Dieser Wechsel ist schon beendet.")
    if transfer.state != state:
        raise StepRefused(refusal)


def _move_on(transfer: Transfer, state: str, by: Person, moment: str) -> None:
    transfer.state = state
    setattr(transfer, moment, clock.now())
    transfer.save(update_fields=["state", moment])
    audit.record(f"transfer.{state}", by.pk, transfer, ["state"])


@transaction.atomic
def record_moves(moves: Mapping[UUID, tuple[UUID, UUID]], at: datetime | None) -> None:
    """A move in the export has happened already; one that both were agreeing on ends with it."""
    now = at or clock.now()
    open_ones = Transfer.objects.open().filter(person__in=list(moves)).select_for_update()
    arrived = set()
    for transfer in open_ones:
        fits = transfer.to_gliederung_id == moves[transfer.person_id][1]
        transfer.state = State.DONE if fits else State.WITHDRAWN
        transfer.ended_at = now
        transfer.save(update_fields=["state", "ended_at"])
        if fits:
            arrived.add(transfer.person_id)
    Transfer.objects.bulk_create(
        Transfer(
            person_id=person,
            from_gliederung_id=source,
            to_gliederung_id=target,
            state=State.DONE,
            source=Source.IMPORT,
            started_at=now,
            ended_at=now,
        )
        for person, (source, target) in moves.items()
        if person not in arrived
    )


@transaction.atomic
def unrecord_moves(people: Iterable[UUID], at: datetime) -> None:
    """An import is taken back: what it recorded goes, what it ended goes on."""
    touched = Transfer.objects.filter(person__in=list(people), ended_at=at)
    touched.filter(source=Source.IMPORT).delete()
    ends = ("from_gliederung", "to_gliederung")
    related = [f"{end}__{path}" for end in ends for path in ("level", "successor__level")]
    for transfer in touched.filter(source=Source.HAND).select_related(*related):
        source, target = (getattr(transfer, end).members_place for end in ends)
        if source is None or target is None or source == target:
            continue  # merged or closed since: there is nothing left to agree on
        transfer.from_gliederung, transfer.to_gliederung = source, target
        transfer.ended_at = None
        transfer.state = (
            State.TAKEN if transfer.taken_at else State.GIVEN if transfer.given_at else State.OPEN
        )
        transfer.save(update_fields=[*ends, "state", "ended_at"])


@transaction.atomic
def follow_merge(source: Gliederung, target: Gliederung, by: Person) -> None:
    """Two Gliederungen became one: who was on the way there goes on, who was between them is in."""
    touched = Transfer.objects.open().filter(Q(from_gliederung=source) | Q(to_gliederung=source))
    for transfer in touched.select_for_update():
        ends = (transfer.from_gliederung_id, transfer.to_gliederung_id)
        start_pk, end_pk = (target.pk if pk == source.pk else pk for pk in ends)
        if start_pk == end_pk:
            transfer.state, transfer.ended_at = State.WITHDRAWN, clock.now()
        else:
            transfer.from_gliederung_id, transfer.to_gliederung_id = start_pk, end_pk
        fields = ["from_gliederung", "to_gliederung", "state", "ended_at"]
        transfer.save(update_fields=fields)
        audit.record("transfer.merged", by.pk, transfer, fields)


@transaction.atomic
def withdraw_of_leavers(people: Iterable[UUID]) -> None:
    """Whoever has left does not change the Ortsverein any more."""
    Transfer.objects.open().filter(person__in=list(people)).update(
        state=State.WITHDRAWN, ended_at=clock.now()
    )
