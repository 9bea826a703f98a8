"""Every known trap of row-level security, each with a test that can fail (trust.md 3.2)."""

import os
import re
import subprocess
from datetime import timedelta
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings
from django.db import ProgrammingError, connection
from django.http import StreamingHttpResponse

from events.models import CalendarFeed, Event, EventKind, Registration
from members.models import (
    Assignment,
    Contact,
    Hold,
    Interest,
    Look,
    MatchingRun,
    MatchProposal,
    PairRule,
    Person,
    PhoneAnswer,
    Pulse,
    RightsRequest,
    TandemFeedback,
    TandemMeeting,
    TandemReport,
    Transfer,
)
from portal.common import checks, clock, row_security
from portal.common import scope as scope_module
from portal.common.models import Consent, ConsentText
from portal.common.scope import scope
from tests.conftest import set_stage
from tests.members.tandem_people import tandem
from tests.services import services
from tests.world import CAST, canary

ROOT = Path(__file__).resolve().parents[2]
OURS = [
    path
    for folder in ("portal", "members", "events", "campaigns", "betrieb")
    for path in (ROOT / folder).rglob("*.*")
    if path.suffix in {".py", ".sh"}
]
TABLES = sorted(row_security.protected())
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not settings.ROW_SECURITY, reason="ROW_SECURITY=off"),
]


@pytest.fixture
def forgotten(live_world):
    """A row in every protected table, and code that opened no scope."""
    fill(live_world)
    empty = [table for table in TABLES if ask(f"select count(*) from {table}") == [(0,)]]
    assert empty == []
    token = scope_module._active.set(None)
    set_stage()
    yield live_world
    scope_module._active.reset(token)
    set_stage()


def fill(world):
    today, now, onboarding = clock.today(), clock.now(), world.onboarding("newcomer")
    person = onboarding.person
    Contact.objects.create(
        onboarding=onboarding, made_on=today, result="reached", created_at=now,
        submit_token=person.pk,
    )  # fmt: skip
    Pulse.objects.create(onboarding=onboarding, number=1, asked_on=today)
    run = MatchingRun.objects.create(created_at=now)
    MatchProposal.objects.create(run=run, onboarding=onboarding, reason_code="none")
    Assignment.objects.create(onboarding=onboarding, made_at=now)
    Interest.objects.create(
        given_name="A", family_name="B", email="a@example.org", plz="1", created_at=now,
        link_until=now,
    )  # fmt: skip
    PhoneAnswer.objects.create(person=person, code="wish", entered_at=now)
    Hold.objects.create(person=person, reason="Streit", set_on=today)
    event = Event.objects.create(
        kind=EventKind.objects.first(), title="A", gliederung=person.gliederung,
        starts_at=now, ends_at=now + timedelta(hours=1),
    )  # fmt: skip
    Registration.objects.create(event=event, person=person, state="registered", created_at=now)
    CalendarFeed.objects.create(person=person, token_hash="a", made_on=today)
    pair = tandem(world)
    TandemMeeting.objects.create(tandem=pair, met_on=today, how="call")
    TandemFeedback.objects.create(
        tandem=pair, person=person, useful=1, meetings=1, again=True, involved=True, given_on=today
    )
    TandemReport.objects.create(tandem=pair, reporter=person, created_at=now)
    PairRule.objects.create(newcomer=person, mentor=pair.mentor, kind="forbidden", made_at=now)
    Look.objects.create(viewer=world.person("staff"), person=person, day=today)
    RightsRequest.objects.create(person=person, kind="correction", created_at=now, due_on=today)
    text = ConsentText.objects.first()
    Consent.objects.create(subject=person.pk, text=text, channel="phone", given_at=now)
    Transfer.objects.create(
        person=person, from_gliederung=world.gliederung("Gehrden"),
        to_gliederung=world.gliederung("Uetze"), started_at=now,
    )  # fmt: skip


def refused():
    return pytest.raises(ProgrammingError, match=r"no app\.scope is set")


def ask(statement, params=None):
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall()


def test_the_role_of_the_app_cannot_pass_by_the_policies():
    assert checks.check_database_role(None, databases=["default"]) == []
    assert ask(
        "select current_user, rolsuper, rolbypassrls from pg_roles where oid = "
        "current_user::regrole"
    ) == [(settings.APP_DATABASE_ROLE, False, False)]


@pytest.fixture
def everything():
    """The second role; without it the same is true, only slower."""
    role = settings.SEES_ALL_DATABASE_ROLE
    if ask("select to_regrole(%s)", [role]) == [(None,)]:
        pytest.skip("another database server was given, without the role that sees everything")
    return role


def test_the_role_that_sees_everything_can_do_no_more_than_that(everything):
    """Nobody signs in with it, the app must ask for it, and it too may only add to the record."""
    role = everything
    assert ask(
        "select rolcanlogin, rolsuper, rolbypassrls, rolcreaterole from pg_roles"
        " where rolname = %s",
        [role],
    ) == [(False, False, False, False)]
    assert ask("select pg_has_role(%s, 'usage'), pg_has_role(%s, 'set')", [role, role]) == [
        (False, True)
    ]
    for name in (role, settings.APP_DATABASE_ROLE):
        rights = [
            ask("select has_table_privilege(%s, 'common_auditevent', %s)", [name, right])[0][0]
            for right in ("select", "insert", "update", "delete")
        ]
        assert rights == [True, True, False, False]


def test_only_a_scope_that_sees_everything_has_that_role_while_it_lasts(world, everything):
    seen = {}
    for role in ("ansprechperson", "staff"):
        with scope("request", str(world.user(role).pk)):
            seen[role] = ask("select current_user")
            with scope("system:test"):
                seen[f"{role}, inside"] = ask("select current_user")
            seen[f"{role}, after"] = ask("select current_user")
    app, everything = [(settings.APP_DATABASE_ROLE,)], [(everything,)]
    assert seen == {
        "ansprechperson": app,
        "ansprechperson, inside": everything,
        "ansprechperson, after": app,
        "staff": everything,
        "staff, inside": everything,
        "staff, after": everything,
    }


def test_exactly_the_listed_tables_are_protected_from_their_owner_too():
    found = ask(
        "select relname from pg_class where relrowsecurity and relforcerowsecurity order by 1"
    )
    assert [name for (name,) in found] == TABLES
    assert ask("select count(*) from pg_class where relrowsecurity <> relforcerowsecurity") == [
        (0,)
    ]


def test_each_policy_in_the_database_is_one_that_the_code_says():
    found = ask("select tablename, policyname from pg_policies order by 1, 2")
    said = row_security.protected().items()
    assert found == sorted((t, name) for t, rule in said for name in row_security.policies(rule))


@pytest.mark.django_db(transaction=True)
def test_without_a_scope_every_statement_fails_instead_of_finding_nothing(forgotten):
    """A task that forgot its scope would otherwise find nothing to do, and succeed."""
    for table in TABLES:
        for words in (
            f"select from {table}",
            f"update {table} set id = id",
            f"delete from {table}",
        ):
            with refused():
                ask(words)
    with refused():
        Person(family_name="Zznew").save_base()


@pytest.mark.parametrize("name", ["anfrage", "systems", "Request", "system"])
def test_a_scope_with_a_wrong_name_fails_too(world, name):
    with refused(), scope(name):
        Person.objects.count()


@pytest.mark.django_db(transaction=True)
def test_nothing_of_a_scope_is_left_for_the_next_transaction_of_the_connection(forgotten):
    with scope("system:test"):
        user = forgotten.user("ansprechperson")
    pid = ask("select pg_backend_pid(), current_user")
    with scope("request", str(user.pk)):
        assert Person.objects.filter(family_name="Zznewcomer").count() == 1

    left = "select nullif(current_setting('app.' || name, true), '') from unnest(%s) name"
    assert ask(left, [["scope", "user", "person", "reach"]]) == [(None,)] * 4
    assert ask("select pg_backend_pid(), current_user") == pid
    with refused():
        Person._base_manager.count()
    with scope("request"):
        assert Person.objects.filter(family_name="Zznewcomer").count() == 0
    with scope("system:test"):
        pass
    assert ask("select pg_backend_pid(), current_user") == pid


def test_nothing_is_ever_set_for_the_whole_session():
    """A pool or a persistent connection would hand it to the next person."""
    for_session = re.compile(
        r"\bset\s+(session\s+)?app\.|set_config\(.*\bfalse\b|set\s+session\s+(auth|char)|"
        r"\b(alter\s+(role|database|system)\b[^;]*\bset\s+app\.)",
        re.IGNORECASE,
    )
    found = [str(path) for path in OURS if for_session.search(path.read_text())]
    assert found == []
    assert for_session.search("SET app.scope = 'x'")
    assert for_session.search("select set_config('app.scope', coalesce(%s, ''), false)")


@pytest.mark.django_db(transaction=True)
def test_an_answer_that_is_streamed_after_the_transaction_fails(forgotten):
    def rows():
        yield from Person._base_manager.values_list("family_name", flat=True)

    with scope("request"):
        response = StreamingHttpResponse(rows())
    with refused():
        list(response)


def test_no_page_streams():
    streams = re.compile(r"StreamingHttpResponse|FileResponse")
    assert [str(path) for path in OURS if streams.search(path.read_text())] == []


@pytest.mark.parametrize(
    "flags", [[], ["--enable-row-security"]], ids=["as it is", "with the flag"]
)
def test_a_dump_by_the_owner_fails_instead_of_being_empty(flags, db):
    postgres = services().postgres
    if postgres is None:
        pytest.skip("another database server was given; its programs are not ours")
    dump = [postgres.installation.program("pg_dump"), "--data-only", "--table=members_person"]
    done = subprocess.run(
        [*dump, *flags, os.environ["DATABASE_OWNER_URL"]],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "members_person" in done.stderr
    assert [role for role in CAST if canary(role) in done.stdout] == []


def test_views_would_be_read_with_the_rights_of_their_owner_so_there_are_none():
    assert (
        ask(
            "select relname from pg_class where relkind in ('v', 'm')"
            " and relnamespace = 'public'::regnamespace"
        )
        == []
    )


@pytest.mark.parametrize("table", TABLES)
def test_the_functions_of_a_policy_are_asked_once_per_statement(table):
    """All but those about the row stand in a subquery of their own: an InitPlan."""
    plan = "\n".join(line for (line,) in ask(f"explain verbose select * from {table}"))
    lines = [line.strip() for line in plan.splitlines()]
    asked = [line for line in lines if re.search(r"app_\w+\(\)|current_setting\(", line)]
    assert "Output: app_sees_all()" in asked
    assert [line for line in asked if not line.startswith("Output: ")] == []
    assert lines.count("Output: app_sees_all()") <= plan.count("InitPlan")


@pytest.mark.django_db(transaction=True)
def test_the_switch_takes_the_policies_away_and_brings_them_back(live_world, settings):
    state = "select count(*) from pg_class where relrowsecurity"
    policies = "select count(*) from pg_policy"
    owner = psycopg2.connect(
        os.environ["DATABASE_OWNER_URL"].replace("postgres:", "postgresql:", 1)
    )
    connection.close()
    try:
        with owner, owner.cursor() as cursor:
            seen = []
            for is_on in (False, False, True, True):
                settings.ROW_SECURITY = is_on
                row_security.bring_up_to_date(cursor)
                cursor.execute(f"{state} union all {policies}")
                seen.append([number for (number,) in cursor.fetchall()])
    finally:
        owner.close()
    both = sum(len(row_security.policies(r)) for t, r in row_security.protected().items())
    assert seen == [[0, 0], [0, 0], [len(TABLES), both], [len(TABLES), both]]


def test_the_check_names_what_is_open(settings):
    """Run with the database once the portal is set up (docs/betrieb.md)."""
    check = checks.check_row_security
    assert (check(None), check(None, databases=["default"])) == ([], [])
    settings.ROW_SECURITY = False
    assert [found.id for found in check(None)] == ["portal.E021"]
