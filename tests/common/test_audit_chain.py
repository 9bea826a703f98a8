"""The audit log: only added to, sealed once, and whoever tampers is named by position (T30)."""

import json
import uuid
from datetime import timedelta
from io import StringIO

import psycopg2
import pytest
from django.core.management import call_command
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.db.models import Max

from portal.common import audit, audit_chain, audit_heads, clock
from portal.common.models import AuditCheck, AuditEvent, AuditSeal
from tests.concurrency import at_once
from tests.owner import as_owner

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def heads(settings, tmp_path):
    settings.AUDIT_HEADS = tmp_path / "heads"
    return settings.AUDIT_HEADS


def write(count, code="test.written", days=0):
    """Events of some days ago; as an attacker with the app's rights could write them."""
    at = clock.now() - timedelta(days=days)
    AuditEvent.objects.bulk_create(
        AuditEvent(code=code, at=at, actor=uuid.uuid4(), fields=["name"]) for _ in range(count)
    )


def found():
    report = audit_chain.verify()
    return report.problem, report.position


@pytest.fixture
def sealed():
    """Ten events with a seal; returns position → event id."""
    write(10)
    assert audit_chain.seal() == 10
    return dict(AuditSeal.objects.values_list("position", "event"))


def tamper(*statements):
    """As whoever owns the database and switches the trigger off."""
    switch = "alter table {} {} trigger audit_no_change"
    tables = ("common_auditevent", "common_auditseal")
    off, on = ([switch.format(table, way) for table in tables] for way in ("disable", "enable"))
    as_owner(*off, *statements, *on)


# --- sealing --------------------------------------------------------------------------------


def test_what_is_sealed_is_sealed_once_in_the_order_of_ids(sealed):
    assert list(sealed) == list(range(1, 11))
    assert list(sealed.values()) == sorted(sealed.values())
    assert audit_chain.seal() == 0
    assert found() == ("", None)


def test_an_event_that_was_committed_late_gets_a_later_position(sealed):
    last = AuditEvent.objects.aggregate(last=Max("pk"))["last"]
    late = AuditEvent(code="test.late", at=clock.now(), pk=last + 1)
    write_after = AuditEvent(code="test.early", at=clock.now(), pk=last + 2)
    write_after.save(force_insert=True)
    audit_chain.seal()
    late.save(force_insert=True)
    audit_chain.seal()
    positions = dict(AuditSeal.objects.values_list("event", "position"))
    assert (positions[last + 2], positions[last + 1]) == (11, 12)
    assert found() == ("", None)


def test_many_writers_and_two_sealers_seal_every_event_exactly_once():
    """Seen red without `lock_for_transaction`: one sealer meets the other's positions."""

    def writer():
        for _ in range(20):
            audit.record("test.written", None)

    def sealer():
        for _ in range(10):
            audit_chain.seal()

    for _ in range(3):
        at_once(writer, writer, writer, writer, sealer, sealer)
    audit_chain.seal()
    events = set(AuditEvent.objects.values_list("pk", flat=True))
    assert len(events) == 240
    assert set(AuditSeal.objects.values_list("event", flat=True)) == events
    assert AuditSeal.objects.count() == 240
    assert found() == ("", None)


# --- tampering ------------------------------------------------------------------------------


def test_a_changed_event_is_named(sealed):
    tamper(f"update common_auditevent set actor = null where id = {sealed[4]}")
    assert found() == (audit_chain.CHANGED, 4)


@pytest.mark.parametrize(
    "change",
    [
        "code = 'test.other'",
        "at = at + interval '1 second'",
        "subject = gen_random_uuid()",
        "subject_type = 'members.person'",
        "fields = '{}'",
        "count = 2",
    ],
)
def test_every_column_of_an_event_counts(sealed, change):
    tamper(f"update common_auditevent set {change} where id = {sealed[7]}")
    assert found() == (audit_chain.CHANGED, 7)


def test_a_removed_event_is_named(sealed):
    tamper(f"delete from common_auditevent where id = {sealed[3]}")
    assert found() == (audit_chain.REMOVED, 3)


def test_a_removed_seal_is_named(sealed):
    tamper("delete from common_auditseal where position = 6")
    assert found() == (audit_chain.GAP, 6)
    tamper("delete from common_auditseal where position = 1")
    assert found() == (audit_chain.GAP, 1)


def test_an_event_with_an_earlier_day_to_go_is_named_by_its_seal(sealed):
    tamper(
        "update common_auditseal set goes_on = '2020-01-01' where position = 5",
        f"delete from common_auditevent where id = {sealed[5]}",
    )
    assert found() == (audit_chain.FORGED, 5)


def test_a_seal_that_the_app_forged_is_named(sealed):
    """The app may add seals; one that does not follow from the seal before is found."""
    write(1)
    pk = AuditEvent.objects.aggregate(last=Max("pk"))["last"]
    AuditSeal.objects.create(
        position=11, event=pk, goes_on="2020-01-01", digest=bytes(32), hash=bytes(32)
    )
    assert found() == (audit_chain.FORGED, 11)
    audit_chain.seal()
    assert found() == (audit_chain.FORGED, 11)


def test_a_seal_far_behind_the_end_is_a_gap(sealed):
    AuditSeal.objects.create(
        position=20, event=10**9, goes_on="2020-01-01", digest=bytes(32), hash=bytes(32)
    )
    assert found() == (audit_chain.GAP, 11)


def test_the_end_cut_off_is_found_by_the_head_noted_outside(sealed):
    audit_chain.check()
    tamper(
        "delete from common_auditseal where position > 8",
        f"delete from common_auditevent where id > {sealed[8]}",
    )
    assert found() == (audit_chain.TAIL, 9)


def test_a_chain_made_anew_is_found_by_the_head_noted_outside(sealed):
    audit_chain.check()
    tamper(
        f"update common_auditevent set actor = null where id = {sealed[2]}",
        "delete from common_auditseal",
    )
    audit_chain.seal()
    assert found() == (audit_chain.OTHER_HEAD, 10)


@pytest.mark.parametrize("line", ["nonsense", "10 " + "0" * 64, "11 äöü"])
def test_a_file_of_heads_that_was_written_into_is_not_believed(sealed, heads, line):
    audit_chain.check()
    with heads.open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
    assert found() == (audit_chain.HEADS, 0)


# --- the nightly round ----------------------------------------------------------------------


def test_the_check_notes_the_head_and_nothing_else(sealed, heads, written):
    done = audit_chain.check()
    assert (done.seals, done.problem) == (10, "")
    head = bytes(AuditSeal.objects.get(position=10).hash).hex()
    assert heads.read_text() == f"10 {head}\n"
    assert heads.stat().st_mode & 0o777 == 0o600
    (line,) = [json.loads(one) for one in written() if "audit_head" in one]
    assert (line["position"], line["hash"]) == (10, head)
    audit_chain.check()
    assert heads.read_text().count("\n") == 1
    write(1)
    audit_chain.seal()
    audit_chain.check()
    assert list(audit_heads.read()) == [10, 11]


def test_a_broken_chain_gets_no_new_head(sealed, heads):
    tamper(f"delete from common_auditevent where id = {sealed[3]}")
    done = audit_chain.check()
    assert (done.problem, done.position) == (audit_chain.REMOVED, 3)
    assert not heads.exists()


def test_whole_since_counts_from_the_first_good_check_after_the_last_broken_one(sealed):
    assert audit_chain.standing() == audit_chain.Standing(None, None, "")
    good = [AuditCheck.objects.create(at=clock.now(), seals=10) for _ in range(2)]
    assert audit_chain.standing().whole_since == good[0].at
    AuditCheck.objects.create(at=clock.now(), seals=2, problem="changed", position=3)
    assert audit_chain.standing().whole_since is None
    assert "geändert" in audit_chain.standing().problem
    better = AuditCheck.objects.create(at=clock.now(), seals=10)
    assert audit_chain.standing().whole_since == better.at


def test_the_command_says_whether_the_chain_holds(sealed):
    write(3)
    out = StringIO()
    call_command("verify_audit", format="json", stdout=out)
    told = json.loads(out.getvalue())
    assert (told["ok"], told["seals"], told["waiting"]) == (True, 10, 3)
    tamper(f"delete from common_auditevent where id = {sealed[3]}")
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("verify_audit", stdout=out)
    assert ended.value.code == 1
    assert out.getvalue().startswith("Stelle 3: Der Eintrag fehlt")


# --- time that is over ----------------------------------------------------------------------


def test_events_go_after_twelve_months_and_exports_after_twenty_four():
    ages = {"test.young": 364, "test.old": 368, "export.young": 729, "export.old": 733}
    for code, days in ages.items():
        write(2, code, days)
    audit_chain.seal()
    assert audit_chain.prune() == 4
    left = set(AuditEvent.objects.values_list("code", flat=True))
    assert left == {"test.young", "export.young"}
    assert AuditSeal.objects.count() == 8
    assert found() == ("", None)
    write(1)
    audit_chain.seal()
    assert found() == ("", None)


def test_what_has_no_seal_yet_stays_whatever_its_age():
    write(2, days=500)
    assert audit_chain.prune() == 0
    audit_chain.seal()
    assert audit_chain.prune() == 2


def test_a_seal_with_a_false_day_lets_no_event_go_early():
    """Seen red with `audit_may_go` believing the seal alone."""
    write(1, "export.made", days=400)
    pk = AuditEvent.objects.get().pk
    AuditSeal.objects.create(
        position=1, event=pk, goes_on="2020-01-01", digest=bytes(32), hash=bytes(32)
    )
    assert audit_chain.prune() == 0
    assert AuditEvent.objects.count() == 1


def test_after_pruning_a_young_event_still_may_not_be_missing():
    write(3, days=400)
    write(3)
    audit_chain.seal()
    assert audit_chain.prune() == 3
    last = AuditEvent.objects.aggregate(last=Max("pk"))["last"]
    tamper(f"delete from common_auditevent where id = {last}")
    assert found() == (audit_chain.REMOVED, 6)


# --- rights ---------------------------------------------------------------------------------

REFUSED = [
    "update common_auditevent set count = 2",
    "delete from common_auditevent",
    "update common_auditseal set goes_on = '2020-01-01'",
    "delete from common_auditseal",
]


@pytest.mark.parametrize("statement", REFUSED)
def test_the_apps_role_may_neither_change_nor_delete(sealed, statement):
    refused = pytest.raises(ProgrammingError, match="permission denied")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("table", ["common_auditevent", "common_auditseal", "common_auditcheck"])
def test_the_apps_role_reads_and_adds_and_nothing_else(table):
    wanted = ("select", "insert", "update", "delete")
    with connection.cursor() as cursor:
        cursor.execute("select current_user")
        assert cursor.fetchone() == ("portal_app",)
        given = []
        for right in wanted:
            cursor.execute("select has_table_privilege(%s, %s)", [table, right])
            given.append(cursor.fetchone()[0])
    assert given == [True, True, False, False]


@pytest.mark.parametrize("statement", REFUSED)
def test_even_the_owner_may_neither_change_nor_delete(sealed, statement):
    """Seen red without the row triggers."""
    with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="append-only"):
        as_owner(statement)


@pytest.mark.parametrize("table", ["common_auditevent", "common_auditseal"])
def test_even_the_owner_may_not_empty_a_table(sealed, table):
    """The tests' own flush truncates, so that trigger sleeps in the test database."""
    with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="append-only"):
        as_owner(f"alter table {table} enable trigger audit_no_truncate", f"truncate {table}")


def test_the_owner_may_delete_only_what_pruning_would(sealed):
    write(1, days=400)
    audit_chain.seal()
    pk = AuditEvent.objects.aggregate(last=Max("pk"))["last"]
    as_owner(f"delete from common_auditevent where id = {pk}")
    assert found() == ("", None)


def test_nobody_but_the_apps_role_and_the_owner_may_prune():
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(array_to_string(proacl, ' '), '') from pg_proc "
            "where proname = 'audit_prune'"
        )
        (rights,) = cursor.fetchone()
    assert [one for one in rights.split() if one.startswith("=")] == []


# --- no values ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "values",
    [
        {"fields": ["kim@example.org"]},
        {"fields": ["name", "Zznewcomer"]},
        {"fields": ["+49 151 5550001"]},
        {"fields": ["a,b"]},
        {"fields": ["name", "zwei worte"]},
        {"fields": [""]},
        {"code": "Kim Muster"},
        {"code": "person.kim@example.org"},
        {"code": ""},
        {"subject_type": "Kim Muster"},
    ],
)
def test_what_looks_like_a_value_is_refused_by_the_database(values):
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEvent.objects.create(**({"code": "test.written", "at": clock.now()} | values))
    assert AuditEvent.objects.count() == 0
