"""Does it work? Answered from the database first, so that a frozen broker cannot hide it."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.models import Min
from redis.exceptions import RedisError

from portal.common import clock, restored
from portal.common.models import Heartbeat, OutgoingMail
from portal.common.scope import scope

QUEUES = ("default", "mail")
# Beat sends a sign of life every 15 s; a long task may hold it up.
SILENT_AFTER = 10 * 60
OVERDUE_AFTER = 30 * 60
# Two beats announce a job at the same moment; no periodic job is due more often than this.
SAME_START = timedelta(seconds=30)


def _ms(ask: Callable[[], object], *errors: type[Exception]) -> int | None:
    began = time.monotonic()
    try:
        ask()
    except errors:
        return None
    return round((time.monotonic() - began) * 1000)


def _select_one() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select 1")


def database_ms() -> int | None:
    """Return how long the database needs to answer; None if it does not."""
    return _ms(_select_one, DatabaseError, InterfaceError)


def is_ready() -> bool:
    """Return whether the database answers, has its tables and waits for no erasures."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(restored.OPEN)
            return not cursor.fetchone()[0]
    except (DatabaseError, InterfaceError):
        return False


def redis_ms() -> int | None:
    """Return how long Redis needs to answer, at most its time limit; None if it does not."""
    return _ms(lambda: cache.get("health"), RedisError, OSError)


def _age(moment: Any) -> int | None:
    return None if moment is None else round((clock.now() - moment).total_seconds())


def _from_tables() -> dict[str, Any]:
    beats = dict(Heartbeat.objects.values_list("name", "at"))
    with scope("system:health"):
        waiting = OutgoingMail.objects.filter(
            channel=OutgoingMail.Channel.MAIL,
            state__in=[OutgoingMail.State.QUEUED, OutgoingMail.State.SENDING],
            not_before__lte=clock.now(),
        )
        oldest = waiting.aggregate(Min("not_before"))["not_before__min"]
    return {
        "oldest_due_mail_s": _age(oldest) or 0,
        "jobs_s": {queue: _age(beats.get(queue)) for queue in QUEUES},
    }


def report() -> dict[str, Any]:
    """Return everything somebody on call wants to know; no person, no address."""
    found: dict[str, Any] = {"database_ms": database_ms(), "redis_ms": redis_ms()}
    if found["database_ms"] is None:
        return found | {"ok": False}
    found["is_restored"] = restored.is_open()
    found |= _from_tables()
    ages = found["jobs_s"].values()
    found["ok"] = (
        found["redis_ms"] is not None
        and not found["is_restored"]
        and found["oldest_due_mail_s"] < OVERDUE_AFTER
        and all(age is not None and age < SILENT_AFTER for age in ages)
    )
    return found


@transaction.atomic
def sign_of_life(name: str) -> None:
    """Write down that this queue or periodic job works right now."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": clock.now()})


def has_just_worked(name: str) -> bool:
    """Return whether the last sign of life is so young that a second beat must have sent this."""
    return Heartbeat.objects.filter(name=name, at__gt=clock.now() - SAME_START).exists()
