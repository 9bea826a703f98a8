"""The command lines of docker-compose.yml as real processes against the test services."""

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from portal.common.local.process import guarded
from tests.services import services

ROOT = Path(__file__).resolve().parents[2]
HOST = "ankommen.example.org"
BEHIND_PROXY = {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}
LOCAL_ONLY = ("PORTAL_LOCAL", "PORTAL_DEMO", "PORTAL_TESTING", "MAIL_SINK_DIR")


def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))


def deploy_environment() -> dict[str, str]:
    lines = (ROOT / "tests" / "deploy.env").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Stack:
    """Shaped like production: no PORTAL_LOCAL, secrets from files, collected static files."""

    folder: Path
    changes: Mapping[str, str] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    # Where the servers' own logs began when this was started.
    begins: dict[Path, int] = field(default_factory=dict)
    static_folder: Path | None = None

    def environment(self, **settings: str) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in (*LOCAL_ONLY, "DATABASE_OWNER_URL")
        }
        secret = self.folder / "database_url"
        secret.write_text(os.environ["DATABASE_URL"] + "\n")
        kept.pop("DATABASE_URL")
        given = {name: value for name, value in deploy_environment().items() if value}
        given.pop("DATABASE_URL")
        given |= {name: os.environ[name] for name in ("REDIS_URL", "EMAIL_URL")}
        given |= {
            "DATABASE_URL_FILE": str(secret),
            "STATIC_ROOT": str(self.static),
            "ERASURE_LEDGER": str(self.folder / "ledger.txt"),
            "MAIL_SINK_DIR": os.environ.get("MAIL_SINK_DIR", ""),
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": "ignore::UserWarning",  # Celery minds root; the image is not root
            "OUTBOX_LEASE_SECONDS": "5",
        }
        return kept | given | dict(self.changes) | settings

    def command(self, service: str) -> list[str]:
        program, *rest = compose()["services"][service]["command"]
        words = [sys.executable] if program == "python" else [sys.executable, "-m", program]
        if program == "gunicorn":
            rest += ["--bind", f"127.0.0.1:{self.port}", "--workers", "2"]
        return words + [str(self.folder / "beat") if word == "/tmp/beat" else word for word in rest]

    def run(self, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *words],
            env=self.environment(**settings),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

    def start(self, service: str, name: str = "") -> None:
        name = name or service
        command = [word.replace("@%h", f"-{name}@%h") for word in self.command(service)]
        if service == "beat":
            command = [word.replace("/beat", f"/{name}") for word in command]
        with self.log(name).open("ab") as log:
            self.running[name] = subprocess.Popen(
                guarded(command, signal.SIGKILL),
                env=self.environment(),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def static(self) -> Path:
        """One folder per run of the tests, beside the services' own."""
        return self.static_folder or services().root / f"static-{os.getpid()}"

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def logs(self) -> str:
        return "\n".join(path.read_text() for path in sorted(self.folder.glob("*.log")))

    def get(self, path: str, headers: Mapping[str, str] = BEHIND_PROXY) -> tuple[int, bytes]:
        return self.ask("GET", path, headers)[:2]

    def ask(
        self, method: str, path: str, headers: Mapping[str, str] = BEHIND_PROXY, body: bytes = b""
    ) -> tuple[int, bytes, dict[str, str]]:
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        with contextlib.closing(client):
            client.request(method, path, body, dict(headers))
            response = client.getresponse()
            got = {name: ", ".join(response.headers.get_all(name, [])) for name in response.headers}
            return response.status, response.read(), got

    def wait_ready(self, seconds: float = 30.0) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.get("/healthz")[0] == 200:
                    return
            time.sleep(0.1)
        raise AssertionError(self.logs())

    def stop(self) -> None:
        for process in self.running.values():
            process.send_signal(signal.SIGTERM)
        for process in self.running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(8)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.running.clear()


def collect(made: Stack) -> None:
    """Once per run of the tests: it takes two seconds."""
    if not (made.static / "staticfiles.json").exists():
        shutil.rmtree(made.static, ignore_errors=True)
        done = made.run("manage.py", "collectstatic", "--noinput", "-v", "0")
        assert done.returncode == 0, done.stderr


@contextlib.contextmanager
def stack(folder: Path, **changes: str) -> Iterator[Stack]:
    """Collected and empty; what it starts ends with it, and the test's broker is thawed."""
    made = Stack(folder, changes)
    collect(made)
    try:
        yield made
    finally:
        for server in services().running:
            server.thaw()
        made.stop()
