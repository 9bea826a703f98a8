"""After each migration: what the app's unprivileged database roles may do."""

from typing import Any

from django.conf import settings
from django.db import connections

APPEND_ONLY = ("common_auditevent", "common_auditseal", "common_auditcheck")


def grant_to_app_role(using: str = "default", **kwargs: Any) -> None:
    """Let the app's roles read and write rows; append-only tables may only grow.

    Does nothing where they do not exist (one role for everything).
    """
    roles = [settings.APP_DATABASE_ROLE, settings.SEES_ALL_DATABASE_ROLE]
    with connections[using].cursor() as cursor:
        cursor.execute(
            "select rolname from pg_roles where rolname = any(%s) and rolname <> current_user"
            " and current_user <> %s",
            [roles, settings.APP_DATABASE_ROLE],
        )
        for (role,) in cursor.fetchall():
            _grant(cursor, connections[using], role)


def _grant(cursor: Any, connection: Any, role: str) -> None:
    name = connection.ops.quote_name(role)
    cursor.execute(f"grant select, insert, update, delete on all tables in schema public to {name}")
    cursor.execute(f"grant usage, select on all sequences in schema public to {name}")
    tables = set(connection.introspection.table_names(cursor))
    for table in tables.intersection(APPEND_ONLY):
        cursor.execute(f'revoke update, delete, truncate on "{table}" from {name}')
