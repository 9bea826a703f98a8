"""The Celery application; tasks take ids only and are leaves over services."""

import logging.config
import os
import time
from typing import Any

import structlog
from celery import Celery
from celery.signals import (
    beat_init,
    celeryd_init,
    setup_logging,
    task_failure,
    task_postrun,
    task_prerun,
)

from portal.common import restored

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(
    ["portal.common", "portal.common.outbox", "members", "events", "portal.dashboards"]
)

log = structlog.get_logger("portal.task")


@setup_logging.connect
def _keep_our_logging(**kwargs: Any) -> None:
    """Celery's own handlers would print what an exception says."""
    from django.conf import settings  # not configured yet when this module is imported

    logging.config.dictConfig(settings.LOGGING)


@celeryd_init.connect
@beat_init.connect
def _start(**kwargs: Any) -> None:
    restored.stay_shut()


@task_prerun.connect
def _begin(task_id: str, **kwargs: Any) -> None:
    structlog.contextvars.bind_contextvars(task_id=task_id, began=time.monotonic())


@task_failure.connect
def _failed(sender: Any, exception: BaseException, **kwargs: Any) -> None:
    log.error("task_failed", task=sender.name, exc_info=exception)


@task_postrun.connect
def _end(task: Any, state: str | None = None, **kwargs: Any) -> None:
    began = structlog.contextvars.get_contextvars().get("began", time.monotonic())
    seconds = time.monotonic() - began
    log.info("task", task=task.name, state=state, ms=round(seconds * 1000))
    structlog.contextvars.unbind_contextvars("task_id", "began")
