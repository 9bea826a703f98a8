"""The portal on disk, and the environment its commands run in."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Project:
    """Where manage.py lies; everything the demo writes is below `root`."""

    path: Path = PROJECT

    @property
    def root(self) -> Path:
        return self.path / "var" / "demo"

    def manage(self, *arguments: str) -> list[str]:
        return [sys.executable, str(self.path / "manage.py"), *arguments]


def command_environment(services: Mapping[str, str]) -> dict[str, str]:
    """Ours wins; a PGPORT or PGOPTIONS of the caller must not bend our connection."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return inherited | dict(services) | {"PYTHONUNBUFFERED": "1"}


def as_owner(environment: Mapping[str, str]) -> dict[str, str]:
    """The same, connected as the role that may change tables."""
    owner = environment.get("DATABASE_OWNER_URL", environment["DATABASE_URL"])
    return dict(environment) | {"DATABASE_URL": owner}
