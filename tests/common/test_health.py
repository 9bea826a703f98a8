"""/healthz says nothing to strangers, everything to whoever holds the token, and never hangs."""

import json
import time
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client

from portal.common import clock, health
from portal.common.models import Heartbeat
from portal.common.tasks import sign_of_life
from tests.services import services

TOKEN = "t" * 40
NOT_OURS = "some-container:8000"

pytestmark = pytest.mark.logs_errors  # Django writes down every 503


@pytest.fixture
def alive(db, settings):
    settings.HEALTH_TOKEN = TOKEN
    for queue in health.QUEUES:
        sign_of_life(queue)


@pytest.fixture
def probe(settings):
    """Plain http and any host name, as a health check inside the container asks."""
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_REDIRECT_EXEMPT = ["^healthz$"]
    return Client(headers={"host": NOT_OURS})


def test_a_stranger_learns_ok_and_gets_no_cookie(alive, probe, django_assert_num_queries):
    with django_assert_num_queries(1):
        response = probe.get("/healthz")
    assert (response.status_code, response.content, response.cookies) == (200, b"ok", {})


@pytest.mark.parametrize("token", ["", "x", TOKEN[:-1], TOKEN + "t", "ü"])
def test_a_wrong_token_makes_a_stranger(alive, probe, token):
    assert probe.get("/healthz", headers={"X-Health-Token": token}).content == b"ok"


def test_without_a_token_in_the_settings_nobody_learns_more(alive, probe, settings):
    settings.HEALTH_TOKEN = ""
    assert probe.get("/healthz", headers={"X-Health-Token": ""}).content == b"ok"


def test_the_token_shows_the_parts(alive, probe):
    report = probe.get("/healthz", headers={"X-Health-Token": TOKEN}).json()
    assert report.pop("ok") is True
    assert set(report) == {"database_ms", "redis_ms", "oldest_due_mail_s", "jobs_s", "is_restored"}
    assert set(report["jobs_s"]) == {"default", "mail"}


def test_a_queue_that_has_been_silent_for_long_is_not_ok(alive, probe):
    Heartbeat.objects.filter(name="mail").update(at=clock.now() - timedelta(minutes=11))
    response = probe.get("/healthz", headers={"X-Health-Token": TOKEN})
    assert (response.status_code, response.json()["ok"]) == (503, False)
    # The page itself works: no reason to take it away from visitors.
    assert probe.get("/healthz").status_code == 200


def test_the_command_says_the_same_by_its_exit_code(alive, capsys):
    call_command("health")
    assert json.loads(capsys.readouterr().out)["ok"] is True
    Heartbeat.objects.filter(name="mail").delete()
    call_command("health", queue="default")
    with pytest.raises(SystemExit) as end:
        call_command("health", queue="mail")
    assert end.value.code == 1


def test_a_frozen_redis_does_not_hold_the_answer_up(alive, probe):
    valkey = services().valkey
    if valkey is None:
        pytest.skip("another broker was given; only ours may be frozen")
    valkey.freeze()
    try:
        began = time.monotonic()
        public = probe.get("/healthz")
        detail = probe.get("/healthz", headers={"X-Health-Token": TOKEN})
        seconds = time.monotonic() - began
    finally:
        valkey.thaw()
    assert (public.status_code, detail.status_code) == (200, 503)
    assert detail.json()["redis_ms"] is None
    assert seconds < 2
