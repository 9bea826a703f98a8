"""Stage a membership export: read, check, show what it would do. Nothing is taken over yet."""

import hashlib
from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from members.imports import columns, gate, reader, rules
from members.imports.plan import Planned, make_plan
from members.imports.sheet import Sheet, UnknownColumns, Unreadable, header_key, pick
from members.models import District, ImportProfile, ImportRow, ImportRun, Person
from portal.common import audit, clock
from portal.common.errors import DomainError
from portal.common.jobs import enqueue

BATCH = 2000
MOST_STARTS = 2
BROKE_OFF = "Beim Prüfen ist etwas schiefgegangen. Bitte lade die Datei noch einmal hoch."
State = ImportRun.State
# What is true of a run as long as it holds somebody's data.
WAITING = (State.UPLOADED, State.MAPPING, State.STAGED)


class FileRefused(DomainError):
    """The file as a whole cannot be read."""


@transaction.atomic
def stage(content: bytes, by: Person | None) -> ImportRun:
    """Read and check a file whose columns are known, in one go; raises FileRefused."""
    _need_a_district()
    try:
        sheet = reader.open_sheet(content)
        run = _new_run(content, by)
        run.profile = _profile_for(sheet)
        _stage_rows(run, sheet, _columns(sheet, run.profile))
    except Unreadable as error:
        raise FileRefused(str(error)) from error
    return run


@transaction.atomic
def receive(content: bytes, by: Person, name: str, *, asks_for_columns: bool = False) -> ImportRun:
    """Keep an uploaded file and check it: a small one at once, a large one in the background.

    Raises FileRefused when name, kind or size forbid to open it at all.
    """
    _need_a_district()
    try:
        gate.kind_of(content, name)
    except Unreadable as error:
        raise FileRefused(str(error)) from error
    run = _new_run(content, by)
    run.asks_for_columns = asks_for_columns
    run.save()
    _start_check(run)
    return run


@transaction.atomic
def begin_check(pk: UUID) -> bool:
    """Count a start before the check, which may take its worker along; say whether to go on."""
    waiting = ImportRun.objects.select_for_update(skip_locked=True, of=("self",)).defer("content")
    run = waiting.filter(pk=pk, state=State.UPLOADED).first()
    if run is None:
        return False
    if run.check_starts >= MOST_STARTS:
        _refuse(run, BROKE_OFF)
        return False
    run.check_starts += 1
    run.save(update_fields=["check_starts"])
    return True


@transaction.atomic
def check(pk: UUID) -> None:
    """Bring an uploaded file to its next state; a second check of the same file does nothing."""
    waiting = ImportRun.objects.select_for_update(skip_locked=True, of=("self",))
    run = waiting.filter(pk=pk, state=State.UPLOADED).select_related("profile").first()
    if run is None:
        return
    try:
        sheet = reader.open_sheet(bytes(run.content or b""))
    except Unreadable as error:
        _refuse(run, str(error))
        return
    run.profile = run.profile or _profile_for(sheet)
    try:
        if run.asks_for_columns:
            raise UnknownColumns
        found = _columns(sheet, run.profile)
    except UnknownColumns:
        _ask_for_columns(run, sheet)
    except Unreadable as error:
        _refuse(run, str(error))
    else:
        _stage_rows(run, sheet, found)


@transaction.atomic
def map_columns(run: ImportRun, mapping: Mapping[str, str], name: str, by: Person) -> ImportRun:
    """Keep what somebody said about the columns (field → column), and check the file with it."""
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    if run.state != State.MAPPING:
        raise DomainError("Die Spalten dieser Datei sind schon zugeordnet.")
    run.profile, _ = ImportProfile.objects.update_or_create(
        header_key=header_key([column for column, _ in run.columns]),
        defaults={"name": name, "mapping": dict(mapping)},
        create_defaults={"name": name, "mapping": dict(mapping), "created_at": clock.now()},
    )
    run.state, run.columns, run.asks_for_columns = State.UPLOADED, [], False
    run.save(update_fields=["profile", "state", "columns", "asks_for_columns"])
    audit.record("import.mapped", by.pk, run.profile, sorted(mapping))
    _start_check(run)
    return run


@transaction.atomic
def forget_profile(profile: ImportProfile, by: Person) -> None:
    """Delete a saved mapping; the next file of this layout asks again."""
    audit.record("import.profile_deleted", by.pk, profile)
    profile.delete()


@transaction.atomic
def give_up(pk: UUID) -> None:
    """Say that a check broke off; otherwise somebody would wait for ever."""
    run = ImportRun.objects.select_for_update().filter(pk=pk, state=State.UPLOADED).first()
    if run:
        _refuse(run, BROKE_OFF)


@transaction.atomic
def discard(run: ImportRun) -> None:
    """Throw the file and its rows away; the log entry stays. Twice is once."""
    free = ImportRun.objects.select_for_update(of=("self",), skip_locked=True)
    found = free.filter(pk=run.pk, state__in=(*WAITING, State.DISCARDED)).first()
    if found is None:
        raise DomainError("Dieser Import ist schon bestätigt. Verwerfen geht nicht mehr.")
    if found.state in WAITING:
        _refuse(found, found.reason if found.counts else "Von Hand verworfen, ungelesen.")
    found.rows.all().delete()


def _need_a_district() -> None:
    if not District.objects.exists():
        raise FileRefused(
            "Es ist noch kein Parteigebiet eingerichtet. "
            "Das geht auf dem Server: „manage.py setup_district“."
        )


def _new_run(content: bytes, by: Person | None) -> ImportRun:
    return ImportRun(
        state=State.UPLOADED,
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        created_by=by,
        created_at=clock.now(),
    )


def _start_check(run: ImportRun) -> None:
    """Check at once what takes no longer than a page may; the rest is the worker's."""
    if gate.is_quick(bytes(run.content or b"")):
        check(run.pk)
        run.refresh_from_db()
    else:
        enqueue("members.check_import", str(run.pk))


def _profile_for(sheet: Sheet) -> ImportProfile | None:
    return ImportProfile.objects.filter(header_key=header_key(sheet.names)).first()


def _columns(sheet: Sheet, profile: ImportProfile | None) -> dict[str, int]:
    """What somebody said about this layout comes before what we recognise."""
    return columns.by_names(sheet, profile.mapping) if profile else columns.understood(sheet)


def _ask_for_columns(run: ImportRun, sheet: Sheet) -> None:
    run.state, run.encoding = State.MAPPING, sheet.encoding
    run.columns = [[name, sheet.examples(n)] for n, name in enumerate(sheet.names)]
    run.save(update_fields=["state", "encoding", "columns", "profile"])


def _refuse(run: ImportRun, reason: str) -> None:
    run.state, run.reason = State.DISCARDED, reason
    run.content, run.columns, run.unused_columns = None, [], []
    run.save(update_fields=["state", "reason", "content", "columns", "unused_columns"])


def _stage_rows(run: ImportRun, sheet: Sheet, found: dict[str, int]) -> None:
    table = pick(sheet, found)
    today = clock.today()
    plan = make_plan(rules.clean(table.lines, today), today)
    run.state, run.content = State.STAGED, None
    run.encoding, run.unused_columns = table.encoding, table.unused_columns
    run.counts, run.mails, run.letters = plan.counts, plan.mails, plan.letters
    run.save()
    ImportRow.objects.bulk_create((_staged(run, p) for p in plan.planned), batch_size=BATCH)
    by = run.created_by_id
    audit.record("import.staged", by, run, count=len(plan.planned))


def _staged(run: ImportRun, planned: Planned) -> ImportRow:
    return ImportRow(
        run=run,
        number=planned.row.number,
        verdict=planned.verdict,
        values=planned.row.values,
        problems=[problem.as_json() for problem in planned.row.problems],
        changed=planned.changed,
    )
