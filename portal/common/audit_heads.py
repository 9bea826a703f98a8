"""Heads of the audit chain, noted outside the database: without them its end could be cut off.

One line per head: position and hash, nothing else. The file only ever grows.
"""

import os
import re

from django.conf import settings

LINE = re.compile(r"(\d{1,18}) ([0-9a-f]{64})")


class Unreadable(Exception):
    """A line is no head: the file was damaged or somebody wrote into it."""


def read() -> dict[int, str]:
    """Return position → hash of every head; nothing where none was noted yet.

    Raises Unreadable, also when one position was noted with two hashes.
    """
    try:
        lines = settings.AUDIT_HEADS.read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError as error:
        raise Unreadable from error
    heads: dict[int, str] = {}
    for line in lines:
        found = LINE.fullmatch(line)
        if not found or heads.setdefault(int(found[1]), found[2]) != found[2]:
            raise Unreadable
    return heads


def note(position: int, value: str) -> None:
    """Append a head, unless it is noted already; on disk when this returns."""
    if position in read():
        return
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    descriptor = os.open(settings.AUDIT_HEADS, flags, 0o600)
    try:
        os.write(descriptor, f"{position} {value}\n".encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
