"""Postgres advisory locks: one runner at a time, freed by the server if the holder dies."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


def _key(name: str) -> int:
    return zlib.crc32(name.encode())


def lock_for_transaction(name: str) -> None:
    """Wait for the named lock; it is released at the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_key(name)])


@contextmanager
def try_lock(name: str) -> Iterator[bool]:
    """Yield True if nobody else holds the named lock; it spans transactions."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s)", [_key(name)])
        (held,) = cursor.fetchone()
    try:
        yield held
    finally:
        if held:
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(%s)", [_key(name)])
