"""After each migration: what the app's unprivileged database role may do."""

from typing import Any

from django.conf import settings
from django.db import connections

APPEND_ONLY = ("common_auditevent", "common_auditseal", "common_auditcheck")


def grant_to_app_role(using: str = "default", **kwargs: Any) -> None:
    """Let the app role read and write rows; append-only tables may only grow.

    Does nothing where the app role does not exist (one role for everything).
    """
    role = settings.APP_DATABASE_ROLE
    with connections[using].cursor() as cursor:
        cursor.execute(
            "select current_user = %s or not exists (select 1 from pg_roles where rolname = %s)",
            [role, role],
        )
        if cursor.fetchone()[0]:
            return
        name = connections[using].ops.quote_name(role)
        cursor.execute(
            f"grant select, insert, update, delete on all tables in schema public to {name}"
        )
        cursor.execute(f"grant usage, select on all sequences in schema public to {name}")
        tables = set(connections[using].introspection.table_names(cursor))
        for table in tables.intersection(APPEND_ONLY):
            cursor.execute(f'revoke update, delete, truncate on "{table}" from {name}')
