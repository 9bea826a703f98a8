"""What comes back, in the shapes real mail programs give it, and what it may change."""

import time
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.common import clock
from portal.common.models import AddressTrouble, OutgoingMail
from portal.common.outbox import addresses, desk, kinds
from portal.common.outbox.bounces import Verdict, parse
from portal.common.outbox.returned import Outcome, take
from portal.common.outbox.services import drain

SHAPES = Path(__file__).parent / "bounces"
MESSAGE_ID = "<0123456789abcdef0123456789abcdef@ankommen.example>"
HARD = {
    "postfix-unknown": "5.1.1",
    "exim-unrouteable": "",
    "exchange-notfound": "5.1.10",
    "exchange-access-denied": "5.4.1",
    "gmail-nosuchuser": "5.1.1",
    "qmail": "5.1.1",
    "sendmail-hostunknown": "5.1.2",
    "gmx": "",
    "t-online": "",
    "yahoo": "",
    "domino": "5.1.1",
    "courier": "5.0.0",
    "mdaemon": "5.1.1",
    "without-original": "5.1.1",
    "wrong-charset": "5.1.1",
}
SOFT = {
    "postfix-delayed": "4.4.1",
    "gmail-quota": "5.2.2",
    "icloud-full": "5.2.2",
    "zimbra-deferred-expired": "4.4.1",
}
OURS = {"spamblock": "5.7.1", "exchange-moderated": "5.7.133"}
IGNORED = (
    "postfix-delivered",
    "out-of-office",
    "vacation",
    "challenge",
    "garbage",
    "empty",
)
VERDICTS = {
    **{name: (Verdict.HARD, status) for name, status in HARD.items()},
    **{name: (Verdict.SOFT, status) for name, status in SOFT.items()},
    **{name: (Verdict.OURS, status) for name, status in OURS.items()},
    **dict.fromkeys(IGNORED, (Verdict.IGNORED, "")),
    "broken-boundary": (Verdict.HARD, "5.1.1"),  # about no mail in particular: changes nothing
}


def shape(name):
    return (SHAPES / f"{name}.eml").read_bytes()


def test_every_shape_has_an_expected_verdict():
    assert {path.stem for path in SHAPES.glob("*.eml")} == set(VERDICTS)
    assert len(VERDICTS) >= 20


@pytest.mark.parametrize("name", sorted(VERDICTS))
def test_a_shape_is_judged_by_what_it_says(name):
    bounce = parse(shape(name))

    assert (bounce.verdict, bounce.status) == VERDICTS[name]


@pytest.mark.parametrize("name", sorted(set(HARD) | set(SOFT) | set(OURS)))
def test_a_report_names_the_mail_and_its_reader(name):
    bounce = parse(shape(name))

    ids = () if name == "without-original" else (MESSAGE_ID,)
    assert bounce.message_ids == ids
    assert "kim@example.org" in bounce.recipients


@settings(max_examples=300, deadline=None)
@given(raw=st.binary(max_size=400), name=st.sampled_from(sorted(VERDICTS)), at=st.integers(0, 900))
def test_nothing_that_comes_back_can_break_the_reader(raw, name, at):
    whole = shape(name)

    parse(raw)
    parse(whole[:at] + raw + whole[at + len(raw) :])


# --- What a report changes ------------------------------------------------------------------


@pytest.fixture
def sent(put, mail_kind):
    """Return a function that gives a sent mail to Kim; the report above is about the first."""
    mail_kind()

    def make(message_id=MESSAGE_ID, **changes):
        mail = put(address="Kim@example.org")
        values = {"message_id": message_id, "state": "sent", "sent_at": clock.now()}
        OutgoingMail.objects.filter(pk=mail.pk).update(**(values | changes))
        mail.refresh_from_db()
        return mail

    return make


def about(name, message_id):
    return shape(name).replace(MESSAGE_ID.encode(), message_id.encode())


def test_a_hard_bounce_counts_once_however_often_it_comes(sent, state):
    mail = sent()

    assert (take(shape("postfix-unknown")), take(shape("gmx"))) == (
        Outcome.COUNTED,
        Outcome.UNPROVEN,
    )

    assert state(mail) == ("failed", "kam zurück: Die Adresse gibt es nicht (5.1.1)")
    trouble = AddressTrouble.objects.get()
    assert (trouble.address, trouble.hard_bounces, trouble.paused_at) == (
        "kim@example.org",
        1,
        None,
    )


@pytest.mark.parametrize("name", ["gmail-quota", "postfix-delayed"])
def test_a_soft_bounce_is_noted_and_nothing_else(sent, state, name):
    mail = sent()

    assert take(shape(name)) is Outcome.NOTED

    assert state(mail)[0] == "sent"
    assert AddressTrouble.objects.count() == 0


def test_a_refusal_of_our_server_is_not_the_fault_of_the_address(sent, state):
    mail = sent()

    assert take(shape("spamblock")) is Outcome.COUNTED

    assert state(mail)[0] == "failed"
    assert AddressTrouble.objects.count() == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"message_id": "<other@ankommen.example>"},
        {"address": "alex@example.org"},
        {"sent_at": clock.now() - timedelta(days=15)},
        {"state": "queued", "sent_at": None},
    ],
)
def test_a_forged_report_changes_nothing(sent, changes):
    mail = sent(**changes)
    before = OutgoingMail.objects.filter(pk=mail.pk).values().get()

    assert take(shape("postfix-unknown")) is Outcome.UNPROVEN

    assert OutgoingMail.objects.filter(pk=mail.pk).values().get() == before
    assert AddressTrouble.objects.count() == 0


def test_a_report_without_our_message_id_changes_nothing(sent, state):
    mail = sent()

    assert take(shape("without-original")) is Outcome.UNPROVEN
    assert state(mail)[0] == "sent"


def pause(sent):
    first, second = sent(), sent("<second@ankommen.example>")
    take(shape("postfix-unknown"))
    take(about("gmail-nosuchuser", "<second@ankommen.example>"))
    return first, second


def test_the_second_hard_bounce_makes_letters_of_mails(sent, put):
    waiting = put(address="kim@example.org")
    other = put(address="alex@example.org")
    first, second = pause(sent)

    rows = OutgoingMail.objects.in_bulk([waiting.pk, other.pk, first.pk, second.pk])
    assert {(rows[row.pk].channel, rows[row.pk].state) for row in (waiting, first, second)} == {
        ("letter", "queued")
    }
    assert rows[other.pk].channel == "mail"


def test_a_mail_queued_to_a_paused_address_leaves_as_a_letter(sent, put, state, sink):
    pause(sent)
    late = put(address="KIM@example.org")

    drain()

    assert state(late) == ("queued", addresses.PAUSED)
    assert (late.channel, late.attempts) == ("letter", 0)
    assert list(sink.glob("*.eml")) == []


def test_unpausing_by_hand_makes_mails_of_letters_that_are_not_printed(sent, put, world):
    pause(sent)
    printed, unprinted = put(address="kim@example.org"), put(address="kim@example.org")
    OutgoingMail.objects.filter(pk__in=[printed.pk, unprinted.pk]).update(channel="letter")
    desk.print_letters([printed.pk], world.person("staff").pk)

    addresses.unpause(AddressTrouble.objects.get(), world.person("staff").pk)

    rows = OutgoingMail.objects.in_bulk([printed.pk, unprinted.pk])
    assert (rows[printed.pk].channel, rows[unprinted.pk].channel) == ("letter", "mail")
    assert not addresses.is_paused("kim@example.org")


def test_a_retry_to_a_paused_address_becomes_a_letter(sent, world, mail_kind):
    mail_kind("test.invite", mail_class=kinds.MailClass.INVITATION)
    first = sent(kind="test.invite")
    second = sent("<second@ankommen.example>", kind="test.invite")
    take(shape("postfix-unknown"))
    take(about("gmx", "<second@ankommen.example>"))

    mail = desk.retry(first.pk, world.person("staff").pk)

    assert (mail.channel, mail.state) == ("letter", "queued")
    assert second.pk != mail.pk


@pytest.mark.parametrize(
    "body", ["a" * 20_000, "-" * 20_000, "a@" + "b." * 10_000, "--copy" * 4_000, "--a\n" * 20_000]
)
def test_a_strangers_endless_line_is_read_in_no_time(body):
    began = time.monotonic()
    parse(f"From: mailer-daemon@example.org\nSubject: failed\n\n{body}".encode())
    assert time.monotonic() - began < 2
