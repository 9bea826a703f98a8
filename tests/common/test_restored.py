"""While a restore waits for its erasures, the portal stays shut (trust §3.5)."""

import pytest
from django.db import OperationalError, connection
from django.db.backends.signals import connection_created
from django.test import Client

from portal.common import clock, health, restored
from portal.common.models import RestoreMark

pytestmark = pytest.mark.logs_errors  # Django writes down every 503


def mark(**values) -> RestoreMark:
    return RestoreMark.objects.create(dump="portal-x.dump.gpg", restored_at=clock.now(), **values)


@pytest.fixture
def asked_again():
    """The process would have registered this when it started."""
    yield
    connection_created.disconnect(dispatch_uid="restored")


def test_an_open_mark_shuts_and_a_closed_one_does_not(db):
    assert restored.is_open() is False
    mark(replayed_at=clock.now())
    assert restored.is_open() is False
    mark()
    assert restored.is_open() is True


def test_health_is_not_ready_while_a_mark_is_open(db, settings):
    assert Client().get("/healthz").status_code == 200
    mark()
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.content) == (503, b"nicht bereit")
    report = health.report()
    assert (report["is_restored"], report["ok"]) == (True, False)


def test_a_process_that_starts_says_one_sentence_and_ends(transactional_db, capsys, asked_again):
    mark()
    with pytest.raises(SystemExit) as end:
        restored.stay_shut()
    assert end.value.code == restored.EXIT_CODE
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert "docker compose run --rm nachspielen" in said[0]
    assert "replay_erasures" in said[0]


def test_a_process_that_runs_gets_no_connection_to_a_restored_database(
    transactional_db, asked_again
):
    restored.stay_shut()
    mark()
    connection.close()
    for _ in range(2):  # the refused connection is not kept for the next question
        with pytest.raises(OperationalError, match="nachspielen"), connection.cursor():
            pass
    connection_created.disconnect(dispatch_uid="restored")
    RestoreMark.objects.update(replayed_at=clock.now())
    assert restored.is_open() is False


def test_a_database_without_tables_is_not_a_restored_one(db):
    with connection.cursor() as cursor:
        cursor.execute("set local search_path to pg_catalog")
        assert restored.is_open() is False
        assert health.is_ready() is False
