"""The scripts of the backup container against a real cluster: dump, encrypt, lose, restore."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest

from portal.common.local.files import socket_folder
from portal.common.local.installation import Installation, find_installation
from portal.common.local.postgres import SUPERUSER, Postgres
from tests.production.stack import ROOT, Stack

PASSWORD = "a-password-of-the-drill"
TABLES = "select tablename from pg_tables where schemaname = 'public' order by 1"
RIGHTS = """
    select table_name, privilege_type from information_schema.role_table_grants
    where grantee = 'portal_app' and table_schema = 'public' order by 1, 2
"""
pytestmark = pytest.mark.skipif(not shutil.which("gpg"), reason="gpg is not installed")


class Bare(Postgres):
    """A cluster as the image leaves it: a superuser and nothing of ours."""

    def _ensure_database(self) -> None:
        """Made by betrieb/rollen.sh instead."""


class Drill:
    """One server, its roles made by our script, and the folder of the backups."""

    def __init__(self, folder: Path, postgres: Postgres, installation: Installation) -> None:
        self.folder, self.postgres = folder, postgres
        self.bin = Path(installation.program("psql")).parent
        self.backups = folder / "sicherungen"
        self.backups.mkdir()
        for name in ("db_owner_password", "db_app_password"):
            (folder / name).write_text(PASSWORD)
        (folder / "key").write_text("k" * 48)

    def url(self, role: str) -> str:
        return f"postgres://{role}:{PASSWORD}@/portal?host={self.postgres.folder}"

    def script(self, name: str, *words: str, **changes: str) -> subprocess.CompletedProcess[str]:
        env = {
            "PATH": f"{self.bin}:{os.environ['PATH']}",
            "PGHOST": str(self.postgres.folder),
            "PGUSER": "portal_owner",
            "PGDATABASE": "portal",
            "PGPASSWORD_FILE": str(self.folder / "db_owner_password"),
            "BACKUP_DIR": str(self.backups),
            "BACKUP_KEY_FILE": str(self.folder / "key"),
            "BACKUP_KEEP": "3",
        }
        return subprocess.run(
            ["bash", str(ROOT / "betrieb" / name), *words],
            env=env | changes,
            capture_output=True,
            text=True,
            check=False,
        )

    @contextmanager
    def sql(self, role: str = "portal_owner") -> Iterator[psycopg2.extensions.cursor]:
        opened = psycopg2.connect(self.url(role))
        opened.autocommit = True
        try:
            yield opened.cursor()
        finally:
            opened.close()

    def ask(self, statement: str, role: str = "portal_owner") -> list[tuple]:
        with self.sql(role) as cursor:
            cursor.execute(statement)
            return cursor.fetchall()

    def counts(self) -> dict[str, int]:
        tables = [name for (name,) in self.ask(TABLES)]
        return {name: self.ask(f'select count(*) from "{name}"')[0][0] for name in tables}

    def dumps(self) -> list[str]:
        return sorted(path.name for path in self.backups.iterdir())

    def dump(self) -> Path:
        done = self.script("sichern.sh", "jetzt")
        assert done.returncode == 0, done.stderr
        return Path(done.stdout.strip())


@pytest.fixture(scope="module")
def drill(tmp_path_factory) -> Iterator[Drill]:
    folder = tmp_path_factory.mktemp("drill")
    (folder / "log").mkdir()
    installation = find_installation(folder / "copy")
    sockets = socket_folder(folder, installation.uid)
    postgres = Bare(folder, sockets, installation, durable=False)
    postgres.start()
    try:
        made = Drill(folder, postgres, installation)
        roles = made.script(
            "rollen.sh",
            SECRETS_DIR=str(folder),
            PGUSER=SUPERUSER,
            PGPASSWORD=postgres._password(SUPERUSER),
        )
        assert roles.returncode == 0, roles.stderr
        owner = {"DATABASE_URL": made.url("portal_owner")}
        app = {"DATABASE_URL": made.url("portal_app")}
        stack = Stack(folder)
        for words, given in ((("migrate", "-v0"), owner), (("load_reference",), app)):
            done = stack.run("manage.py", *words, **given)
            assert done.returncode == 0, done.stderr
        yield made
    finally:
        postgres.stop()
        installation.remove()


def test_the_roles_are_made_small_and_the_app_may_not_change_tables(drill):
    roles = drill.ask(
        "select rolname, rolsuper, rolcreatedb, rolcreaterole, rolbypassrls from pg_roles "
        "where rolname like 'portal%' order by 1"
    )
    small = ("portal_app", "portal_app_all", "portal_owner")
    assert roles == [(name, *[False] * 4) for name in small]
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        drill.ask("create table mine (id int)", "portal_app")


def test_a_lost_database_comes_back_row_by_row_with_its_rights(drill):
    counts, rights = drill.counts(), drill.ask(RIGHTS)
    assert sum(counts.values()) > 100
    dump = drill.dump()
    assert b"Gehrden" not in dump.read_bytes()
    assert dump.stat().st_mode & 0o077 == 0
    with drill.sql() as cursor:
        cursor.execute("drop schema public cascade")
        cursor.execute("create schema public")

    done = drill.script("zurueckspielen.sh", str(dump))

    assert done.returncode == 0, done.stderr
    assert drill.counts() == counts
    assert drill.ask(RIGHTS) == rights
    # The app works on it at once, and tables of a later migration are open to it too.
    assert drill.ask("select count(*) from members_kommune", "portal_app") == [(21,)]
    with drill.sql() as cursor:
        cursor.execute("create table later (id int)")
    assert drill.ask("select count(*) from later", "portal_app") == [(0,)]
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
    app = {"DATABASE_URL": drill.url("portal_app")}
    made = Stack(drill.folder).run("manage.py", "shell", "-c", OPEN_DOORS, **app)
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


@pytest.mark.parametrize("damage", ["cut", "flipped", "wrong key"])
def test_a_damaged_dump_or_a_wrong_key_changes_nothing(drill, damage, tmp_path):
    dump = tmp_path / "damaged.gpg"
    content = bytearray(drill.dump().read_bytes())
    if damage == "flipped":
        content[len(content) // 2] ^= 1
    dump.write_bytes(content[: len(content) // 2] if damage == "cut" else content)
    (tmp_path / "other").write_text("o" * 48)
    key = {"BACKUP_KEY_FILE": str(tmp_path / "other")} if damage == "wrong key" else {}
    counts = drill.counts()

    done = drill.script("zurueckspielen.sh", str(dump), **key)

    assert done.returncode != 0
    assert "Es wurde nichts geändert" in done.stderr
    assert drill.counts() == counts


def test_the_oldest_dumps_go_and_a_failed_one_costs_none(drill):
    for day in range(1, 6):
        (drill.backups / f"portal-2026-01-0{day}T000000Z.dump.gpg").write_bytes(b"old")
    newest = drill.dump().name
    kept = drill.dumps()
    assert len(kept) == 3
    assert newest in kept
    assert "portal-2026-01-01T000000Z.dump.gpg" not in kept

    failed = drill.script("sichern.sh", "jetzt", PGDATABASE="nobody")

    assert failed.returncode != 0
    assert [name for name in drill.dumps() if name.endswith("gpg")] == kept


def test_the_health_check_of_the_backups_wants_a_fresh_one(drill, tmp_path):
    drill.dump()
    assert drill.script("sichern.sh", "pruefen").returncode == 0
    assert drill.script("sichern.sh", "pruefen", BACKUP_DIR=str(tmp_path)).returncode == 1
