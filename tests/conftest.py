"""The test database, the cast, and the rule that logged errors fail a test."""

import io
import logging
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from allauth.account.internal.userkit import user_id_to_str
from django.db import connection
from django.db.backends.signals import connection_created
from django.dispatch import receiver
from django.test import Client

from portal.common import clock, logs
from portal.common import scope as scope_module
from portal.common.local import mailbox
from tests.services import services
from tests.world import World, build_world

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker):
    """Migrate as the owner; the tests connect as the unprivileged role, like production."""
    env = os.environ | {"DATABASE_URL": os.environ["DATABASE_OWNER_URL"]}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=env, cwd=ROOT, check=True)
    grant = (
        "do $$ begin if current_user <> 'portal_app' then "
        "grant truncate on all tables in schema public to portal_app; end if; end $$;"
        "alter table common_auditevent disable trigger audit_no_truncate;"
        "alter table common_auditseal disable trigger audit_no_truncate;"
    )
    subprocess.run(
        [sys.executable, "-c", _RUN_SQL, grant], env=env, cwd=ROOT, check=True
    )  # TransactionTestCase truncates; production's role may not
    with django_db_blocker.unblock(), scope_module.scope("system:test"):
        build_world()
    yield
    with django_db_blocker.unblock():
        connection.close()


_RUN_SQL = """
import os, psycopg2, sys
c = psycopg2.connect(os.environ["DATABASE_URL"].replace("postgres://", "postgresql://", 1))
c.autocommit = True
c.cursor().execute(sys.argv[1])
"""


@pytest.fixture(autouse=True)
def _scope(request):
    """Tests set the stage inside a scope of their own; what runs elsewhere opens its own."""
    if "without_scope" in request.keywords:
        set_stage()
        yield
        return
    token = scope_module._active.set(STAGE)
    set_stage()
    yield
    scope_module._active.reset(token)


STAGE = scope_module.Active("system:test")


@receiver(connection_created)
def set_stage(connection=connection, **kwargs) -> None:
    """Tell the database too, for the session: outside of a transaction nothing else would last.

    Only the test's own statements need it; `scope()` sets its name locally, over this one.
    """
    name = STAGE.name if scope_module._active.get() is STAGE else ""
    if connection.connection is not None:
        with connection.connection.cursor() as cursor:
            cursor.execute("select set_config('app.scope', %s, false)", [name])


@pytest.fixture(autouse=True)
def _no_logged_errors(caplog, request):
    yield
    if "logs_errors" in request.keywords:
        return
    errors = [r for r in caplog.get_records("call") if r.levelno >= logging.ERROR]
    assert not errors, [record.getMessage() for record in errors]


@pytest.fixture(autouse=True)
def _fresh_limits(request):
    """Login limits live in the cache; one test must not use up another's tries."""
    yield
    if "client_as" in request.fixturenames or "client" in request.fixturenames:
        from django.core.cache import cache

        cache.clear()


@pytest.fixture
def written():
    """Everything any logger says from now on, as production would write it."""
    formatter = dict(logs.config(level="INFO", readable=False)["formatters"]["line"])
    stream, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter.pop("()")(**formatter))
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield lambda: stream.getvalue().splitlines()
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def world(db) -> World:
    return build_world()


@pytest.fixture
def live_world(transactional_db) -> World:
    """The same world, committed, for tests with threads, workers or browsers."""
    return build_world()


@pytest.fixture
def client_as(world):
    """Return a client signed in as a member of the cast ("anon" is nobody)."""

    def sign_in(role: str, **options) -> Client:
        client = Client(**options)
        if role != "anon":
            user = world.user(role)
            client.force_login(user, backend=BACKEND)
            _noted_today(client)
            just_confirmed(client, user)
        return client

    return sign_in


def _noted_today(client: Client) -> None:
    """The first click of a day writes that day down; here it has happened already."""
    session = client.session
    session["active_on"] = clock.today().isoformat()
    session.save()


def pass_second_factor(client: Client, user) -> None:
    """Write down what allauth does when the right code was entered in this session."""
    _record(client, user, "mfa")


def just_confirmed(client: Client, user) -> None:
    """The same for everybody: with the second factor, or the mailed code where there is none."""
    _record(client, user, "mfa" if user.has_second_factor else "code")


def _record(client: Client, user, method: str) -> None:
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": method, "at": time.time()}]
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = user_id_to_str(user)
    session.save()


BACKEND = "members.backend.AccountBackend"


@pytest.fixture
def sink(settings):
    """The folder of the emptied sink; mails really travel there by SMTP."""
    server = services().sink
    if server is None:
        pytest.skip("another SMTP server was given; only our sink counts what it took")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    for file in server.directory.glob("*.eml"):
        file.unlink()
    mailbox.set_mode(server.directory, "ok")
    yield server.directory
    mailbox.set_mode(server.directory, "ok")
