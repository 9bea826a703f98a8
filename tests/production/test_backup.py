"""The scripts of the backup container against a real cluster: dump, encrypt, lose, restore."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from portal.common.local.postgres import APP, OWNER
from tests.production.drill import Drill, drill_server

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
    assert roles == [("portal_app", *small), backup, ("portal_owner", *small)]
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
    assert drill.catalogue() == catalogue
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
    app = {"DATABASE_URL": drill.url(APP)}
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


DAMAGES = ["first half", "last byte gone", "cut", "flipped", "empty", "wrong key"]
DAMAGES += ["no manifest", "flipped manifest", "foreign manifest"]


def spoil(drill: Drill, damage: str, folder: Path) -> Path:
    """A copy of a good dump and its manifest with one thing wrong."""
    good = drill.dump()
    dump = folder / good.name
    manifest = Path(str(dump).replace(".dump.", ".manifest."))
    content, listed = bytearray(good.read_bytes()), bytearray(
        (drill.backups / manifest.name).read_bytes()
    )
    if damage in ("first half", "last byte gone", "cut", "empty"):
        kept = {"first half": len(content) // 2, "last byte gone": -1, "cut": 100, "empty": 0}
        content = content[: kept[damage]]
    elif damage == "flipped":
        content[len(content) // 3] ^= 1
    elif damage == "flipped manifest":
        listed[len(listed) // 2] ^= 1
    elif damage == "foreign manifest":
        time.sleep(1.1)  # dumps are named by the second
        listed = bytearray(Path(str(drill.dump()).replace(".dump.", ".manifest.")).read_bytes())
    dump.write_bytes(content)
    if damage != "no manifest":
        manifest.write_bytes(listed)
    return dump


SAID = {
    "empty": "gibt es nicht, oder sie ist leer",
    "wrong key": "falscher Schlüssel oder beschädigt",
    "flipped manifest": "falscher Schlüssel oder beschädigt",
    "no manifest": "fehlt ihr Verzeichnis",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_dump_or_a_wrong_key_changes_nothing(drill, damage, tmp_path):
    dump = spoil(drill, damage, tmp_path)
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
    manifests = [path.name for path in drill.backups.glob("*.manifest.gpg")]
    assert manifests == [newest.replace(".dump.", ".manifest.")]

    failed = drill.script("sichern.sh", "jetzt", PGDATABASE="nobody")

    assert failed.returncode != 0
    assert drill.dumps() == kept


def test_the_health_check_of_the_backups_wants_a_fresh_one(drill, tmp_path):
    drill.dump()
    assert drill.script("sichern.sh", "pruefen").returncode == 0
    assert drill.script("sichern.sh", "pruefen", BACKUP_DIR=str(tmp_path)).returncode == 1
