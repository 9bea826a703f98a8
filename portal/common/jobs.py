"""Start background work without ever failing the request that asks for it."""

from typing import Any

import kombu.exceptions
import redis.exceptions
import structlog
from django.db import transaction

from portal.celery import app

log = structlog.get_logger(__name__)
# With these a frozen broker costs half a second instead of hanging the page.
PUBLISH_LIMITS = {"max_retries": 0, "interval_start": 0, "interval_step": 0, "interval_max": 0}
BROKER_ERRORS = (kombu.exceptions.OperationalError, redis.exceptions.RedisError, OSError)


def _publish(task: str, args: tuple[Any, ...]) -> None:
    try:
        with app.connection_for_write(
            transport_options={
                **app.conf.broker_transport_options,
                "socket_timeout": 0.5,
                "socket_connect_timeout": 0.5,
            }
        ) as connection:
            app.send_task(
                task,
                args=args,
                argsrepr="-",
                kwargsrepr="-",
                connection=connection,
                retry=False,
                retry_policy=PUBLISH_LIMITS,
            )
    except BROKER_ERRORS as error:
        # The tables are the truth; beat finds what was not announced.
        log.warning("broker_did_not_take", task=task, error=type(error).__name__)


def enqueue(task: str, *args: Any) -> None:
    """Announce `task` after commit; `args` are ids only. Never raises for a broken broker."""
    transaction.on_commit(lambda: _publish(task, args), robust=True)
