"""How far a run is, for the page that waits: a hint in the cache and never the truth."""

import logging
from dataclasses import dataclass
from uuid import UUID

import redis.exceptions
from django.core.cache import cache

from members.models import ImportRun

logger = logging.getLogger(__name__)
SECONDS = 120
CACHE_ERRORS = (redis.exceptions.RedisError, OSError)


@dataclass(frozen=True, slots=True)
class Step:
    phase: str
    percent: int


class Progress:
    """Tells how far it is, as long as anybody listens."""

    def __init__(self, run: ImportRun) -> None:
        self._key = _key(run.pk)
        self._is_heard = True

    def report(self, phase: str, percent: int) -> None:
        if not self._is_heard:
            return
        try:
            cache.set(self._key, (phase, percent), SECONDS)
        except CACHE_ERRORS as error:
            # A frozen cache costs its time-out once, not once per step.
            logger.warning("Progress is not shown: %s", type(error).__name__)
            self._is_heard = False


def read(run: ImportRun) -> Step | None:
    """Return the last step told; None when nobody knows, which is no reason to worry."""
    try:
        told = cache.get(_key(run.pk))
    except CACHE_ERRORS as error:
        logger.warning("Progress is not known: %s", type(error).__name__)
        return None
    return Step(*told) if told else None


def _key(pk: UUID) -> str:
    return f"import-progress:{pk.hex}"
