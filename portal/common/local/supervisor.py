"""The demo: starts everything in order, keeps it running, stops it again."""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Protocol

from portal.common.local.commands import SUPERVISOR_LOCK, delete_demo
from portal.common.local.errors import LocalError
from portal.common.local.files import FileLock, read_json, write_json
from portal.common.local.migrations import prepare_database
from portal.common.local.output import Output
from portal.common.local.process import all_pids, guarded, is_alive, send, wait_gone
from portal.common.local.project import Project, command_environment
from portal.common.local.services import (
    LOCK_FILE,
    Services,
    ServicesBusyError,
    external_servers,
    start_services,
)
from portal.common.local.smtp import HOST, is_free

MARK = "PORTAL_SUPERVISED"
STATE_FILE = "state.json"
READY_PATH = "/hilfe/"
READY_SECONDS = 120.0
PORTS_TO_TRY = 50
MAX_DELAY = 30.0
MAX_REFUSALS = 3
STABLE_SECONDS = 60.0
STOP_SECONDS = 6.0
USERS_SECONDS = 1.0
# One machine: nobody to meet, so a worker need not wait for answers at its start.
ALONE = ("--without-mingle", "--without-gossip")
QUIET = ("--loglevel", "WARNING")
# Twelve lines per worker; on a throw-away machine everybody is root.
ROOT_IS_FINE = ("-W", "ignore:You're running the worker with superuser privileges")


class EndRequestedError(Exception):
    """Somebody wants the demo to end."""


class Restartable(Protocol):
    """What the watch needs to know of a child or server."""

    title: str

    @property
    def alive(self) -> bool: ...

    def start(self) -> None: ...


class Child:
    """One long-running command of the portal, its lines on our terminal."""

    def __init__(self, title: str, command: list[str], project: Project, output: Output) -> None:
        self.title = title
        self.command = command
        self.project = project
        self.output = output
        self.environment: Mapping[str, str] = {}
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def alive(self) -> bool:
        return self.process is not None and is_alive(self.process)

    def start(self) -> None:
        if self.process is not None:
            self.process.wait()
        self.process = subprocess.Popen(
            guarded(self.command),
            env=dict(self.environment) | {MARK: str(self.project.root)},
            cwd=self.project.path,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        self.output.add(self.title, self.process.stdout)

    def send(self, number: signal.Signals) -> None:
        if self.process is not None and self.alive:
            self.process.send_signal(number)


@dataclass
class Watch:
    """Restarts with growing pauses, so that a broken child does not eat the machine."""

    target: Restartable
    failures: int = 0
    started_at: float = 0.0
    retry_at: float | None = None

    def start(self) -> None:
        self.started_at = time.monotonic()
        self.retry_at = None
        self.target.start()

    def check(self) -> str | None:
        """A sentence when something happened."""
        now = time.monotonic()
        if self.target.alive:
            return None
        if self.retry_at is None:
            self.failures = 0 if now - self.started_at > STABLE_SECONDS else self.failures
            delay = min(2.0**self.failures, MAX_DELAY)
            self.failures += 1
            self.retry_at = now + delay
            return f"{self.target.title} ist ausgefallen, neuer Start in {delay:.0f} s"
        if now < self.retry_at:
            return None
        try:
            self.start()
        except LocalError as error:
            return str(error)
        return f"{self.target.title} wurde neu gestartet"


def child_commands(project: Project, port: int) -> dict[str, list[str]]:
    """In the order of starting."""
    celery = [sys.executable, *ROOT_IS_FINE, "-m", "celery", "--quiet", "-A", "portal"]
    shared_memory = ["--worker-tmp-dir", "/dev/shm"] if Path("/dev/shm").is_dir() else []
    return {
        "web": [
            *(sys.executable, "-m", "gunicorn", "portal.wsgi", "--workers", "2"),
            *("--no-control-socket", "--bind", f"{HOST}:{port}", "--log-level", "warning"),
            *("--timeout", "120"),  # a district's first import is one request
            *shared_memory,
        ],
        "mail": [*celery, *("worker", "-Q", "mail", "-c", "1", "-n", "mail@%h", *ALONE), *QUIET],
        "jobs": [
            *celery,
            *("worker", "-Q", "default,heavy", "-c", "1", *ALONE),
            "-n",
            "default@%h",
            *QUIET,
        ],
        "beat": [*celery, "beat", "--schedule", str(project.root / "beat-schedule"), *QUIET],
    }


def end_orphans(root: Path) -> None:
    """Grandchildren of a killed supervisor; the caller holds its lock."""
    mark = os.fsencode(f"{MARK}={root}")
    orphans = []
    for pid in all_pids():
        with contextlib.suppress(OSError):
            if mark in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
                orphans.append(pid)
    for pid in orphans:
        send(pid, signal.SIGKILL)
    wait_gone(orphans, 5.0)


def status_of(port: int) -> int | None:
    """The answer of the help page, which needs neither login nor data; None without one."""
    client = http.client.HTTPConnection(HOST, port, timeout=5.0)
    with contextlib.closing(client), contextlib.suppress(OSError, http.client.HTTPException):
        client.request("GET", READY_PATH)
        return client.getresponse().status
    return None


class Supervisor:
    """Holds the lock of the demo for as long as it runs."""

    def __init__(self, project: Project, port: int) -> None:
        self.project = project
        self.root = project.root
        self.port = port
        self.output = Output()
        self.children: list[Child] = []
        self.watches: list[Watch] = []
        self.services: Services | None = None
        self.began = time.monotonic()
        self.signals = 0
        self.stopping = False

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}/"

    def report(self, text: str) -> None:
        seconds = f"{time.monotonic() - self.began:4.1f}".replace(".", ",")
        print(f"[{seconds} s] {text}", flush=True)

    def run(self, *, reset: bool) -> int:
        with FileLock(self.root / SUPERVISOR_LOCK) as lock:
            if not lock.acquire():
                raise LocalError(already_running(self.root))
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, self._on_signal)
            try:
                self._start(reset)
                while True:
                    self._tick(0.5)
            except EndRequestedError:
                return 0
            finally:
                self._stop()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.signals += 1
        if not self.stopping:
            raise EndRequestedError

    def _start(self, reset: bool) -> None:
        end_orphans(self.root)
        if reset:
            self._reset()
        self._choose_port()
        write_json(
            self.root / STATE_FILE,
            {"pid": os.getpid(), "port": self.port, "address": self.address},
        )
        services = self._start_services()
        self.report("Datenbank wird auf den neuesten Stand gebracht …")
        prepare_database(self.project, services, self._run_step, self.report)
        environment = command_environment(services.env)
        if self._run_step(self.project.manage("demo_data"), environment) != 0:
            raise LocalError("Die Demo-Daten ließen sich nicht anlegen.")
        self.report("Demo-Daten sind da")
        services.publish()
        self._start_children(environment)
        self._wait_ready()
        self._welcome(environment)

    def _reset(self) -> None:
        with FileLock(self.root / LOCK_FILE) as services:
            if not services.acquire():
                raise LocalError("Ein Verwaltungsbefehl benutzt die Demo noch. Bitte abwarten.")
            delete_demo(self.root)
        self.report("Die alten Demo-Daten sind gelöscht")

    def _choose_port(self) -> None:
        wanted = self.port
        for port in range(wanted, min(wanted + PORTS_TO_TRY, 65536)):
            if is_free(port):
                self.port = port
                break
        else:
            raise LocalError(f"Ab Port {wanted} ist kein Port frei.")
        if self.port != wanted:
            self.report(f"Port {wanted} ist belegt, ich nehme {self.port}")

    def _start_services(self) -> Services:
        external = external_servers(os.environ)
        for wait in (0.5, None):
            with contextlib.suppress(ServicesBusyError):
                self.services = start_services(
                    self.root,
                    durable=True,
                    demo=True,
                    external=external,
                    report=self.report,
                    wait=wait,
                )
                break
            self.report("Ein Verwaltungsbefehl benutzt die Dienste noch, ich warte auf sein Ende …")
        assert self.services is not None
        # Links in mails are made by the worker, which sees no request.
        self.services.env["BASE_URL"] = self.address.rstrip("/")
        self.watches += [Watch(server) for server in self.services.running]
        return self.services

    def _run_step(self, command: list[str], environment: dict[str, str]) -> int:
        """One command to its end, its lines on the terminal."""
        step = Child("setup", command, self.project, self.output)
        step.environment = environment
        self.children.append(step)
        step.start()
        while step.alive:
            self.output.pump(0.05)
        self.output.pump(0.0)
        self.children.remove(step)
        assert step.process is not None
        return step.process.wait()

    def _start_children(self, environment: dict[str, str]) -> None:
        for title, command in child_commands(self.project, self.port).items():
            child = Child(title, command, self.project, self.output)
            child.environment = environment
            self.children.append(child)
            watch = Watch(child)
            self.watches.append(watch)
            watch.start()
        self.report("Web, Worker und Beat starten …")

    def _wait_ready(self) -> None:
        web = next(watch for watch in self.watches if watch.target.title == "web")
        deadline = time.monotonic() + READY_SECONDS
        refusals = 0
        while (status := status_of(self.port)) != 200:
            refusals += status is not None
            if refusals >= MAX_REFUSALS:
                raise LocalError(f"{self.address}hilfe/ antwortet mit Fehler {status}, siehe oben.")
            if web.failures >= 3 or time.monotonic() > deadline:
                raise LocalError("Der Webserver kommt nicht hoch. Die Gründe stehen weiter oben.")
            self._tick(0.1)

    def _welcome(self, environment: dict[str, str]) -> None:
        roles = subprocess.run(
            guarded(self.project.manage("demo_roles")),
            env=environment,
            cwd=self.project.path,
            stdout=subprocess.PIPE,
            check=False,
        )
        self.report(f"Bereit: {self.address}")
        sys.stdout.write(roles.stdout.decode("utf-8", errors="replace"))
        print("Beenden mit Strg-C.", flush=True)

    def _tick(self, seconds: float) -> None:
        self.output.pump(seconds)
        for watch in self.watches:
            if message := watch.check():
                self.report(message)

    def _stop(self) -> None:
        """Reverse order; a second Ctrl-C makes it short."""
        self.stopping = True
        with contextlib.suppress(BrokenPipeError):
            self.report("Die Demo wird beendet …")
        for child in reversed(self.children):
            child.send(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while any(child.alive for child in self.children) and self._patient(deadline):
            self._pump_quietly()
        for child in self.children:
            child.send(signal.SIGKILL)
        end_orphans(self.root)
        for child in self.children:
            if child.process is not None:
                child.process.wait()
        self._pump_quietly()
        if self.services is not None:
            self.services.retract(USERS_SECONDS)
            self.services.stop()
        (self.root / STATE_FILE).unlink(missing_ok=True)
        self.output.close()
        with contextlib.suppress(BrokenPipeError):
            self.report("Die Demo ist beendet")

    def _patient(self, deadline: float) -> bool:
        return self.signals < 2 and time.monotonic() < deadline

    def _pump_quietly(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            self.output.pump(0.1)


def already_running(root: Path) -> str:
    state = read_json(root / STATE_FILE)
    where = f" unter {state['address']} (Prozess {state['pid']})" if state else ""
    return f"Die Demo läuft schon{where}. Beenden: Strg-C in ihrem Fenster."
