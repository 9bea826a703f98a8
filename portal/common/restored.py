"""After a restore nobody works here until everybody who was erased is erased again.

The restore leaves a `RestoreMark` in the same transaction; web, workers and beat call
`stay_shut()` when they start and stop, with one sentence, while a mark is open.
"""

import sys
from typing import Any

from django.db import DatabaseError, OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

SENTENCE = (
    "Die Datenbank wurde zurückgespielt, aber die Löschungen seit der Sicherung fehlen noch. "
    "Erst: docker compose run --rm nachspielen (manage.py replay_erasures)"
)
# gunicorn stops at this code instead of trying the same again.
EXIT_CODE = 3
OPEN = "select exists (select 1 from common_restoremark where replayed_at is null)"


def is_open() -> bool:
    """Return whether a restore waits for its erasures; a database without tables has none."""
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass('common_restoremark') is not null")
        if not cursor.fetchone()[0]:
            return False
        cursor.execute(OPEN)
        return bool(cursor.fetchone()[0])


def stay_shut() -> None:
    """End this process while a mark is open; later connections ask again.

    A database that does not answer is no reason to end: its next connection is asked.
    """
    try:
        is_shut = is_open()
    except DatabaseError:
        is_shut = False
    finally:
        connection.close()
    if is_shut:
        sys.stderr.write(SENTENCE + "\n")
        sys.stderr.flush()
        raise SystemExit(EXIT_CODE)
    connection_created.connect(_refuse, dispatch_uid="restored")


def _refuse(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Give no restored database to a process that was running or started without one."""
    if is_open():
        # Otherwise the next question would find it open and not be asked.
        connection.close()
        raise OperationalError(SENTENCE)
