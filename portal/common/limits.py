"""Count tries in the cache and refuse when there are too many, or when nobody can count.

Keys are keyed hashes: what lies in Redis names neither an address nor an IP.
"""

import logging
from dataclasses import dataclass

import redis.exceptions
from django.core.cache import cache
from django.utils.crypto import salted_hmac

logger = logging.getLogger(__name__)


class LimitsDown(Exception):
    """Nobody counts at the moment; whoever asks must refuse."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `amount` tries within `seconds` from the first one."""

    amount: int
    seconds: int


def allows(name: str, subject: str, limit: Limit) -> bool:
    """Count one try of `subject` and say whether it is within the limit; raises LimitsDown."""
    digest = salted_hmac("limits", f"{name}:{subject}", algorithm="sha256").hexdigest()[:32]
    key = f"limit:{digest}"
    try:
        cache.add(key, 0, limit.seconds)
        return cache.incr(key) <= limit.amount
    except ValueError:
        return True  # it ended between the two calls: a new span begins
    except (redis.exceptions.RedisError, OSError) as error:
        logger.warning("Tries cannot be counted: %s", type(error).__name__)
        raise LimitsDown from error
