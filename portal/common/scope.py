"""Who is asking: every access to personal data happens inside one named scope.

The scope is a database transaction that carries `app.scope` and `app.user`, so that row-level
security can later read them. They are always set locally to the transaction: a session-level
`SET` would survive on a persistent connection and leak into the next request.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection, models, transaction

from portal.common.errors import ScopeMissing

_active: ContextVar[tuple[str, str] | None] = ContextVar("scope", default=None)


def current_scope() -> str | None:
    """Return the name of the active scope, or None."""
    active = _active.get()
    return active[0] if active else None


def _announce(name: str, user: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select set_config('app.scope', %s, true), set_config('app.user', %s, true)",
            [name, user],
        )


@contextmanager
def scope(name: str, user: str = "") -> Iterator[None]:
    """Open one transaction in which personal data may be touched.

    `name` is "request" or "system:<purpose>"; `user` the acting user's id, if any.
    """
    before = _active.get()
    token = _active.set((name, user))
    try:
        with transaction.atomic():
            _announce(name, user)
            yield
            # Nested: the outer transaction goes on under its own name. A rollback does it alone.
            if before and not connection.needs_rollback:
                _announce(*before)
    finally:
        _active.reset(token)


class ScopedManager(models.Manager):
    """Refuses to build a query on personal data outside a scope."""

    def get_queryset(self) -> models.QuerySet:
        if _active.get() is None:
            raise ScopeMissing(f"{self.model.__name__} was queried outside of scope()")
        return super().get_queryset()
