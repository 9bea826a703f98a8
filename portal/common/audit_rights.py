"""After each migration: what the database itself lets nobody do to the audit log.

The rule stands in the triggers, so it holds for every role, the owner of the tables included: a
seal stays as it is; an event stays as it is until its time is over, and may then go, if it is
sealed. There is no switch that lets somebody through. "Over" is judged by the database's clock,
from the moment written in the event (`audit_goes_on`) and from the day its seal carries: the
later of the two. The app's role may not delete at all; it calls `audit_prune`.
"""

from typing import Any

from django.conf import settings
from django.db import connections

EVENTS, SEALS = "common_auditevent", "common_auditseal"
MONTHS = 12
# Who took data out of the portal is kept longer.
EXPORT_MONTHS = 24

FUNCTIONS = f"""
create or replace function public.audit_goes_on(code text, moment timestamptz) returns date
language sql immutable set search_path = pg_catalog as $$
    select (($2 at time zone 'UTC') + case when $1 like 'export.%' then interval
        '{EXPORT_MONTHS} months' else interval '{MONTHS} months' end)::date + 1
$$;
create or replace function public.audit_may_go(event bigint, code text, moment timestamptz)
returns boolean language sql stable set search_path = pg_catalog as $$
    select exists (
        select from public.{SEALS} seal where seal.event = $1
        and greatest(seal.goes_on, public.audit_goes_on($2, $3))
            <= (now() at time zone 'UTC')::date
    )
$$;
create or replace function public.audit_guard() returns trigger
language plpgsql set search_path = pg_catalog as $$
begin
    if tg_op = 'DELETE' and tg_table_name = '{EVENTS}' then
        if public.audit_may_go(old.id, old.code, old.at) then
            return old;
        end if;
    end if;
    raise exception 'the audit log is append-only' using errcode = 'insufficient_privilege';
end $$;
create or replace function public.audit_prune() returns bigint
language sql security definer set search_path = pg_catalog as $$
    with gone as (
        delete from public.{EVENTS} event
        where event.at < now() - interval '{min(MONTHS, EXPORT_MONTHS)} months'
        and public.audit_may_go(event.id, event.code, event.at)
        returning 1
    )
    select count(*) from gone
$$;
revoke execute on function public.audit_prune() from public;
"""  # noqa: S608 -- names and numbers of this module only
TRIGGERS = """
create or replace trigger audit_no_change before update or delete on public.{table}
    for each row execute function public.audit_guard();
create or replace trigger audit_no_truncate before truncate on public.{table}
    for each statement execute function public.audit_guard();
"""
OWNED = "select 1 from pg_tables where tablename = %s and pg_has_role(tableowner, 'usage')"


def protect(using: str = "default", **kwargs: Any) -> None:
    """Create functions and triggers anew; does nothing for a role that does not own the tables."""
    database = connections[using]
    roles = [settings.APP_DATABASE_ROLE, settings.SEES_ALL_DATABASE_ROLE]
    with database.cursor() as cursor:
        for table in (EVENTS, SEALS):
            cursor.execute(OWNED, [table])
            if cursor.fetchone() is None:
                return
        cursor.execute(FUNCTIONS)
        for table in (EVENTS, SEALS):
            cursor.execute(TRIGGERS.format(table=table))
        cursor.execute("select rolname from pg_roles where rolname = any(%s)", [roles])
        for (role,) in cursor.fetchall():
            name = database.ops.quote_name(role)
            cursor.execute(f"grant execute on function public.audit_prune() to {name}")
