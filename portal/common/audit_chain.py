"""The chain over the audit log: seal what was committed, walk it, note its head elsewhere.

Events are not chained when they are written: that would make every request wait for the one
before. A job seals what is there and has no seal yet, in the order of ids; an event whose
transaction took longer gets a later position.

A seal is a line of its own: position, event, the day from which the event may go, and the digest
of the event. Its hash is made from the hash before and this line. So the whole chain can be
walked for ever, although events go after their time, some earlier than others: an event may be
missing exactly when its own seal says that its day has come. No anchor has to be kept or believed.
"""

import hashlib
import json
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

import structlog
from django.db import connection, models, transaction
from django.db.models import Exists, F, Func, OuterRef, QuerySet

from portal.common import audit_heads, clock
from portal.common.locks import lock_for_transaction
from portal.common.models import AuditCheck, AuditEvent, AuditSeal

log = structlog.get_logger(__name__)
LOCK = "audit-chain"
BATCH = 5000
BEGINNING = bytes(32)


def digest(row: tuple[Any, ...]) -> bytes:
    """Return what an event says, as 32 bytes; `row` are its columns in the model's order."""
    pk, code, at, actor, subject_type, subject, fields, count = row
    words = [
        pk,
        code,
        at.astimezone(UTC).isoformat(timespec="microseconds"),
        str(actor) if actor else None,
        subject_type,
        str(subject) if subject else None,
        list(fields),
        count,
    ]
    return hashlib.sha256(json.dumps(words, separators=(",", ":")).encode()).digest()


def link(before: bytes, position: int, event: int, goes_on: date, event_digest: bytes) -> bytes:
    """Return the hash of a seal."""
    line = f"{position} {event} {goes_on.isoformat()} {event_digest.hex()}"
    return hashlib.sha256(before + line.encode()).digest()


COLUMNS = ("id", "code", "at", "actor", "subject_type", "subject", "fields", "count")


def unsealed() -> QuerySet[AuditEvent]:
    sealed = AuditSeal.objects.filter(event=OuterRef("pk"))
    return AuditEvent.objects.filter(~Exists(sealed))


@transaction.atomic
def seal() -> int:
    """Seal every committed event that has no seal; one sealer at a time. Returns how many."""
    lock_for_transaction(LOCK)
    last = AuditSeal.objects.order_by("-position").first()
    position, before = (last.position, bytes(last.hash)) if last else (0, BEGINNING)
    begun = position
    goes_on = Func(F("code"), F("at"), function="audit_goes_on", output_field=models.DateField())
    found = unsealed().order_by("pk").annotate(goes_on=goes_on).values_list(*COLUMNS, "goes_on")
    rows = found.iterator(chunk_size=BATCH)
    while batch := list(islice(rows, BATCH)):
        seals = []
        for *columns, last_day in batch:
            position += 1
            told = digest(tuple(columns))
            before = link(before, position, columns[0], last_day, told)
            seals.append(AuditSeal(position, columns[0], last_day, told, before))
        AuditSeal.objects.bulk_create(seals)
    return position - begun


# What may be wrong, and how it is said.
CHANGED, REMOVED, FORGED, GAP, TAIL, OTHER_HEAD, HEADS = (
    "changed",
    "removed",
    "forged",
    "gap",
    "tail",
    "other_head",
    "heads",
)
PROBLEMS = {
    CHANGED: "Der Eintrag wurde nachträglich geändert.",
    REMOVED: "Der Eintrag fehlt, obwohl seine Zeit noch nicht um ist.",
    FORGED: "Das Siegel passt nicht zu dem davor: Es wurde gefälscht oder geändert.",
    GAP: "Hier fehlt ein Siegel.",
    TAIL: "Ab hier fehlt das Ende: Außerhalb der Datenbank ist ein späterer Stand notiert.",
    OTHER_HEAD: "Außerhalb der Datenbank ist hier ein anderer Stand notiert.",
    HEADS: "Die Datei mit den notierten Ständen ist beschädigt.",
}


@dataclass(frozen=True, slots=True)
class Report:
    """What a walk found: the first broken position, or none."""

    seals: int
    head: str  # the last hash that holds
    heads: int  # how many were compared
    problem: str = ""
    position: int | None = None

    @property
    def ok(self) -> bool:
        return not self.problem


class _Broken(Exception):
    def __init__(self, problem: str, position: int) -> None:
        super().__init__(problem)
        self.problem, self.position = problem, position


WALK = """
    select seal.position, seal.event, seal.goes_on, seal.digest, seal.hash,
        seal.goes_on <= (now() at time zone 'UTC')::date,
        event.id, event.code, event.at, event.actor, event.subject_type, event.subject,
        event.fields, event.count
    from common_auditseal seal left join common_auditevent event on event.id = seal.event
    order by seal.position
"""


def _rows() -> Generator[tuple[Any, ...], None, None]:
    """Stream the chain; never more than a batch in memory."""
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(WALK)
        while rows := cursor.fetchmany(BATCH):
            yield from rows


def verify() -> Report:
    """Walk the whole chain and compare it with every head that was noted outside."""
    try:
        heads = audit_heads.read()  # before the walk: a later head may belong to later seals
    except audit_heads.Unreadable:
        return Report(0, "", 0, HEADS, 0)
    position, before = 0, BEGINNING
    try:
        with closing(_rows()) as rows:
            for reached in _walk(rows, heads):
                position, before = reached
    except _Broken as broken:
        return Report(position, before.hex(), len(heads), broken.problem, broken.position)
    if heads and max(heads) > position:
        return Report(position, before.hex(), len(heads), TAIL, position + 1)
    return Report(position, before.hex(), len(heads))


def _walk(rows: Iterable[tuple[Any, ...]], heads: dict[int, str]) -> Iterator[tuple[int, bytes]]:
    before = BEGINNING
    for expected, row in enumerate(rows, 1):
        position, event, goes_on, told, found, is_over, *columns = row
        if position != expected:
            raise _Broken(GAP if position > expected else FORGED, min(expected, position))
        if link(before, position, event, goes_on, bytes(told)) != bytes(found):
            raise _Broken(FORGED, position)
        if columns[0] is None and not is_over:
            raise _Broken(REMOVED, position)
        if columns[0] is not None and digest(tuple(columns)) != bytes(told):
            raise _Broken(CHANGED, position)
        before = bytes(found)
        if heads.get(position, before.hex()) != before.hex():
            raise _Broken(OTHER_HEAD, position)
        yield position, before


@transaction.atomic
def check() -> AuditCheck:
    """The nightly round: walk, write down what came out, note the head, let old events go.

    Nothing is sealed here: a head must never name a seal that is not committed yet.
    """
    report = verify()
    done = AuditCheck.objects.create(
        at=clock.now(), seals=report.seals, problem=report.problem, position=report.position
    )
    if report.ok and report.seals:
        audit_heads.note(report.seals, report.head)
        log.info("audit_head", position=report.seals, hash=report.head)
    prune()
    return done


def prune() -> int:
    """Let go what has had its time; the database alone judges what that is."""
    with connection.cursor() as cursor:
        cursor.execute("select audit_prune()")
        (count,) = cursor.fetchone()
    return int(count)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the page says about the chain."""

    checked: AuditCheck | None
    whole_since: datetime | None
    problem: str


def standing() -> Standing:
    """The last check, and since when every check found the chain whole."""
    last = AuditCheck.objects.order_by("-pk").first()
    if last is None:
        return Standing(None, None, "")
    broken = AuditCheck.objects.exclude(problem="").order_by("-pk").values("pk")[:1]
    good = AuditCheck.objects.filter(problem="")
    after = good.filter(pk__gt=models.functions.Coalesce(models.Subquery(broken), 0))
    first = after.order_by("pk").values_list("at", flat=True).first()
    return Standing(last, first, PROBLEMS.get(last.problem, last.problem))
