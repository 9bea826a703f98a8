"""Single commands against the demo's services, whether the demo runs or not."""

import contextlib
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType
from urllib.parse import parse_qs, urlsplit

from portal.common.local.errors import LocalError
from portal.common.local.files import FileLock, read_json
from portal.common.local.migrations import prepare_database
from portal.common.local.postgres import PORT
from portal.common.local.process import guarded, is_running, open_log, tail
from portal.common.local.project import Project, as_owner, command_environment
from portal.common.local.services import (
    LOCK_FILE,
    READY_FILE,
    USERS_FILE,
    Services,
    ServicesBusyError,
    external_servers,
    start_services,
)

SUPERVISOR_LOCK = "lock"
JOIN_SECONDS = 180.0
AS_OWNER = {"migrate", "flush"}
# They work without tables, and some are the way out of migrations that fail.
WITHOUT_TABLES = {"", "check", "help", "makemigrations", "migrate", "showmigrations", "sqlmigrate"}


def say(text: str) -> None:
    """Standard output belongs to the command alone."""
    print(text, file=sys.stderr, flush=True)


def connects(path: str) -> bool:
    with (
        contextlib.suppress(OSError),
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client,
    ):
        client.connect(path)
        return True
    return False


def sockets(environment: Mapping[str, str]) -> list[str]:
    """The unix sockets among the services' addresses."""
    hosts = parse_qs(urlsplit(environment.get("DATABASE_URL", "")).query).get("host", [])
    found = [f"{host}/.s.PGSQL.{PORT}" for host in hosts]
    redis = urlsplit(environment.get("REDIS_URL", ""))
    if redis.scheme == "unix":
        found.append(redis.path)
    return found


def published(root: Path) -> dict[str, str] | None:
    """What the running owner of the services offers; None when nobody does."""
    state = read_json(root / READY_FILE)
    environment = state.get("env")
    if not isinstance(environment, dict) or not is_running(int(state.get("pid", 0))):
        return None
    return environment if all(connects(path) for path in sockets(environment)) else None


class CommandSession:
    """Joins the services others run, or runs them for the length of one command."""

    def __init__(self, project: Project, command: str, environ: Mapping[str, str]) -> None:
        self.project = project
        self.command = command
        self.external = external_servers(environ)
        self.log = project.root / "log" / "manage.log"

    @contextlib.contextmanager
    def environment(self) -> Iterator[dict[str, str]]:
        users = FileLock(self.project.root / USERS_FILE)
        found = self._join_or_start(users)
        if isinstance(found, Services):
            try:
                yield found.env
            finally:
                self._finish(found)
        else:
            with users:
                yield found | self.external

    def _join_or_start(self, users: FileLock) -> Services | dict[str, str]:
        deadline = time.monotonic() + JOIN_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(ServicesBusyError):
                return self._own()
            if users.acquire(shared=True):
                if (environment := published(self.project.root)) is not None:
                    return environment
                users.release()
            time.sleep(0.1)
        raise LocalError("Die Dienste der Demo antworten nicht. Läuft sie noch?")

    def _own(self) -> Services:
        services = start_services(
            self.project.root, durable=True, demo=True, external=self.external, wait=0.0
        )
        try:
            if self.command not in WITHOUT_TABLES:
                prepare_database(self.project, services, self._run_quietly, say)
                self._fill(services)
                services.publish()
        except BaseException:
            services.stop()
            raise
        return services

    def _fill(self, services: Services) -> None:
        """The local database always holds the demo district; a caller's own is left alone."""
        if "DATABASE_URL" not in self.external:
            command = self.project.manage("demo_data")
            if self._run_quietly(command, command_environment(services.env)) != 0:
                raise LocalError("Die Demo-Daten ließen sich nicht anlegen.")

    def _run_quietly(self, command: list[str], environment: dict[str, str]) -> int:
        with open_log(self.log) as log:
            done = subprocess.run(
                guarded(command),
                env=environment,
                cwd=self.project.path,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                check=False,
            )
        if done.returncode != 0:
            say(tail(self.log))
        return done.returncode

    def _finish(self, services: Services) -> None:
        try:
            if not services.retract(0.2):
                say("Ein anderer Befehl benutzt diese Dienste noch, ich warte auf sein Ende …")
                services.retract(None)
        finally:
            services.stop()


def run_manage(project: Project, arguments: list[str], environ: Mapping[str, str]) -> int:
    """Run manage.py and return its exit code."""
    command = next((word for word in arguments if not word.startswith("-")), "")

    def end(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + signal.SIGTERM)

    signal.signal(signal.SIGTERM, end)
    with CommandSession(project, command, environ).environment() as services:
        environment = command_environment(services)
        if command in AS_OWNER:
            environment = as_owner(environment)
        process = subprocess.Popen(guarded(project.manage(*arguments)), env=environment)
        # Ctrl-C at the terminal reaches the command itself; it decides, we clean up after it.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            code = process.wait()
        finally:
            process.terminate()
            process.wait()
            signal.signal(signal.SIGINT, signal.default_int_handler)
    return code if code >= 0 else 128 - code


def print_environment(project: Project) -> int:
    """For `eval` in a shell; only running services have an environment."""
    environment = published(project.root)
    if environment is None:
        raise LocalError("Die Demo läuft nicht.")
    for name, value in sorted(environment.items()):
        print(f"export {name}={shlex.quote(value)}")
    return 0


def delete_demo(root: Path) -> None:
    """All but the lock files: on a new file of that name a second lock could be held."""
    for path in root.iterdir():
        if path.name in (SUPERVISOR_LOCK, LOCK_FILE, USERS_FILE):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def reset(project: Project) -> int:
    with (
        FileLock(project.root / SUPERVISOR_LOCK) as demo,
        FileLock(project.root / LOCK_FILE) as own,
    ):
        if not demo.acquire() or not own.acquire():
            raise LocalError("Die Demo läuft noch. Bitte zuerst beenden (Strg-C).")
        delete_demo(project.root)
    print("Die Demo-Daten sind gelöscht.")
    return 0
