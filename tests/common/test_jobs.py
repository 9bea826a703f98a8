"""A broken broker delays work; it never hangs or breaks a page, and it learns ids only."""

import base64
import json
import os
import re
import time
import uuid

import pytest
import redis
from django.db import transaction

from portal.common.jobs import enqueue
from portal.common.outbox.services import drain
from tests.services import services

pytestmark = pytest.mark.django_db(transaction=True)
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture
def broker():
    client = redis.Redis.from_url(os.environ["REDIS_URL"])
    client.flushdb()
    yield client
    client.flushdb()
    client.close()


@pytest.fixture
def valkey(broker):
    server = services().valkey
    if server is None:
        pytest.skip("another broker was given; only ours may be frozen and stopped")
    yield server
    server.thaw()
    server.start()


@pytest.mark.parametrize("fault", ["freeze", "stop"])
def test_a_broker_that_does_not_answer_costs_less_than_a_second(
    valkey, put, mail_kind, sink, state, fault
):
    mail_kind()
    getattr(valkey, fault)()

    started = time.monotonic()
    with transaction.atomic():
        mail = put()
    seconds = time.monotonic() - started

    assert seconds < 1.0
    assert state(mail) == ("queued", "")
    valkey.thaw()
    valkey.start()
    assert drain() == 1
    assert state(mail) == ("sent", "")


def test_after_a_frozen_broker_publishing_is_fast_again(valkey, broker):
    valkey.freeze()
    enqueue("portal.common.drain_outbox")
    valkey.thaw()
    broker.flushdb()

    started = time.monotonic()
    enqueue("portal.common.drain_outbox")

    assert time.monotonic() - started < 0.5
    assert broker.llen("mail") == 1


def test_nothing_is_announced_by_a_transaction_that_is_rolled_back(broker):
    with transaction.atomic():
        enqueue("portal.common.drain_outbox")
        transaction.set_rollback(True)

    assert broker.llen("mail") == 0


def test_the_broker_learns_ids_and_nothing_else(broker, put, mail_kind):
    mail_kind()
    pk = uuid.uuid4()

    put(address="zzcanary@example.org")
    enqueue("members.run_matching", str(pk))

    messages = [json.loads(broker.lpop(queue)) for queue in ("mail", "heavy")]
    bodies = [json.loads(base64.b64decode(message["body"])) for message in messages]
    assert [body[:2] for body in bodies] == [[[], {}], [[str(pk)], {}]]
    assert [UUID.fullmatch(arg) is not None for body in bodies for arg in body[0]] == [True]
    shown = [(m["headers"]["argsrepr"], m["headers"]["kwargsrepr"]) for m in messages]
    assert shown == [("-", "-"), ("-", "-")]
    assert re.findall("zzcanary|example", json.dumps([messages, bodies])) == []


def test_what_does_not_fit_into_one_round_wakes_the_worker_again(broker, put, mail_kind, sink):
    mail_kind()
    for _ in range(3):
        put()
    broker.flushdb()

    assert (drain(limit=2), broker.llen("mail")) == (2, 1)
    assert (drain(limit=2), broker.llen("mail")) == (1, 1)


def test_the_mails_of_one_transaction_are_announced_once(broker, put, mail_kind):
    mail_kind()

    with transaction.atomic():
        for _ in range(20):
            put()

    assert broker.llen("mail") == 1
