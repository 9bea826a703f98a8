"""Locks, small JSON files and the short folder for sockets."""

import fcntl
import hashlib
import json
import os
import stat
import tempfile
import time
from pathlib import Path
from typing import IO, Any, Self

from portal.common.local.errors import LocalError

# sun_path of Linux and macOS (104) minus the longest name we put behind it.
SOCKET_FOLDER_LIMIT = 104 - len("/.s.PGSQL.5432.lock")
POLL = 0.05


class FileLock:
    """flock on a file that is never deleted, else two processes could hold "the" lock."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[str] | None = None

    def acquire(self, *, shared: bool = False, seconds: float | None = 0.0) -> bool:
        """Try for so long; None waits for ever."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = self.path.open("a", encoding="utf-8")
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        deadline = None if seconds is None else time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(file, kind | fcntl.LOCK_NB)
            except BlockingIOError:
                if deadline is not None and time.monotonic() >= deadline:
                    file.close()
                    return False
                time.sleep(POLL)
            except BaseException:
                file.close()
                raise
            else:
                self._file = file
                return True

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.release()


def read_json(path: Path) -> dict[str, Any]:
    """Empty when missing or damaged."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Readable by the owner only, and never half written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=2)
    temporary.replace(path)


def private_folder(path: Path, uid: int) -> bool:
    """Make or take over the folder; False when it belongs to somebody else."""
    try:
        path.mkdir(mode=0o700, exist_ok=True)
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.getuid(), uid):
            return False
        if found.st_uid != uid:
            os.chown(path, uid, -1)
        path.chmod(0o700)
    except OSError:
        return False
    return True


def temporary_folders(root: Path) -> list[Path]:
    """Places for this root's folder in order of preference; the key keeps two checkouts apart."""
    key = hashlib.sha256(f"{root.resolve()}\0{os.getuid()}".encode()).hexdigest()[:10]
    bases = dict.fromkeys([tempfile.gettempdir(), "/tmp", "/var/tmp", "/dev/shm"])
    return [Path(base) / f"portal-{key}" for base in bases]


def socket_folder(root: Path, uid: int) -> Path:
    """A private folder whose path is short enough for a socket, wherever the project lies."""
    for folder in temporary_folders(root):
        if len(os.fsencode(folder)) <= SOCKET_FOLDER_LIMIT and private_folder(folder, uid):
            return folder
    raise LocalError("Im Ordner für temporäre Dateien lässt sich kein eigener Ordner anlegen.")
