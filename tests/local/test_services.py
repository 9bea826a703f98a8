"""The servers for real: they start, survive a crash, keep data and grant no more than said."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from portal.common.local.files import socket_folder
from portal.common.local.installation import Installation, copy_for_everybody, wheel_home
from portal.common.local.postgres import Postgres
from portal.common.local.process import Server, is_running, wait_gone
from portal.common.local.services import (
    Services,
    ServicesBusyError,
    external_servers,
    start_services,
)

SOURCE = Path(__file__).resolve().parents[2]

START_AND_WAIT = """
import sys, time
from pathlib import Path
from portal.common.local.services import start_services
services = start_services(Path(sys.argv[1]), durable=False)
print(*[server.pid for server in services.running], flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Deeper than a socket's path may be long, and with spaces."""
    return tmp_path_factory.mktemp("mit leerzeichen").joinpath(*["tief"] * 25)


@pytest.fixture(scope="module")
def services(root: Path) -> Iterator[Services]:
    with start_services(root, durable=False) as running:
        yield running


def run_sql(url: str, statement: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []
    finally:
        connection.close()


def as_owner(services: Services, statement: str) -> list[tuple[object, ...]]:
    return run_sql(services.env["DATABASE_OWNER_URL"], statement)


def as_app(services: Services, statement: str) -> list[tuple[object, ...]]:
    return run_sql(services.env["DATABASE_URL"], statement)


def crash(server: Server) -> None:
    assert server.pid
    os.kill(server.pid, signal.SIGKILL)
    wait_gone([server.pid], 5)


def ports_of(services: Services) -> set[int]:
    """The TCP ports our processes listen on, by the kernel's table."""
    inodes = set()
    for server in services.running:
        for link in Path(f"/proc/{server.pid}/fd").iterdir():
            target = str(link.readlink())
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
    rows = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    fields = [row.split() for row in rows]
    return {int(field[1].split(":")[1], 16) for field in fields if field[9] in inodes}


def test_the_app_role_may_neither_rule_nor_create(services: Services) -> None:
    rights = as_app(
        services,
        "SELECT rolsuper, rolcreatedb, rolcreaterole, rolbypassrls FROM pg_roles"
        " WHERE rolname = current_user",
    )

    assert rights == [(False, False, False, False)]
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        as_app(services, "CREATE TABLE forbidden (id int)")


def test_the_owner_is_no_superuser_but_owns_database_and_schema(services: Services) -> None:
    assert as_owner(
        services,
        "SELECT r.rolsuper, pg_get_userbyid(d.datdba), pg_get_userbyid(n.nspowner)"
        " FROM pg_roles r, pg_database d, pg_namespace n"
        " WHERE r.rolname = current_user AND d.datname = current_database()"
        " AND n.nspname = 'public'",
    ) == [(False, "portal_owner", "portal_owner")]


@pytest.mark.parametrize("extension", ["pg_trgm", "unaccent", "btree_gist", "citext"])
def test_the_owner_may_create_the_extensions_of_the_migrations(
    services: Services, extension: str
) -> None:
    as_owner(services, f"CREATE EXTENSION {extension}")


def test_the_app_role_reads_and_writes_what_the_owner_creates(services: Services) -> None:
    as_owner(services, "CREATE TABLE shared (id serial, word text)")

    as_app(services, "INSERT INTO shared (word) VALUES ('Straße')")

    assert as_app(services, "SELECT word FROM shared") == [("Straße",)]
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        as_app(services, "TRUNCATE shared")


def test_a_database_made_by_the_test_runner_has_the_same_rights(services: Services) -> None:
    assert services.postgres
    services.postgres.create_database("test_portal")

    run_sql(services.postgres.url("portal_owner", "test_portal"), "CREATE TABLE t (id int)")

    assert run_sql(services.postgres.url(database="test_portal"), "SELECT * FROM t") == []
    services.postgres.drop_database("test_portal")


def test_a_stale_pid_file_with_the_number_of_a_stranger_does_not_hinder(services: Services) -> None:
    assert services.postgres
    services.postgres.stop()
    stale = f"{os.getppid()}\n/proc/self/cwd\n1\n5432\n\n\n"
    (services.postgres.data / "postmaster.pid").write_text(stale, encoding="ascii")

    services.postgres.start()

    assert as_app(services, "SELECT 1") == [(1,)]


def test_a_stale_socket_does_not_hinder_the_broker(services: Services) -> None:
    assert services.valkey
    crash(services.valkey)
    assert services.valkey.socket.exists()

    services.valkey.start()

    assert services.valkey.answers()


def test_a_frozen_broker_does_not_answer_until_thawed(services: Services) -> None:
    assert services.valkey
    services.valkey.freeze()
    assert services.valkey.alive
    assert not services.valkey.answers()

    services.valkey.thaw()

    assert services.valkey.answers()


def test_a_frozen_broker_can_be_stopped(services: Services) -> None:
    assert services.valkey
    services.valkey.freeze()

    services.valkey.stop()

    assert not services.valkey.alive
    services.valkey.start()


def test_the_sink_keeps_its_port_over_a_restart(services: Services) -> None:
    assert services.sink
    before = services.sink.port
    services.sink.stop()

    services.sink.start()

    assert services.sink.port == before


def test_nothing_listens_on_a_network_address_but_the_sink(services: Services) -> None:
    assert services.sink
    assert ports_of(services) == {services.sink.port}


def test_a_second_owner_of_the_same_folder_is_refused(services: Services, root: Path) -> None:
    with pytest.raises(ServicesBusyError):
        start_services(root, durable=False, wait=0.0)


def test_secrets_are_readable_by_the_owner_only(services: Services, root: Path) -> None:
    assert (root / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert services.postgres
    assert services.postgres.folder.stat().st_mode & 0o777 == 0o700


def test_tests_are_no_demo(services: Services) -> None:
    assert services.env["PORTAL_LOCAL"] == "1"
    assert "PORTAL_DEMO" not in services.env


def test_a_second_start_keeps_data_and_secrets_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with start_services(tmp_path, durable=True, demo=True) as first:
        as_owner(first, "CREATE TABLE kept AS SELECT 7 AS id")
        assert first.postgres
        folder = first.postgres.folder
        pids = [server.pid for server in first.running if server.pid]

    assert len(pids) == 3
    assert not any(is_running(pid) for pid in pids)
    assert not folder.exists()
    with start_services(tmp_path, durable=True, demo=True) as second:
        assert as_app(second, "SELECT id FROM kept") == [(7,)]
        assert second.env == first.env | {"EMAIL_URL": second.env["EMAIL_URL"]}
        assert second.env["PORTAL_DEMO"] == "1"


def test_acknowledged_data_survives_a_crash_of_the_database(tmp_path: Path) -> None:
    with start_services(tmp_path, durable=True) as services:
        assert services.postgres
        as_owner(services, "CREATE TABLE kept AS SELECT 1 AS id")
        crash(services.postgres)

        services.postgres.start()

        assert as_app(services, "SELECT id FROM kept") == [(1,)]


def test_the_forgetful_database_of_tests_comes_up_after_a_crash(services: Services) -> None:
    assert services.postgres
    crash(services.postgres)

    services.postgres.start()

    assert as_app(services, "SELECT 1") == [(1,)]


def test_servers_die_with_their_killed_owner_and_start_again(tmp_path: Path) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", START_AND_WAIT, str(tmp_path)],
        cwd=SOURCE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with owner:
        assert owner.stdout
        pids = [int(word) for word in owner.stdout.readline().split()]
        owner.kill()

    assert len(pids) == 3
    assert wait_gone(pids, 10)
    with start_services(tmp_path, durable=False) as services:
        assert as_app(services, "SELECT 1") == [(1,)]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_root_without_user_namespaces_runs_the_database_as_nobody(tmp_path: Path) -> None:
    copy = Path(tempfile.mkdtemp())
    installation = Installation(copy_for_everybody(wheel_home(), copy), "nobody", copy)
    folder = socket_folder(tmp_path, installation.uid)
    postgres = Postgres(tmp_path, folder, installation, durable=False)
    postgres.start()

    owner = Path(f"/proc/{postgres.pid}").stat().st_uid
    assert run_sql(postgres.url(), "SELECT 1") == [(1,)]
    postgres.stop()
    installation.remove()
    folder.rmdir()

    assert owner == installation.uid != 0
    assert not copy.exists()


def test_servers_the_caller_brings_are_used_instead_of_ours(tmp_path: Path) -> None:
    given = {
        "DATABASE_URL": "postgres://somebody@db/portal",
        "REDIS_URL": "redis://broker/0",
        "EMAIL_URL": "smtp://mail",
    }

    with start_services(tmp_path, durable=True, external=external_servers(given)) as services:
        assert services.running == []
        assert {name: services.env[name] for name in given} == given
        assert services.env["DATABASE_OWNER_URL"] == given["DATABASE_URL"]
        assert "MAIL_PROBE" not in services.env


def test_an_exported_environment_of_ours_is_not_mistaken_for_foreign_servers() -> None:
    assert external_servers({"PORTAL_LOCAL": "1", "DATABASE_URL": "postgres://gone"}) == {}
