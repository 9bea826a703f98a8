"""A dump of the audit log, restored elsewhere, is as whole as it was."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest

from portal.common import audit, audit_chain
from portal.common.local.postgres import BACKUP
from tests.owner import as_owner
from tests.services import services

ROOT = Path(__file__).resolve().parents[2]
ELSEWHERE = "test_audit_elsewhere"


def libpq(url):
    return url.replace("postgres://", "postgresql://", 1)


@pytest.fixture
def elsewhere():
    """An empty database beside the tests' own; returns its owner's URL."""
    here = libpq(os.environ["DATABASE_OWNER_URL"])
    connection = psycopg2.connect(here)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"drop database if exists {ELSEWHERE} with (force)")
        cursor.execute(f"create database {ELSEWHERE}")
    yield urlunsplit(urlsplit(here)._replace(path=f"/{ELSEWHERE}"))
    with connection.cursor() as cursor:
        cursor.execute(f"drop database {ELSEWHERE} with (force)")
    connection.close()


def verify(url, heads):
    env = os.environ | {"DATABASE_URL": url, "AUDIT_HEADS": str(heads)}
    done = subprocess.run(
        [sys.executable, "manage.py", "verify_audit", "--format", "json"],
        env=env,
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    return done.returncode, json.loads(done.stdout)


@pytest.mark.django_db(transaction=True)
def test_a_restored_dump_verifies_with_the_same_heads(settings, tmp_path, elsewhere):
    postgres = services().postgres
    if postgres is None:
        pytest.skip("another PostgreSQL was given; a dump needs the programs of its version")
    dump, restore = (postgres.installation.program(name) for name in ("pg_dump", "pg_restore"))
    settings.AUDIT_HEADS = tmp_path / "heads"
    for number in range(20):
        audit.record("test.written", None, fields=[f"field_{number}"])
    audit_chain.seal()
    audit_chain.check()
    file = tmp_path / "dump"
    # The only role that sees each row.
    name = urlsplit(os.environ["DATABASE_OWNER_URL"]).path.lstrip("/")
    here = libpq(postgres.url(BACKUP, name))
    subprocess.run([dump, "--format=custom", f"--file={file}", here], check=True)
    subprocess.run([restore, "--exit-on-error", f"--dbname={elsewhere}", file], check=True)
    code, told = verify(elsewhere, settings.AUDIT_HEADS)
    assert (code, told["seals"], told["heads"], told["problem"]) == (0, 20, 1, "")
    # The guards came along.
    with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="append-only"):
        as_owner("delete from common_auditevent", url=elsewhere)
    as_owner(
        "alter table common_auditevent disable trigger audit_no_change",
        "update common_auditevent set count = 7 where id = "
        "(select event from common_auditseal where position = 5)",
        url=elsewhere,
    )
    code, told = verify(elsewhere, settings.AUDIT_HEADS)
    assert (code, told["problem"], told["position"]) == (1, audit_chain.CHANGED, 5)
