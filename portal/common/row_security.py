"""Row-level security: the database's own answer to who may see whom, the third layer.

Managers refuse without a scope, `visible_to` decides; this is for the day on which a query forgets
to ask. Apps say here which rows of a table a request may touch; after each migration the owner
turns that into policies. A scope "system:…" sees everything, "request" what is said here, and
without a scope every statement on these tables fails instead of finding nothing.

Whoever may see everything becomes another database role for the transaction, with a policy that
asks nothing: any condition would keep the planner from indexes (no operator but the simplest may
look at a row before the policy has). Without that role the condition says the same, only slower.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections, transaction

FUNCTIONS = """
create or replace function app_sees_all() returns boolean language plpgsql stable as $$
declare scope text := current_setting('app.scope', true);
begin
  if scope like 'system:%' then return true; end if;
  if scope is distinct from 'request' then
    raise exception 'no app.scope is set' using errcode = '42501';
  end if;
  return coalesce(current_setting('app.reach', true) = 'all', false);
end $$;

create or replace function app_person() returns uuid language sql stable as
$$ select nullif(current_setting('app.person', true), '')::uuid $$;

create or replace function app_reach() returns uuid[] language sql stable as
$$ select coalesce(
     nullif(nullif(current_setting('app.reach', true), ''), 'all')::uuid[], '{}') $$;

create or replace function app_role(scope text, reach text) returns text language sql stable as
$$ select case
     when (scope like 'system:%' or reach = 'all')
          and pg_has_role(session_user, to_regrole('ALL_ROLE'), 'set')
     then 'ALL_ROLE' else 'none' end $$;
"""

# Each in a subquery of its own: the planner evaluates it once per statement, not per row.
SEES_ALL = "(select app_sees_all())"
ME = "(select app_person())"
IN_REACH = "{} = any ((select app_reach())::uuid[])"


@dataclass(frozen=True, slots=True)
class Protection:
    """Which rows of one table a request may read and write (`own`), or only read (`shown`)."""

    own: str
    shown: str = ""


_protected: dict[str, Protection] = {}
_functions: list[Callable[[], str]] = []


def protect(model: str, own: str, shown: str = "") -> None:
    """Protect the table of a model ("members.Person"); the conditions are SQL over its columns."""
    if model in _protected:
        raise ValueError(f"{model} is protected twice")
    _protected[model] = Protection(own, shown)


def add_functions(statements: Callable[[], str]) -> None:
    """Create functions after each migration, before the policies that call them."""
    _functions.append(statements)


def protected() -> dict[str, Protection]:
    """Return what is protected, by name of the table."""
    return {apps.get_model(model)._meta.db_table: found for model, found in _protected.items()}


def unprotected() -> list[str]:
    """Return the tables that should be protected and are not, also not from their owner."""
    with connections["default"].cursor() as cursor:
        cursor.execute("select relname from pg_class where relrowsecurity and relforcerowsecurity")
        return sorted(set(protected()) - {name for (name,) in cursor.fetchall()})


def install(app_config: Any = None, using: str = "default", **kwargs: Any) -> None:
    """Bring functions and policies of the database to what the apps say; repeatable.

    Once per `migrate`, not once per app, and by the owner: emptying the tables after a test sends
    the same signal.
    """
    if app_config is not None and app_config is not list(apps.get_app_configs())[-1]:
        return
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        tables = list(protected())
        cursor.execute(_OWNED, [tables])
        if cursor.fetchone()[0] < len(tables):
            return
        cursor.execute(FUNCTIONS.replace("ALL_ROLE", settings.SEES_ALL_DATABASE_ROLE))
        for statements in _functions:
            cursor.execute(statements())
        bring_up_to_date(cursor)


_OWNED = """
select count(*) from pg_class where oid = any (select to_regclass(name)
  from unnest(%s) name) and pg_has_role(relowner, 'usage')
"""
_STATE = """
select relrowsecurity and relforcerowsecurity,
       array(select obj_description(oid, 'pg_policy') from pg_policy where polrelid = c.oid)
  from pg_class c where oid = %s::regclass
"""


def bring_up_to_date(cursor: Any) -> None:
    """Make, renew or remove the policies of every table."""
    cursor.execute("select to_regrole(%s) is not null", [settings.SEES_ALL_DATABASE_ROLE])
    (has_role,) = cursor.fetchone()
    for table, found in protected().items():
        _renew(cursor, table, policies(found, has_role=has_role))


def _renew(cursor: Any, table: str, wanted: dict[str, str]) -> None:
    """Touch a table only if something differs: each statement waits for whoever reads it."""
    mark = hashlib.sha256(repr(wanted).encode()).hexdigest()
    cursor.execute(_STATE, [table])
    is_on, marks = cursor.fetchone()
    if (is_on, set(marks)) == (settings.ROW_SECURITY, {mark} if settings.ROW_SECURITY else set()):
        return
    cursor.execute("select polname from pg_policy where polrelid = %s::regclass", [table])
    for (name,) in cursor.fetchall():
        cursor.execute(f'drop policy "{name}" on {table}')
    state = ("enable", "force") if settings.ROW_SECURITY else ("disable", "no force")
    for word in state:
        cursor.execute(f"alter table {table} {word} row level security")
    for name, rule in wanted.items() if settings.ROW_SECURITY else ():
        cursor.execute(f"create policy {name} on {table} {rule}")
        cursor.execute(f"comment on policy {name} on {table} is '{mark}'")


def policies(found: Protection, *, has_role: bool = True) -> dict[str, str]:
    """Return the policies of one table by name."""
    rule = f"{SEES_ALL} or {found.own}"
    said = {"own": f"using ({rule}) with check ({rule})"}
    if found.shown:
        # The whole rule again: policies are joined by OR, and Postgres may ask this one first.
        said["shown"] = f"for select using ({rule} or {found.shown})"
    if has_role:
        said["everything"] = f"to {settings.SEES_ALL_DATABASE_ROLE} using (true) with check (true)"
    return said
