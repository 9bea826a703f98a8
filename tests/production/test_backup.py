"""The scripts of the backup container against a real cluster: dump, encrypt, lose, restore."""

import hashlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from portal.common.local.postgres import APP, BACKUP, OWNER
from tests.production.drill import Drill, drill_server
from tests.production.stack import ROOT

pytestmark = pytest.mark.skipif(not shutil.which("gpg"), reason="gpg is not installed")


@pytest.fixture(scope="module")
def drill(tmp_path_factory) -> Iterator[Drill]:
    with drill_server(tmp_path_factory.mktemp("drill")) as made:
        yield made


def test_the_roles_are_made_small_and_the_app_may_not_change_tables(drill):
    roles = drill.ask(
        "select rolname, rolsuper, rolcreatedb, rolcreaterole, rolbypassrls from pg_roles "
        "where rolname like 'portal%' order by 1"
    )
    small = [False] * 4
    # The backup's only power is to read past row-level security.
    backup = ("portal_backup", False, False, False, True)
    others = [(name, *small) for name in ("portal_app", "portal_app_all", "portal_owner")]
    assert roles == sorted([*others, backup])
    (role,) = [row for row in drill.catalogue()["roles"] if row[0] == "portal_backup"]
    assert role[-2:] == (["default_transaction_read_only=on"], ["pg_read_all_data"])
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        drill.ask("set transaction read write; delete from members_topic")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        drill.ask("create table mine (id int)", APP)


def test_a_lost_database_comes_back_row_by_row_with_its_rights(drill):
    rows, catalogue = drill.rows(), drill.catalogue()
    assert sum(map(len, rows.values())) > 100
    dump = drill.dump()
    assert b"Gehrden" not in dump.read_bytes()
    assert {path.stat().st_mode & 0o077 for path in drill.backups.iterdir()} == {0}
    drill.lose()

    done = drill.script("zurueckspielen.sh", str(dump))

    assert done.returncode == 0, done.stderr
    assert drill.rows() | {"common_restoremark": rows["common_restoremark"]} == rows
    assert drill.changed_since(catalogue) == []
    # The app works on it at once, and tables of a later migration are open to it too.
    assert drill.ask("select count(*) from members_kommune", APP) == [(21,)]
    with drill.sql() as cursor:
        cursor.execute("create table later (id int)")
    assert drill.ask("select count(*) from later", APP) == [(0,)]
    with drill.sql() as cursor:
        cursor.execute("drop table later")


OPEN_DOORS = """
from datetime import timedelta
from members.models import Invitation, OneTimeCode, Person, Session, User
from portal.common import clock
from portal.common.models import OutgoingMail
from portal.common.scope import scope
with scope("system:drill"):
    now, later = clock.now(), clock.now() + timedelta(days=1)
    kim = Person.objects.create(given_name="Kim", family_name="Zzdrill", email="kim@example.org")
    user = User.objects.create(person=kim, email=kim.email)
    Session.objects.create(session_key="k" * 32, session_data="", expire_date=later, user=user)
    Invitation.objects.create(person=kim, created_at=now, expires_at=later)
    OneTimeCode.objects.create(
        user=user, mark="m", made_by=kim, told=kim, created_at=now, expires_at=later
    )
    for state in ("queued", "sending", "dropped"):
        OutgoingMail.objects.create(
            kind="members.welcome", recipient_key=kim.pk, address=kim.email, dedupe_key=state,
            message_id=state, state=state, created_at=now, not_before=now,
        )
"""


def test_what_opened_a_door_when_it_was_saved_opens_none_when_it_comes_back(drill):
    made = drill.manage("shell", "-c", OPEN_DOORS)
    assert made.returncode == 0, made.stderr

    done = drill.script("zurueckspielen.sh", str(drill.dump()))

    assert done.returncode == 0, done.stderr
    states = "select dedupe_key, state from common_outgoingmail order by 1"
    assert drill.ask(states) == [
        ("dropped", "dropped"),
        ("queued", "uncertain"),
        ("sending", "uncertain"),
    ]
    assert drill.ask("select count(*) from members_session") == [(0,)]
    assert drill.ask("select expires_at <= now() from members_onetimecode") == [(True,)]
    assert drill.ask("select revoked_at is null from members_invitation") == [(False,)]


DAMAGES = ["first half", "last byte gone", "cut", "flipped", "empty", "wrong key"]
DAMAGES += ["no manifest", "flipped manifest", "foreign manifest"]


@pytest.fixture(scope="module")
def two_pairs(drill) -> list[tuple[bytes, bytes]]:
    """Two good dumps, each with its manifest, for the damages below."""
    pairs = []
    for _ in range(2):
        dump = drill.dump()
        pairs.append((dump.read_bytes(), manifest_of(dump).read_bytes()))
        time.sleep(1.1)  # dumps are named by the second
    return pairs


def manifest_of(dump: Path) -> Path:
    return dump.with_name(dump.name.replace(".dump.", ".manifest."))


def spoil(pairs: list[tuple[bytes, bytes]], damage: str, folder: Path) -> Path:
    """A copy of a good dump and its manifest with one thing wrong."""
    content, listed = map(bytearray, pairs[0])
    if damage in ("first half", "last byte gone", "cut", "empty"):
        kept = {"first half": len(content) // 2, "last byte gone": -1, "cut": 100, "empty": 0}
        content = content[: kept[damage]]
    elif damage == "flipped":
        content[len(content) // 3] ^= 1
    elif damage == "flipped manifest":
        listed[len(listed) // 2] ^= 1
    elif damage == "foreign manifest":
        listed = bytearray(pairs[1][1])
    dump = folder / "portal-x.dump.gpg"
    dump.write_bytes(content)
    if damage != "no manifest":
        manifest_of(dump).write_bytes(listed)
    return dump


SAID = {
    "empty": "gibt es nicht, oder sie ist leer",
    "wrong key": "falscher Schlüssel oder beschädigt",
    "flipped manifest": "falscher Schlüssel oder beschädigt",
    "no manifest": "fehlt ihr Verzeichnis",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_dump_or_a_wrong_key_changes_nothing(drill, two_pairs, damage, tmp_path):
    dump = spoil(two_pairs, damage, tmp_path)
    (tmp_path / "other").write_text("o" * 48)
    key = {"BACKUP_KEY_FILE": str(tmp_path / "other")} if damage == "wrong key" else {}
    rows = drill.rows()

    done = drill.script("zurueckspielen.sh", str(dump), **key)

    assert done.returncode != 0
    assert SAID.get(damage, "Die Prüfsumme stimmt nicht") in done.stderr
    assert "Es wurde nichts geändert" in done.stderr
    assert drill.rows() == rows


def test_the_oldest_dumps_go_and_a_failed_one_costs_none(drill):
    for day in range(1, 6):
        (drill.backups / f"portal-2026-01-0{day}T000000Z.dump.gpg").write_bytes(b"old")
    newest = drill.dump().name
    kept = drill.dumps()
    assert len(kept) == 3
    assert newest in kept
    assert "portal-2026-01-01T000000Z.dump.gpg" not in kept
    listed = {path.name for path in drill.backups.glob("*.manifest.gpg")}
    assert listed <= {name.replace(".dump.", ".manifest.") for name in kept}
    assert newest.replace(".dump.", ".manifest.") in listed

    failed = drill.script("sichern.sh", "jetzt", PGDATABASE="nobody")

    assert failed.returncode != 0
    assert drill.dumps() == kept


def test_the_health_check_of_the_backups_wants_a_fresh_one(drill, tmp_path):
    drill.dump()
    assert drill.script("sichern.sh", "pruefen").returncode == 0
    assert drill.script("sichern.sh", "pruefen", BACKUP_DIR=str(tmp_path)).returncode == 1


GUARDED = """
    create table guarded (id int primary key);
    insert into guarded select generate_series(1, 50);
    create function hidden() returns boolean language plpgsql stable as $$ begin {} end $$;
    alter table guarded enable row level security;
    alter table guarded force row level security;
    create policy hidden on guarded using ((select hidden()));
"""
LOUD, SILENT = "raise exception 'no scope' using errcode = '42501';", "return false;"


@pytest.fixture(params=[LOUD, SILENT], ids=["loud", "silent"])
def guarded(drill, request):
    with drill.sql() as cursor:
        cursor.execute(GUARDED.format(request.param))
    yield request.param
    with drill.sql() as cursor:
        cursor.execute("drop table guarded; drop function hidden()")


def by_hand(drill: Drill, target: Path, *flags: str, role: str = OWNER) -> int:
    """A dump as somebody would try it at the terminal."""
    program = str(drill.bin / "pg_dump")
    words = [program, "-Fc", "-d", drill.url(role), "-f", str(target), *flags]
    return subprocess.run(words, capture_output=True, check=False).returncode


def test_the_backup_role_dumps_every_row_behind_row_level_security(drill, guarded):
    dump = drill.dump()
    assert drill.manifest(dump)["guarded"] == 50
    drill.lose()
    done = drill.script("zurueckspielen.sh", str(dump))
    assert done.returncode == 0, done.stderr
    assert drill.counts()["guarded"] == 50
    flags = "select relrowsecurity, relforcerowsecurity from pg_class where relname = 'guarded'"
    assert drill.ask(flags) == [(True, True)]


ONE_PERSON = """
from members.models import Person
from portal.common.scope import scope
with scope("system:drill"):
    Person.objects.get_or_create(given_name="Lou", family_name="Zzdrill", email="lou@example.org")
"""


def test_a_dump_as_owner_fails_and_the_flag_that_makes_it_empty_is_refused(
    drill, guarded, tmp_path
):
    # A policy is only asked where there is a row.
    made = drill.manage("shell", "-c", ONE_PERSON)
    assert made.returncode == 0, made.stderr
    assert by_hand(drill, tmp_path / "failed") == 1
    # The trap would be a silent policy: our own tables raise, so that this fails, too.
    assert by_hand(drill, tmp_path / "empty", "--enable-row-security") == 1

    kept = drill.dumps()
    refused = drill.script("sichern.sh", "jetzt", PGUSER=OWNER)
    assert refused.returncode != 0
    assert "Die Rolle portal_owner sieht nicht jede Zeile" in refused.stderr
    assert drill.script("sichern.sh", "jetzt", "--enable-row-security").returncode == 2
    assert drill.dumps() == kept


def test_a_dump_without_its_rows_is_noticed_by_the_counts(drill, tmp_path):
    """Made by hand without one table's rows, and given a good manifest with the right checksum."""
    counted = drill.manifest(drill.dump())
    flag = "--exclude-table-data=members_topic"
    assert by_hand(drill, tmp_path / "plain", flag, role=BACKUP) == 0
    target = tmp_path / "portal-x.dump.gpg"
    drill.encrypt((tmp_path / "plain").read_bytes(), target)
    checksum = hashlib.sha256(target.read_bytes()).hexdigest()
    lines = "\n".join(f"{table}\t{rows}" for table, rows in sorted(counted.items()))
    listed = f"sha256 {checksum}\n{lines}\n".encode()
    drill.encrypt(listed, tmp_path / "portal-x.manifest.gpg")
    rows = drill.rows()

    done = drill.script("zurueckspielen.sh", str(target))

    assert done.returncode != 0
    assert "In dieser Sicherung fehlen Zeilen" in done.stderr
    assert drill.rows() == rows


def test_nothing_is_restored_under_a_portal_that_still_runs(drill):
    dump, rows = drill.dump(), drill.rows()
    with drill.sql(APP):
        done = drill.script("zurueckspielen.sh", str(dump))
    assert done.returncode != 0
    assert "Das Portal läuft noch (1 Verbindungen)" in done.stderr
    assert drill.rows() == rows


def test_the_daily_loop_never_names_a_dump_that_failed(drill, tmp_path):
    """Inside an `if` the shell does not stop at an error; each step must say so itself."""
    broken = tmp_path / "pg_dump"
    broken.write_text("#!/bin/sh\necho half a dump\nexit 1\n")
    broken.chmod(0o755)
    kept = drill.dumps()
    path = f"{tmp_path}:{drill.environment()['PATH']}"
    loop = subprocess.Popen(
        ["bash", str(ROOT / "betrieb" / "sichern.sh"), "taeglich"],
        env=drill.environment() | {"PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        for line in loop.stderr:
            if "neuer Versuch in 10 Minuten" in line:
                break
    finally:
        os.killpg(loop.pid, signal.SIGKILL)
        loop.communicate()
    assert [name for name in drill.dumps() if ".part." not in name] == kept
