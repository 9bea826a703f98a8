"""Services of their own for one measurement, with an empty, migrated database."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.common.local.services import start_services

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def house(name: str, log_level: str) -> Iterator[None]:
    """Start them under var/<name>, set up Django, and stop them at the end."""
    folder = ROOT / "var" / name
    shutil.rmtree(folder, ignore_errors=True)
    services = start_services(folder, durable=True)
    try:
        os.environ.update(services.env)
        os.environ["LOG_LEVEL"] = log_level
        owner = os.environ | {"DATABASE_URL": services.env["DATABASE_OWNER_URL"]}
        manage = [sys.executable, "manage.py"]
        subprocess.run([*manage, "migrate", "-v0"], env=owner, cwd=ROOT, check=True)
        import django  # settings read the environment set above

        django.setup()
        yield
    finally:
        services.stop()
