"""pytest plugin (`-p tests.services`): real PostgreSQL, Valkey and SMTP sink for the tests.

Loaded before pytest-django reads the settings. With DATABASE_URL set (CI elsewhere) the given
servers are used; otherwise the tests have their own under var/test, never the demo's.
"""

import os
import shutil
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest

from portal.common.local.services import Services, external_servers, start_services

ROOT = Path(__file__).resolve().parent.parent
_services: Services | None = None


# Each worker of pytest-xdist has services of its own; without it there is one process.
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")


def _test_database(url: str) -> str:
    """Point a database URL at a database of its own, so that no real one is ever emptied."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{_test_name(parts.path)}"))


def _test_name(path: str) -> str:
    return "_".join(filter(None, ("test", path.lstrip("/"), WORKER)))


def _create_database(owner_url: str) -> None:
    parts = urlsplit(owner_url)
    name = _test_name(parts.path)
    connection = psycopg2.connect(owner_url.replace("postgres://", "postgresql://", 1))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f'drop database if exists "{name}" with (force)')
        cursor.execute(f'create database "{name}"')
    connection.close()


def services() -> Services:
    assert _services is not None
    return _services


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config, parser, args):
    """Start once in every process."""
    global _services
    if "--help" in args or "--version" in args:
        return
    _services = start_services(
        ROOT / "var" / f"test{WORKER}", durable=False, external=external_servers(os.environ)
    )
    os.environ.update(_services.env)
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        os.environ[name] = _test_database(os.environ[name])
    _create_database(_services.env["DATABASE_OWNER_URL"])
    os.environ["PORTAL_TESTING"] = "1"
    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
    os.environ.pop("PORTAL_DEMO", None)


def pytest_unconfigure(config):
    if _services is not None:
        for collected in _services.root.glob("static-*"):
            shutil.rmtree(collected)
        _services.stop()
