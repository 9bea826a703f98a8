"""Who is asking: every access to personal data happens inside one named scope.

The scope is a database transaction that carries `app.scope`, and in a request who asks and how far
their offices reach, for the policies of row-level security. All of it is set locally to the
transaction: a session-level `SET` would survive on a persistent connection and leak into the next
request.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

from django.conf import settings
from django.db import connection, models, transaction

from portal.common import clock
from portal.common.errors import ScopeMissing

REQUEST = "request"


class Active(NamedTuple):
    """What the database is told: the scope, the login, its person, and where its offices reach."""

    name: str
    user: str = ""
    person: str = ""
    reach: str = ""


_active: ContextVar[Active | None] = ContextVar("scope", default=None)


def current_scope() -> str | None:
    """Return the name of the active scope, or None."""
    active = _active.get()
    return active.name if active else None


# The last column changes the database role; a role is left at the end of the transaction too.
_SETTINGS = """select set_config('app.scope', scope, true), set_config('app.user', login, true),
       set_config('app.person', coalesce(person, ''), true),
       set_config('app.reach', coalesce(reach, ''), true),
       set_config('role', app_role(scope, reach), true)
  from (values (%s, %s)) given (scope, login), {} found (person, reach)"""
_AS_GIVEN = _SETTINGS.format("(values (%s, %s))")
# In the same round trip; the function knows the offices of today (`members.row_security`).
_ASKING = _SETTINGS.format("app_reach_of(%s, %s)")


def _announce(active: Active) -> Active:
    with connection.cursor() as cursor:
        cursor.execute(_AS_GIVEN, active)
    return active


def _introduce(name: str, user: str) -> Active:
    if name != REQUEST or not user or not settings.ROW_SECURITY:
        return _announce(Active(name, user))
    with connection.cursor() as cursor:
        cursor.execute(_ASKING, [name, user, user, clock.today()])
        return Active(*cursor.fetchone()[:4])


@contextmanager
def scope(name: str, user: str = "") -> Iterator[None]:
    """Open one transaction in which personal data may be touched.

    `name` is "request" or "system:<purpose>"; `user` the acting user's id, if any.
    """
    before = _active.get()
    token = _active.set(Active(name, user))
    try:
        with transaction.atomic():
            _active.set(_introduce(name, user))
            yield
            # Nested: the outer transaction goes on under its own name. A rollback does it alone.
            if before and not connection.needs_rollback:
                _announce(before)
    finally:
        _active.reset(token)


class ScopedManager(models.Manager):
    """Refuses to build a query on personal data outside a scope."""

    def get_queryset(self) -> models.QuerySet:
        if _active.get() is None:
            raise ScopeMissing(f"{self.model.__name__} was queried outside of scope()")
        return super().get_queryset()
