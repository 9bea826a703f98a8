"""One night of deletion rules over 400,000 people (`make bench-retention`)."""

import sys
import time

from benchmarks.__main__ import collect_statistics, stage_district
from benchmarks.daily import backend_pid, cpu_seconds
from benchmarks.house import house

PEOPLE = 400_000
LEFT, REFUSED, INTERESTED, UNKNOWN = 15_000, 1_000, 2_000, 2_000
ARRIVED, MAILS = 40_000, 300_000
GOAL_SECONDS = 300
# What a NOT NULL column holds that no measurement is about.
EMPTY = {
    "character varying": "''",
    "text": "''",
    "boolean": "false",
    "smallint": "0",
    "integer": "0",
    "ARRAY": "'{}'",
    "jsonb": "'{}'",
    "date": "current_date",
    "timestamp with time zone": "now()",
    "uuid": "gen_random_uuid()",
}


def main() -> int:
    with house("bench-retention", "ERROR"):
        from portal.common.scope import scope

        with scope("system:bench"):
            stage_district()
            _stage()
        collect_statistics()
        return _measure()


def _insert(table: str, source: str, **given: str) -> None:
    """Insert one row per row of `source` (n); what is not given is empty."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "select column_name, data_type from information_schema.columns "
            "where table_name = %s and is_nullable = 'NO'",
            [table],
        )
        values = {name: EMPTY[kind] for name, kind in cursor.fetchall()} | given
        names = ", ".join(f'"{name}"' for name in values)
        cursor.execute(
            f'insert into "{table}" ({names}) select {", ".join(values.values())} {source}'
        )


def _numbers(first: int, count: int) -> str:
    return f"from generate_series({first}, {first + count - 1}) n"


def _id(kind: int, number: str = "n") -> str:
    return f"('00000000-0000-4000-800{kind}-' || lpad(to_hex({number}), 12, '0'))::uuid"


def _stage() -> None:
    from members.models import Gliederung, MilestoneTemplate
    from portal.common import retention
    from tests.world import approve_retention

    assert retention.rules()
    approve_retention()
    place = f"'{Gliederung.objects.filter(level__takes_members=True).first().pk}'"
    _insert(
        "members_person",
        _numbers(1, PEOPLE),
        id=_id(1),
        given_name="'Kim'",
        family_name="'Name' || n",
        sort_name="'name' || n",
        email="'p' || n || '@example.org'",
        gliederung_id=place,
        added_on="current_date - 800",
    )
    last_member = PEOPLE - INTERESTED - UNKNOWN
    _insert(
        "members_membership",
        _numbers(1, last_member),
        id=_id(2),
        person_id=_id(1),
        number="'M' || n",
        joined_on=f"case when n between {LEFT + 1} and {LEFT + REFUSED} then null "
        "else current_date - 700 end",
        left_on=f"case when n <= {LEFT + REFUSED} then current_date - 100 end",
        left_reason=f"case when n between {LEFT + 1} and {LEFT + REFUSED} then 'refused' "
        "else '' end",
        has_ended=f"n <= {LEFT + REFUSED}",
    )
    _insert(
        "members_interest",
        _numbers(last_member + 1, INTERESTED),
        id=_id(3),
        person_id=_id(1),
        state="'confirmed'",
        confirmed_at="now() - interval '8 months'",
    )
    _stage_arrivals(f"'{MilestoneTemplate.objects.first().pk}'")
    _stage_post()


def _stage_arrivals(template: str) -> None:
    """Everybody of these arrived two years ago: promises, a talk with a note, an assignment."""
    arrived = _numbers(1, ARRIVED)
    _insert(
        "members_onboarding",
        arrived,
        id=_id(4),
        person_id=_id(1),
        template_id=template,
        started_on="current_date - 700",
        state=f"case when n <= {LEFT} then 'closed' else 'finished' end",
        motives="'{klima}'",
    )
    for position, kind in enumerate(("contact", "handover", "contact"), 1):
        _insert(
            "members_milestone",
            arrived,
            onboarding_id=_id(4),
            position=str(position),
            kind=f"'{kind}'",
            state="'done'",
            done_on="current_date - 650",
        )
    _insert(
        "members_contact",
        arrived,
        onboarding_id=_id(4),
        made_by_id=_id(1, f"{LEFT + 1} + n % 300"),
        note="'Interessiert sich für Verkehr'",
        result="'reached'",
    )
    _insert(
        "members_assignment",
        arrived,
        onboarding_id=_id(4),
        taker_id=_id(1, f"{LEFT + 1} + n % 300"),
        made_at="now() - interval '600 days'",
    )


def _stage_post() -> None:
    _insert(
        "common_outgoingmail",
        _numbers(1, MAILS),
        recipient_key=_id(1),
        kind="'members.pulse'",
        address="'p' || n || '@example.org'",
        dedupe_key="'k' || n",
        message_id="'<' || n || '>'",
        state="'sent'",
        sent_at="now() - (n % 120) * interval '1 day'",
        created_at="now() - (n % 120) * interval '1 day'",
        body="repeat('Hallo, wir freuen uns auf dich. ', 30)",
        ids="jsonb_build_object('person', " + _id(1) + ")",
    )
    _insert(
        "members_session",
        _numbers(1, 50_000),
        session_key="'s' || n",
        expire_date="now() - interval '1 day'",
    )


def _measure() -> int:
    from portal.common import retaining, retention

    backend, outcomes = backend_pid(), []
    began, own, theirs = time.perf_counter(), time.process_time(), cpu_seconds(backend)
    for rule in retention.rules():
        start = time.perf_counter()
        (one,) = retaining.run([rule])
        outcomes.append(one)
        if one.count or one.error:
            took = time.perf_counter() - start
            print(f"  {rule.code:24} {one.count:8} in {took:5.1f} s {one.error}", flush=True)
    seconds = time.perf_counter() - began
    own, theirs = time.process_time() - own, cpu_seconds(backend) - theirs
    total = sum(one.count for one in outcomes)
    print(f"{PEOPLE} Menschen: {total} Zeilen in {seconds:.0f} s, Ziel {GOAL_SECONDS} s")
    print(f"Rechenzeit: {own:.0f} s Python, {theirs:.0f} s Datenbank")
    again = sum(one.count for one in retaining.run())
    print(f"Zweiter Lauf: {again} Zeilen")
    failed = again or seconds > GOAL_SECONDS or any(one.error for one in outcomes)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
