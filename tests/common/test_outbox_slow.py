"""A mail server slower than our patience: nothing lost, nothing doubled, and no page waits."""

import time
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from portal.common import clock
from portal.common.local import mailbox
from portal.common.outbox.services import drain

SLOWER_THAN_PATIENCE = "slow:1.5"


@pytest.fixture
def impatient(settings, sink):
    settings.EMAIL_TIMEOUT = 0.5
    settings.MAIL_PROBE = "portal.common.outbox.probe.SinkProbe"
    settings.MAIL_SINK_DIR = str(sink)
    mailbox.set_mode(sink, SLOWER_THAN_PATIENCE)
    return sink


def test_a_mail_that_was_taken_too_late_is_not_sent_again(put, mail_kind, impatient, state):
    mail_kind()
    mail = put()

    drain()
    assert state(mail)[0] == "sending"  # nobody knows
    time.sleep(2)  # the server takes it after we hung up, or it does not
    mailbox.set_mode(impatient, "ok")
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        drain()

    assert state(mail) == ("sent", "")
    assert mailbox.copies(impatient, mail.message_id) == 1


def test_a_slow_mail_server_delays_no_page(client, world, impatient):
    address = world.person("member").email

    began = time.monotonic()
    answer = client.post(reverse("account_reset_password"), {"email": address})

    assert (answer.status_code, time.monotonic() - began < 3) == (302, True)
