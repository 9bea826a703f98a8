"""The SMTP sink: what it promised is on disk, doubles can be counted, faults can be ordered."""

import smtplib
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.common.local import mailbox
from portal.common.local.smtp import Sink

MAIL = "From: a@example.org\r\nTo: b@example.org\r\nMessage-ID: {}\r\nSubject: x\r\n\r\nGrüße\r\n"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sink]:
    sink = Sink(tmp_path_factory.mktemp("sink"))
    sink.start()
    yield sink
    sink.stop()


@pytest.fixture
def sink(running: Sink) -> Sink:
    for file in running.directory.iterdir():
        file.unlink()
    return running


def deliver(sink: Sink, message_id: str, timeout: float = 5.0) -> None:
    with smtplib.SMTP("127.0.0.1", sink.port, timeout=timeout) as client:
        client.sendmail("a@example.org", ["b@example.org"], MAIL.format(message_id).encode())


def count(sink: Sink) -> dict[str, int]:
    return dict(mailbox.count_by_message_id(sink.directory))


def test_doubles_are_counted_by_message_id(sink: Sink) -> None:
    for message_id in ("<1@x>", "<2@x>", "<1@x>"):
        deliver(sink, message_id)

    assert count(sink) == {"<1@x>": 2, "<2@x>": 1}
    assert mailbox.copies(sink.directory, "<1@x>") == 2
    assert mailbox.copies(sink.directory, "<3@x>") == 0
    key = mailbox.file_key("<1@x>")
    names = sorted(path.name for path in sink.directory.iterdir() if path.name.startswith(key))
    assert names == [f"{key}-1.eml", f"{key}-2.eml"]


def test_the_message_is_kept_with_its_recipient(sink: Sink) -> None:
    deliver(sink, "<1@x>")

    (path,) = mailbox.messages(sink.directory)

    assert path.read_bytes() == b"X-Sink-To: b@example.org\r\n" + MAIL.format("<1@x>").encode()


def test_a_folded_message_id_counts_as_the_same(tmp_path: Path) -> None:
    mailbox.store(tmp_path, b"Message-ID:\r\n <long@x>\r\n\r\nx")
    mailbox.store(tmp_path, b"Message-ID: <long@x>\r\n\r\nx")

    assert mailbox.copies(tmp_path, "<long@x>") == 2


@pytest.mark.parametrize(("mode", "code"), [("reject-4xx", 451), ("reject-5xx", 550)])
def test_a_rejected_message_is_not_kept(sink: Sink, mode: str, code: int) -> None:
    mailbox.set_mode(sink.directory, mode)

    with pytest.raises(smtplib.SMTPDataError) as refused:
        deliver(sink, "<1@x>")

    assert refused.value.smtp_code == code
    assert count(sink) == {}


def test_a_message_dropped_after_data_is_kept_though_nobody_was_told(sink: Sink) -> None:
    mailbox.set_mode(sink.directory, "drop-after-data")

    with pytest.raises(smtplib.SMTPServerDisconnected):
        deliver(sink, "<1@x>")

    assert count(sink) == {"<1@x>": 1}


def test_whoever_gives_up_on_a_slow_sink_was_not_promised_anything(sink: Sink) -> None:
    mailbox.set_mode(sink.directory, "slow:0.3")
    with pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)):
        deliver(sink, "<1@x>", timeout=0.1)

    deliver(sink, "<2@x>")

    assert count(sink) == {"<2@x>": 1}


def test_the_mode_can_be_taken_back(sink: Sink) -> None:
    mailbox.set_mode(sink.directory, "reject-5xx")
    mailbox.set_mode(sink.directory, "ok")

    deliver(sink, "<1@x>")

    assert count(sink) == {"<1@x>": 1}
