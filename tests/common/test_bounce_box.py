"""Reports are fetched from a mailbox, or piped in; each is deleted only when it is written down."""

import io
from pathlib import Path

import pytest
from django.core.management import call_command

from portal.common import clock
from portal.common.models import OutgoingMail
from portal.common.outbox import bounce_box, returned, tasks
from tests.common.imap_server import Mailbox

SHAPES = Path(__file__).parent / "bounces"
MESSAGE_ID = "<0123456789abcdef0123456789abcdef@ankommen.example>"


@pytest.fixture
def mailbox():
    """Return a function that opens a mailbox with these reports in it."""
    opened = []

    def start(*names):
        box = Mailbox([(SHAPES / f"{name}.eml").read_bytes() for name in names])
        opened.append(box)
        return box

    yield start
    for box in opened:
        box.stop()


@pytest.fixture
def mail(put, mail_kind):
    mail_kind()
    row = put(address="kim@example.org")
    sent = {"message_id": MESSAGE_ID, "state": "sent", "sent_at": clock.now()}
    OutgoingMail.objects.filter(pk=row.pk).update(**sent)
    return row


def test_everything_unread_is_taken_in_once_and_deleted(mailbox, mail, state):
    box = mailbox("out-of-office", "postfix-unknown", "garbage")

    assert (bounce_box.fetch(box.url), bounce_box.fetch(box.url)) == (3, 0)

    assert box.messages == {}
    assert state(mail)[0] == "failed"


@pytest.mark.logs_errors
def test_a_report_that_breaks_is_kept_and_does_not_stop_the_others(
    mailbox, mail, state, monkeypatch
):
    box = mailbox("gmx", "postfix-unknown")
    take, broken = returned.take, box.messages[1]

    def breaking(raw):
        if raw == broken:
            raise RuntimeError("boom")
        return take(raw)

    monkeypatch.setattr(returned, "take", breaking)
    bounce_box.fetch(box.url)

    assert box.flags == {1: {r"\Seen", r"\Flagged"}}
    assert state(mail)[0] == "failed"


def test_a_slow_mailbox_does_not_hold_up_the_mails_and_the_rest_comes_next_time(
    mailbox, mail, state, monkeypatch
):
    box = mailbox("garbage", "garbage", "garbage", "postfix-unknown")
    box.seconds_per_report = 1.0
    with monkeypatch.context() as hurried:
        hurried.setattr(bounce_box, "ROUND_SECONDS", 1.0)
        assert bounce_box.fetch(box.url) == 1
    assert list(box.messages) == [2, 3, 4]

    box.seconds_per_report = 0.0
    assert bounce_box.fetch(box.url) == 3
    assert state(mail)[0] == "failed"


def test_without_a_mailbox_nothing_is_fetched(db, settings):
    settings.BOUNCE_IMAP_URL = ""

    tasks.fetch_bounces()


def test_the_task_reads_the_mailbox_that_is_set(mailbox, mail, state, settings):
    settings.BOUNCE_IMAP_URL = mailbox("postfix-unknown").url

    tasks.fetch_bounces()

    assert state(mail)[0] == "failed"


def test_a_mail_server_can_pipe_a_report_in(mail, state, monkeypatch, capsys):
    raw = (SHAPES / "postfix-unknown.eml").read_bytes()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw)))

    call_command("take_bounce")

    assert capsys.readouterr().out == "counted\n"
    assert state(mail)[0] == "failed"


def test_a_report_that_takes_the_worker_along_is_not_read_a_second_time(mailbox, db, monkeypatch):
    class WorkerLost(BaseException):
        """What no except of ours sees."""

    def lost(raw):
        raise WorkerLost

    box = mailbox("gmx")
    monkeypatch.setattr(returned, "take", lost)
    with pytest.raises(WorkerLost):
        bounce_box.fetch(box.url)

    assert bounce_box.fetch(box.url) == 0
