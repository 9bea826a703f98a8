"""Migrates, and rebuilds the local database when applied migrations were rewritten."""

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from portal.common.local.errors import LocalError
from portal.common.local.files import read_json, write_json
from portal.common.local.postgres import DATABASE
from portal.common.local.project import Project, as_owner, command_environment
from portal.common.local.services import Report, Services

FINGERPRINT = "migrations.json"
SKIPPED = {"node_modules", "staticfiles", "tests", "var", "venv"}

Runner = Callable[[list[str], dict[str, str]], int]


def migration_files(project: Path) -> Iterator[Path]:
    for top, folders, files in os.walk(project):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in SKIPPED]
        if Path(top).name == "migrations":
            yield from (Path(top, name) for name in files if name.endswith(".py"))


def fingerprint(project: Path) -> dict[str, str]:
    return {
        path.relative_to(project).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in migration_files(project)
    }


def rewritten(applied: dict[str, str], present: dict[str, str]) -> list[str]:
    """Applied files that changed or vanished; new ones are welcome."""
    return sorted(name for name, digest in applied.items() if present.get(name) != digest)


def recreate_database(services: Services) -> None:
    if services.postgres is None:
        return
    services.postgres.drop_database(DATABASE)
    services.postgres.create_database(DATABASE)
    if services.sink is not None:
        # Mails of people who no longer exist would puzzle everybody.
        for message in services.sink.directory.glob("*.eml"):
            message.unlink()


def prepare_database(project: Project, services: Services, run: Runner, report: Report) -> None:
    """Leave the database migrated; never touches a server we did not start."""
    stored = project.root / FINGERPRINT
    present = fingerprint(project.path)
    applied = read_json(stored)
    changed = rewritten(applied, present) if services.postgres is not None else []
    if changed:
        report(
            f"Migrationen wurden umgeschrieben ({', '.join(changed[:3])}"
            f"{' …' if len(changed) > 3 else ''}). Die Demo-Datenbank wird neu aufgebaut."
        )
        recreate_database(services)
    environment = as_owner(command_environment(services.env))
    if run(project.manage("migrate", "--noinput", "-v", "0"), environment) != 0:
        if not applied:
            # Half of a first attempt has no value and would stand in the way of the corrected one.
            recreate_database(services)
        raise LocalError("Die Migration der Datenbank ist fehlgeschlagen.")
    if services.postgres is not None:
        write_json(stored, dict(present))
