"""Real processes against the committed test database, the broker and the SMTP sink."""

import os

import pytest
import redis

from portal.common.local import mailbox
from tests.faults.mailing import Mailing, Workers
from tests.services import services


@pytest.fixture
def mailing(live_world, settings):
    """The outbox as it is in production: an empty sink that speaks SMTP, an empty broker."""
    sink = services().sink
    if sink is None:
        pytest.skip("another SMTP server was given; only our sink counts what it took")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    for file in sink.directory.glob("*.eml"):
        file.unlink()
    mailbox.set_mode(sink.directory, "ok")
    redis.Redis.from_url(os.environ["REDIS_URL"]).flushdb()
    yield Mailing(live_world, sink.directory)
    mailbox.set_mode(sink.directory, "ok")


@pytest.fixture
def workers():
    """Start mail workers; whatever a failing test leaves behind is killed."""
    started = Workers()
    yield started
    started.kill_all()
