"""Starts the services below one folder and says by environment how to reach them."""

import contextlib
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from portal.common.local.errors import LocalError
from portal.common.local.files import (
    FileLock,
    read_json,
    socket_folder,
    temporary_folders,
    write_json,
)
from portal.common.local.installation import find_installation
from portal.common.local.postgres import APP, OWNER, Postgres
from portal.common.local.process import Server
from portal.common.local.smtp import Sink
from portal.common.local.valkey import Valkey

SETTINGS_MODULE = "portal.settings"
PROBE = "portal.common.outbox.probe.SinkProbe"
EXTERNAL = ("DATABASE_URL", "REDIS_URL", "EMAIL_URL")
LOCK_FILE = "services.lock"
USERS_FILE = "users.lock"
READY_FILE = "services.json"

Report = Callable[[str], None]


def silent(text: str) -> None:
    """Report to nobody."""


class ServicesBusyError(LocalError):
    """Another process owns the services of this root."""


@dataclass
class Services:
    """Running servers; None where the caller brought one of his own."""

    root: Path
    lock: FileLock
    env: dict[str, str] = field(default_factory=dict)
    postgres: Postgres | None = None
    valkey: Valkey | None = None
    sink: Sink | None = None

    @property
    def running(self) -> list[Server]:
        """In the order of starting."""
        servers = (self.postgres, self.valkey, self.sink)
        return [server for server in servers if server is not None]

    def publish(self) -> None:
        """Let other processes use these services until they are stopped."""
        write_json(self.root / READY_FILE, {"pid": os.getpid(), "env": self.env})

    def retract(self, seconds: float | None) -> bool:
        """Take no new users and give the present ones so long to finish."""
        (self.root / READY_FILE).unlink(missing_ok=True)
        with FileLock(self.root / USERS_FILE) as users:
            return users.acquire(seconds=seconds)

    def stop(self) -> None:
        try:
            (self.root / READY_FILE).unlink(missing_ok=True)
            for server in reversed(self.running):
                server.stop()
            if self.postgres is not None:
                self.postgres.installation.remove()
            for folder in {owner.folder for owner in (self.postgres, self.valkey) if owner}:
                with contextlib.suppress(OSError):
                    folder.rmdir()
        finally:
            self.lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()


def external_servers(environ: Mapping[str, str]) -> dict[str, str]:
    """Servers the caller brings; what an `env` of ours exported is not meant."""
    if environ.get("PORTAL_LOCAL"):
        return {}
    found = {name: environ[name] for name in EXTERNAL if environ.get(name)}
    if "DATABASE_URL" in found:
        found["DATABASE_OWNER_URL"] = environ.get("DATABASE_OWNER_URL") or found["DATABASE_URL"]
    return found


def secret_key(root: Path) -> str:
    path = root / "secrets.json"
    known = read_json(path)
    if "SECRET_KEY" not in known:
        known["SECRET_KEY"] = secrets.token_urlsafe(50)
        write_json(path, known)
    return str(known["SECRET_KEY"])


def start_services(
    root: Path,
    *,
    durable: bool,
    demo: bool = False,
    external: Mapping[str, str] | None = None,
    report: Report = silent,
    wait: float | None = 10.0,
) -> Services:
    """Start what is not `external`, one owner per root. Call from a thread that stays."""
    root = root.absolute()
    root.mkdir(parents=True, exist_ok=True)
    for private in ("log", "mail"):  # logs and mails name people
        (root / private).mkdir(mode=0o700, exist_ok=True)
    lock = FileLock(root / LOCK_FILE)
    if not lock.acquire(seconds=wait):
        raise ServicesBusyError(f"Die Dienste in {root} laufen schon in einem anderen Prozess.")
    services = Services(root, lock)
    try:
        (root / READY_FILE).unlink(missing_ok=True)
        _start(services, durable, dict(external or {}), report)
        services.env |= _settings(root, demo)
    except BaseException:
        services.stop()
        raise
    return services


def _settings(root: Path, demo: bool) -> dict[str, str]:
    values = {
        "DJANGO_SETTINGS_MODULE": SETTINGS_MODULE,
        "PORTAL_LOCAL": "1",
        "SECRET_KEY": secret_key(root),
        "ERASURE_LEDGER": str(root / "erased.log"),
    }
    return values | ({"PORTAL_DEMO": "1"} if demo else {})


def _start(services: Services, durable: bool, external: dict[str, str], report: Report) -> None:
    root, env = services.root, services.env
    env |= external
    if "EMAIL_URL" not in external:
        # Early, without waiting: it starts while the others are waited for.
        services.sink = Sink(root)
        services.sink.launch()
    if "DATABASE_URL" not in external:
        services.postgres = _start_postgres(root, durable)
        env["DATABASE_URL"] = services.postgres.url(APP)
        env["DATABASE_OWNER_URL"] = services.postgres.url(OWNER)
        report("PostgreSQL läuft")
    if "REDIS_URL" not in external:
        services.valkey = Valkey(root, socket_folder(root, os.getuid()))
        services.valkey.start()
        env["REDIS_URL"] = services.valkey.url
        report("Valkey läuft")
    if services.sink is not None:
        services.sink.wait_ready()
        env["EMAIL_URL"] = services.sink.url
        env["MAIL_SINK_DIR"] = str(services.sink.directory)
        env["MAIL_PROBE"] = PROBE
        report("SMTP-Senke läuft")


def _start_postgres(root: Path, durable: bool) -> Postgres:
    copy = temporary_folders(root)[0].with_name(temporary_folders(root)[0].name + "-pg")
    installation = find_installation(copy)
    folder = socket_folder(root, installation.uid)
    postgres = Postgres(root, folder, installation, durable=durable)
    try:
        postgres.start()
    except BaseException:
        postgres.kill()
        installation.remove()
        raise
    return postgres
