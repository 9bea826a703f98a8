"""What happens to a row: queued once, sent, dropped, refused, tried again."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from aiosmtpd.controller import Controller
from django.db import connection, transaction
from django.db.utils import IntegrityError

from portal.common import clock
from portal.common.local import mailbox
from portal.common.local.smtp import is_free
from portal.common.outbox import kinds
from portal.common.outbox.claims import BACKOFF_MINUTES
from portal.common.outbox.models import OutgoingMail
from portal.common.outbox.services import Draft, drain, queue
from tests.retention_help import tonight

MINUTE = timedelta(minutes=1)


def draft(kind="test.note", key="once", **changes):
    return Draft(kind, uuid.uuid4(), "kim@example.org", key, {}, **changes)


def arrived(sink):
    return dict(mailbox.count_by_message_id(sink))


# --- Queue ----------------------------------------------------------------------------------


def test_the_same_dedupe_key_is_queued_only_once(db, mail_kind):
    mail_kind()

    queue(draft(), draft(key="other"))
    queue(draft())

    assert sorted(OutgoingMail.objects.values_list("dedupe_key", flat=True)) == ["once", "other"]


def test_a_kind_that_is_not_registered_cannot_be_queued(db):
    with pytest.raises(KeyError):
        queue(draft("test.unknown"))

    assert OutgoingMail.objects.count() == 0


def test_a_kind_cannot_be_registered_twice(mail_kind):
    mail_kind()

    with pytest.raises(ValueError, match="registered twice"):
        mail_kind()


def test_all_kinds_are_listed_by_code(mail_kind):
    kind = mail_kind("zz.last")

    assert kinds.all_kinds()[-1] == kind


def test_a_mail_without_an_address_cannot_be_queued(put, mail_kind):
    mail_kind()

    with pytest.raises(IntegrityError), transaction.atomic():
        put(address="")


def test_a_transaction_wakes_the_worker_once_however_many_mails_it_wrote(
    db, mail_kind, django_capture_on_commit_callbacks
):
    mail_kind()

    with django_capture_on_commit_callbacks() as callbacks:
        for number in range(5):
            queue(draft(key=str(number)), draft(key=f"{number}b"))

    assert len(callbacks) == 1


def test_a_savepoint_rolled_back_does_not_take_the_only_nudge_with_it(
    db, mail_kind, django_capture_on_commit_callbacks
):
    mail_kind()

    with django_capture_on_commit_callbacks() as callbacks:
        with transaction.atomic():
            queue(draft(key="undone"))
            transaction.set_rollback(True)
        queue(draft(key="kept"))

    assert len(callbacks) == 1
    assert OutgoingMail.objects.get().dedupe_key == "kept"


# --- Sent, held, dropped --------------------------------------------------------------------


def test_a_due_mail_is_sent_once(put, mail_kind, sink, state):
    mail_kind()
    mail = put()

    assert (drain(), drain()) == (1, 0)

    assert state(mail) == ("sent", "")
    assert (mail.attempts, mail.lease_until) == (1, None)
    assert abs(clock.now() - mail.sent_at) < MINUTE
    assert arrived(sink) == {mail.message_id: 1}


def test_a_mail_is_held_until_its_moment(put, mail_kind, sink, state):
    mail_kind()
    mail = put(not_before=clock.now() + 30 * MINUTE)

    assert drain() == 0
    with time_machine.travel(clock.now() + 31 * MINUTE):
        assert drain() == 1

    assert state(mail) == ("sent", "")


def test_a_mail_that_must_not_go_out_any_more_is_dropped_with_the_reason(
    put, mail_kind, sink, state
):
    mail_kind(may_send=lambda _: "ausgetreten")
    mail = put()

    drain()

    assert state(mail) == ("dropped", "ausgetreten")
    assert arrived(sink) == {}


def test_a_mail_after_its_time_is_dropped(put, mail_kind, sink, state):
    mail_kind()
    mail = put(expires_at=clock.now() + MINUTE)

    with time_machine.travel(clock.now() + 2 * MINUTE):
        drain()

    assert state(mail) == ("dropped", "Frist abgelaufen")
    assert arrived(sink) == {}


def test_letters_are_never_sent_by_mail(put, mail_kind, sink, state):
    mail_kind()
    letter = put(channel=OutgoingMail.Channel.LETTER, address="")

    assert drain() == 0

    assert state(letter) == ("queued", "")


def test_finding_due_mails_can_use_the_index_of_open_ones(db):
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        cursor.execute(
            "explain select 1 from common_outgoingmail where channel = 'mail' and "
            "((not_before <= now() and state = 'queued') or "
            "(lease_until <= now() and state = 'sending')) order by not_before, id limit 1"
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert plan.count("outbox_open") == 1


# --- Refused, unreachable, broken -----------------------------------------------------------


def test_a_temporary_refusal_is_tried_again_after_longer_and_longer_waits(
    put, mail_kind, sink, state
):
    mail_kind()
    mailbox.set_mode(sink, "reject-4xx")
    waits = []
    with time_machine.travel(clock.now(), tick=False) as moment:
        mail = put()
        for _ in BACKOFF_MINUTES:
            drain()
            assert state(mail) == ("queued", "Mailserver antwortet 451")
            waits.append((mail.not_before - clock.now()) / MINUTE)
            moment.move_to(mail.not_before)
        drain()
        assert (drain(), state(mail)) == (0, ("failed", "Mailserver antwortet 451"))

    assert waits == [1, 5, 15, 60, 240, 720]
    assert arrived(sink) == {}


def test_a_final_refusal_is_not_tried_again(put, mail_kind, sink, state):
    mail_kind()
    mailbox.set_mode(sink, "reject-5xx")
    mail = put()

    assert (drain(), drain()) == (1, 0)

    assert state(mail) == ("failed", "vom Mailserver abgelehnt (550)")


class Picky:
    """A mail server that does not like who is writing, or to whom."""

    def __init__(self, sender, recipient):
        self.answers = sender, recipient

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        envelope.mail_from = address
        return self.answers[0]

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        envelope.rcpt_tos.append(address)
        return self.answers[1]


@pytest.mark.parametrize(
    ("sender", "recipient", "expected"),
    [
        ("553 not you", "250 OK", ("queued", "Mailserver antwortet 553")),
        ("250 OK", "450 full", ("queued", "Mailserver antwortet 450")),
        ("250 OK", "550 unknown", ("failed", "vom Mailserver abgelehnt (550)")),
    ],
)
def test_a_refused_sender_is_our_mistake_and_a_refused_recipient_the_mails(
    put, mail_kind, sink, state, settings, sender, recipient, expected
):
    mail_kind()
    mail = put()
    server = Controller(Picky(sender, recipient), hostname="127.0.0.1", port=free_port())
    server.start()
    try:
        settings.EMAIL_PORT = server.port
        drain()
    finally:
        server.stop()

    assert state(mail) == expected


def free_port():
    return next(port for port in range(20000, 30000) if is_free(port))


def test_an_unreachable_server_costs_no_attempt_and_ends_the_round(
    put, mail_kind, sink, state, settings
):
    mail_kind()
    first, second = put(), put()
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()

    assert drain() == 1

    assert state(first) == ("queued", "Mailserver nicht erreichbar")
    assert (first.attempts, first.lease_until) == (0, None)
    assert state(second) == ("queued", "")
    settings.EMAIL_PORT = port
    with time_machine.travel(clock.now() + 2 * MINUTE):
        assert drain() == 2
    assert arrived(sink) == {first.message_id: 1, second.message_id: 1}
    assert state(first) == ("sent", "")


def test_an_outage_of_days_fails_no_mail(put, mail_kind, sink, state, settings):
    mail_kind()
    mail = put()
    settings.EMAIL_PORT = free_port()

    for hours in range(0, 72, 4):
        with time_machine.travel(clock.now() + timedelta(hours=hours)):
            assert drain() == 1

    assert state(mail) == ("queued", "Mailserver nicht erreichbar")


@pytest.mark.logs_errors
def test_one_broken_mail_does_not_stop_the_others(put, mail_kind, sink, state):
    mail_kind("test.broken", template="members/missing")
    mail_kind("test.raising", context=lambda _: 1 // 0)
    mail_kind()
    broken, raising, fine = put("test.broken"), put("test.raising"), put()

    assert drain() == 3

    assert state(fine) == ("sent", "")
    assert state(broken) == ("queued", "Fehler beim Erstellen")
    assert state(raising) == ("queued", "Fehler beim Erstellen")


@pytest.mark.logs_errors
def test_a_mail_that_stays_broken_fails_in_the_end(put, mail_kind, sink, state):
    mail_kind(context=lambda _: 1 // 0)
    with time_machine.travel(clock.now(), tick=False) as moment:
        mail = put()
        for _ in range(len(BACKOFF_MINUTES) + 1):
            assert drain() == 1
            mail.refresh_from_db()
            moment.move_to(mail.not_before)
        assert drain() == 0

    assert state(mail) == ("failed", "Fehler beim Erstellen")


def test_a_kind_that_only_newer_code_knows_waits_for_it(put, mail_kind, sink, state):
    kind = mail_kind()
    mail = put()
    del kinds._kinds[kind.code]

    drain()
    assert state(mail) == ("queued", "Art unbekannt")
    kinds.register(kind)
    with time_machine.travel(clock.now() + 2 * MINUTE):
        drain()

    assert state(mail) == ("sent", "")


@pytest.mark.parametrize(
    "address",
    [
        "a@example.org, b@example.org",
        "a@example.org,b@example.org",
        "a@example.org;b@example.org",
        "a@example.org\nBcc: b@example.org",
        "Kim <a@example.org>",
        "a@example.org b@example.org",
        "kim",
    ],
)
def test_anything_but_one_plain_address_is_refused_at_once(put, mail_kind, sink, state, address):
    mail_kind()
    mail = put(address=address)

    drain()

    assert state(mail) == ("failed", "Adresse ungültig")
    assert arrived(sink) == {}


# --- What is kept ---------------------------------------------------------------------------


def test_the_text_is_kept_for_fourteen_days(put, mail_kind, sink):
    mail_kind()
    mail = put()
    drain()
    sent = clock.now()

    with time_machine.travel(sent + timedelta(days=13, hours=23)):
        assert tonight("mail.body") == {}
    mail.refresh_from_db()
    assert mail.body.splitlines()[0] == "Hallo Kim,"
    with time_machine.travel(sent + timedelta(days=14, minutes=1)):
        assert [tonight("mail.body") for _ in range(2)] == [{"mail.body": 1}, {}]

    mail.refresh_from_db()
    assert (mail.state, mail.body) == ("sent", "")


def test_a_kind_may_keep_no_text_at_all(put, mail_kind, sink, state):
    mail_kind(keep_body=False)
    mail = put()

    drain()

    assert (state(mail), mail.body) == (("sent", ""), "")
