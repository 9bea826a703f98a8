"""Whom we erased, written down outside the database, so that a restore can erase them again.

One line a person: the moment, the id, the rule. A line is on disk before the erasure commits: the
other way round a crash in between would bring somebody back from a backup. What was written and
then not committed is erased by the next run; the replay knows it by its age, because somebody
erased before a backup is not in it.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings

from portal.common import clock


@dataclass(frozen=True, slots=True)
class Entry:
    at: datetime
    subject: UUID
    rule: str


def append(subjects: Iterable[UUID], rule: str) -> None:
    """Write one line per subject and wait for the disk; call it before the erasure commits."""
    at = clock.now().isoformat(timespec="seconds")
    lines = "".join(f"{at} {subject} {rule}\n" for subject in subjects).encode()
    if not lines:
        return
    path = Path(settings.ERASURE_LEDGER)
    path.parent.mkdir(parents=True, exist_ok=True)
    is_new = not path.exists()
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        # A crash may have left half a line behind: what follows begins on a line of its own.
        if not _ends_with_a_line(path):
            lines = b"\n" + lines
        _write(file, lines)
        os.fsync(file)
    finally:
        os.close(file)
    if is_new:
        _sync_folder(path.parent)


def _write(file: int, lines: bytes) -> None:
    while lines:
        lines = lines[os.write(file, lines) :]


def _ends_with_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return True
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read() -> Iterator[Entry]:
    """Return every entry; half a line is what a crash left of an erasure that never committed."""
    path = Path(settings.ERASURE_LEDGER)
    if not path.exists():
        return
    with path.open(encoding="utf-8") as file:
        for line in file:
            parts = line.split()
            if line.endswith("\n") and len(parts) == 3:
                yield Entry(datetime.fromisoformat(parts[0]), UUID(parts[1]), parts[2])
