"""PostgreSQL from a wheel: our own cluster on a unix socket, for any user including root."""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT, connection

from portal.common.local.errors import LocalError
from portal.common.local.files import read_json, write_json
from portal.common.local.installation import Installation
from portal.common.local.process import (
    Server,
    all_pids,
    guarded,
    open_log,
    send,
    tail,
    wait_gone,
)

DATABASE = "portal"
SUPERUSER = "postgres"
OWNER = "portal_owner"
APP = "portal_app"
BACKUP = "portal_backup"
# The app becomes it for a transaction that may see every row; see portal/common/row_security.py.
SEES_ALL = "portal_app_all"
PORT = 5432

SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "50",
    "shared_buffers": "128MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "512MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # People's data must not reach a log: neither as detail, parameter nor statement.
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_min_error_statement": "panic",
}
FORGETFUL = {"fsync": "off", "full_page_writes": "off"}

# In template1, so that every later database (also one made by a test runner) has the same rights.
GRANTS = f"""
    ALTER SCHEMA public OWNER TO {OWNER};
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
    CREATE ROLE {SEES_ALL} NOLOGIN;
    GRANT {SEES_ALL} TO {APP} WITH INHERIT FALSE, SET TRUE;
    GRANT USAGE ON SCHEMA public TO {APP}, {SEES_ALL};
    ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA public
        GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP}, {SEES_ALL};
    ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA public
        GRANT USAGE, SELECT ON SEQUENCES TO {APP}, {SEES_ALL};
"""


def chown_tree(top: Path, uid: int) -> None:
    for folder, _folders, files in os.walk(top):
        for name in (folder, *(str(Path(folder) / file) for file in files)):
            os.chown(name, uid, -1, follow_symlinks=False)


class Postgres(Server):
    """One cluster below `root`; `durable=False` trades safety for speed in tests."""

    title = "PostgreSQL"
    # Fast shutdown, also when our own process was killed.
    death_signal = signal.SIGINT

    def __init__(
        self, root: Path, folder: Path, installation: Installation, *, durable: bool
    ) -> None:
        super().__init__(root, "postgres")
        self.folder = folder
        self.installation = installation
        self.durable = durable
        self.data = root / "pg"
        self._secrets = root / "secrets.json"

    def url(self, role: str = APP, database: str = DATABASE) -> str:
        host, password = quote(str(self.folder), safe="/"), quote(self._password(role), safe="")
        return f"postgres://{role}:{password}@/{quote(database)}?host={host}"

    @contextlib.contextmanager
    def connect(self, role: str = SUPERUSER, database: str = "postgres") -> Iterator[connection]:
        """An autocommit connection, closed at the end."""
        opened = psycopg2.connect(
            host=str(self.folder),
            port=PORT,
            user=role,
            password=self._password(role),
            dbname=database,
            connect_timeout=10,
        )
        try:
            opened.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
            yield opened
        finally:
            opened.close()

    def launch(self) -> None:
        if self.data.exists():
            self._take_over()
        self._end_leftovers()
        if not self.data.exists():
            self._init_cluster()
        command = [self.installation.program("postgres"), "-D", self._data_argument(self.data)]
        for name, value in self._settings().items():
            command += ["-c", f"{name}={value}"]
        self._spawn(
            command, env=self._environment(), cwd=self.data, identity=self.installation.identity
        )

    def wait_ready(self) -> None:
        super().wait_ready()
        self._ensure_database()

    def answers(self) -> bool:
        with contextlib.suppress(psycopg2.OperationalError), self.connect():
            return True
        return False

    def stop(self) -> None:
        self._stop_by((signal.SIGINT, 6.0), (signal.SIGQUIT, 2.0))

    def create_database(self, name: str) -> None:
        """Owned by the owner role; the app role's rights come with template1."""
        self._execute("CREATE DATABASE {} OWNER {}", name, OWNER)

    def drop_database(self, name: str) -> None:
        self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def _execute(self, statement: str, *identifiers: str) -> None:
        names = (sql.Identifier(name) for name in identifiers)
        with self.connect() as opened, opened.cursor() as cursor:
            cursor.execute(sql.SQL(statement).format(*names))

    def _settings(self) -> dict[str, str]:
        sockets = {"unix_socket_directories": str(self.folder)}
        return SETTINGS | sockets | ({} if self.durable else FORGETFUL)

    def _environment(self) -> dict[str, str]:
        return {"LC_ALL": "C", "TZ": "UTC", "PATH": os.environ.get("PATH", os.defpath)}

    def _data_argument(self, folder: Path) -> str:
        # Another identity may be unable to walk the path down to the data (a home folder is
        # private); a working directory needs no walking.
        return str(folder) if self.installation.identity == "self" else "/proc/self/cwd"

    def _password(self, role: str) -> str:
        known = read_json(self._secrets)
        if role not in known:
            known[role] = secrets.token_urlsafe(24)
            write_json(self._secrets, known)
        return str(known[role])

    def _init_cluster(self) -> None:
        """Beside the final place, so that a half made cluster is never taken for a whole one."""
        fresh = self.root / "pg.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700, parents=True)
        password = self.folder / "password"
        password.unlink(missing_ok=True)
        password.write_text(self._password(SUPERUSER) + "\n", encoding="ascii")
        password.chmod(0o600)
        for path in (fresh, password):
            os.chown(path, self.installation.uid, -1)
        command = [
            *(self.installation.program("initdb"), "-D", self._data_argument(fresh)),
            *("-U", SUPERUSER, "-A", "scram-sha-256", "--pwfile", str(password), "-E", "UTF8"),
            *("--locale-provider=builtin", "--locale=C.UTF-8", "--no-instructions"),
            *(() if self.durable else ("--no-sync",)),
        ]
        try:
            self._run(command, fresh)
        finally:
            password.unlink()
        fresh.rename(self.data)

    def _run(self, command: list[str], cwd: Path) -> None:
        with open_log(self.log) as log:
            done = subprocess.run(
                guarded(command, signal.SIGTERM, self.installation.identity),
                cwd=cwd,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                check=False,
                start_new_session=True,
            )
        if done.returncode != 0:
            raise LocalError(
                f"PostgreSQL lässt sich nicht einrichten.\n{tail(self.log)}\nProtokoll: {self.log}"
            )

    def _take_over(self) -> None:
        """Another identity may have run this cluster the last time."""
        uid = self.installation.uid
        if self.data.stat().st_uid == uid:
            return
        if os.geteuid() != 0:
            raise LocalError(
                f"{self.data} gehört einem anderen Benutzerkonto (wurde die Demo als root "
                "gestartet?). Bitte den Ordner löschen oder unter jenem Konto starten."
            )
        chown_tree(self.data, uid)

    def _end_leftovers(self) -> None:
        """After a kill -9: the caller holds the lock, so whoever works in our folder is an orphan.

        A stale pid file must go too, for its number may meanwhile belong to a stranger or a zombie,
        and PostgreSQL would take that for a running server.
        """
        if sys.platform != "linux":
            return
        pid_file = self.data / "postmaster.pid"
        leader = self._recorded_pid(pid_file)
        orphans = [pid for pid in all_pids() if self._works_here(pid, leader)]
        if leader in orphans:
            send(leader, signal.SIGCONT)
            send(leader, signal.SIGINT)
        if not wait_gone(orphans, 8.0):
            for pid in orphans:
                send(pid, signal.SIGKILL)
            wait_gone(orphans, 5.0)
        for stale in (pid_file, *self.folder.glob(".s.PGSQL.*")):
            stale.unlink(missing_ok=True)

    def _recorded_pid(self, pid_file: Path) -> int:
        try:
            return int(pid_file.read_text(encoding="utf-8").splitlines()[0])
        except (OSError, ValueError, IndexError):
            return 0

    def _works_here(self, pid: int, leader: int) -> bool:
        process = Path(f"/proc/{pid}")
        try:
            if process.joinpath("comm").read_text(encoding="utf-8").strip() != "postgres":
                return False
            return process.joinpath("cwd").readlink() == self.data.resolve()
        except PermissionError:
            # Its folder is not ours to see; its number in our own pid file says enough.
            return pid == leader
        except OSError:
            return False

    def _ensure_database(self) -> None:
        """Each step is one transaction, and the last one is the mark of being complete."""
        deadline = time.monotonic() + self.ready_seconds
        with self.connect() as opened, opened.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if cursor.fetchone():
                return
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [OWNER])
            has_roles = cursor.fetchone() is not None
        if not has_roles:
            self._create_roles()
        while True:
            try:
                self.create_database(DATABASE)
            except psycopg2.errors.ObjectInUse:
                # The connection to template1 ends a moment after it was closed.
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return

    def _create_roles(self) -> None:
        # Test runners create databases of their own, as the owner.
        owner_option = sql.SQL("NOCREATEDB" if self.durable else "CREATEDB")
        with self.connect(database="template1") as opened, opened.cursor() as cursor:
            cursor.execute("BEGIN")
            options = {OWNER: owner_option, APP: sql.SQL(""), BACKUP: sql.SQL("BYPASSRLS")}
            for role, option in options.items():
                cursor.execute(
                    sql.SQL("CREATE ROLE {} LOGIN {} PASSWORD {}").format(
                        sql.Identifier(role), option, sql.Literal(self._password(role))
                    )
                )
            cursor.execute(f"GRANT pg_read_all_data TO {BACKUP}")
            cursor.execute(f"ALTER ROLE {BACKUP} SET default_transaction_read_only = on")
            cursor.execute(GRANTS)
            cursor.execute("COMMIT")
