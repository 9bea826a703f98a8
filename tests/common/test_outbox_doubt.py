"""Nobody wrote down whether the relay took the message: ask it, or repeat at most once."""

from datetime import timedelta

import pytest
import time_machine

from portal.common import clock
from portal.common.local import mailbox
from portal.common.outbox import claims
from portal.common.outbox.claims import IN_DOUBT
from portal.common.outbox.models import OutgoingMail
from portal.common.outbox.services import drain
from tests.common.facts import facts

MINUTE = timedelta(minutes=1)


def copies(sink, mail):
    return mailbox.copies(sink, mail.message_id)


def drain_after(minutes):
    with time_machine.travel(clock.now() + minutes * MINUTE):
        return drain()


@pytest.fixture
def without_probe(settings):
    settings.MAIL_PROBE = ""


@pytest.fixture
def dropped(put, mail_kind, sink):
    """A mail the sink has taken without being able to say so."""
    mail_kind()
    mail = put()
    mailbox.set_mode(sink, "drop-after-data")
    drain()
    assert copies(sink, mail) == 1
    mailbox.set_mode(sink, "ok")
    return mail


def test_while_the_lease_runs_nobody_touches_a_mail_in_doubt(dropped, sink, state):
    assert drain() == 0

    assert state(dropped) == ("sending", "")
    assert copies(sink, dropped) == 1


def test_with_the_probe_a_mail_the_relay_took_is_not_sent_again(dropped, sink, state):
    assert drain_after(2) == 1

    assert state(dropped) == ("sent", "")
    assert copies(sink, dropped) == 1


def test_with_the_probe_a_mail_the_relay_did_not_take_is_sent(put, mail_kind, sink, state):
    mail_kind()
    mail = put()
    claims.claim_next()  # the holder dies before handing over

    assert drain_after(2) == 1

    assert (state(mail), copies(sink, mail)) == (("sent", ""), 1)


def test_without_a_probe_a_mail_in_doubt_is_repeated_once_under_the_same_id(
    without_probe, dropped, sink, state
):
    assert (drain_after(2), drain_after(4)) == (1, 0)

    assert (state(dropped), copies(sink, dropped)) == (("sent", ""), 2)


def test_without_a_probe_a_second_repetition_is_left_to_a_person(
    without_probe, dropped, sink, state
):
    mailbox.set_mode(sink, "drop-after-data")

    assert (drain_after(2), drain_after(60 * 24)) == (1, 0)

    assert (state(dropped), copies(sink, dropped)) == (("uncertain", IN_DOUBT), 2)


def test_without_a_probe_a_bulk_mail_in_doubt_is_left_to_a_person(
    without_probe, put, mail_kind, sink, state
):
    mail_kind(bulk=True)
    mail = put()
    mailbox.set_mode(sink, "drop-after-data")

    assert (drain(), drain_after(2), drain_after(60 * 24)) == (1, 1, 0)

    assert (state(mail), copies(sink, mail)) == (("uncertain", IN_DOUBT), 1)


def test_a_bulk_mail_in_doubt_is_settled_by_the_probe(put, mail_kind, sink, state):
    mail_kind(bulk=True)
    mail = put()
    mailbox.set_mode(sink, "drop-after-data")

    assert (drain(), drain_after(2)) == (1, 1)

    assert (state(mail), copies(sink, mail)) == (("sent", ""), 1)


def test_without_a_probe_a_mail_in_doubt_that_is_refused_now_stays_uncertain(
    without_probe, put, mail_kind, sink, state
):
    mail_kind(may_send=lambda mail: "ausgetreten" if mail.attempts > 1 else None)
    mail = put()
    mailbox.set_mode(sink, "drop-after-data")

    assert (drain(), drain_after(2)) == (1, 1)

    assert (state(mail), copies(sink, mail)) == (("uncertain", "ausgetreten"), 1)


@pytest.mark.logs_errors
def test_a_probe_that_cannot_answer_leads_to_no_second_copy(dropped, sink, state, settings):
    probe, settings.MAIL_PROBE = settings.MAIL_PROBE, "tests.common.probes.BrokenProbe"

    assert drain_after(2) == 1

    assert (state(dropped), copies(sink, dropped)) == (("sending", "Fehler beim Erstellen"), 1)
    settings.MAIL_PROBE = probe
    assert drain_after(60) == 1
    assert (state(dropped), copies(sink, dropped)) == (("sent", ""), 1)


@pytest.mark.logs_errors
def test_a_mail_that_was_sent_but_could_not_be_written_down_is_not_sent_again(
    put, mail_kind, sink, state
):
    # Postgres refuses NUL: a failure between the relay's yes and the commit, on demand.
    mail_kind(context=lambda _: facts(vorname="Kim\x00"))
    mail = put()

    assert drain() == 1
    assert (state(mail), copies(sink, mail)) == (("sending", ""), 1)
    assert drain_after(2) == 1

    assert (state(mail), copies(sink, mail)) == (("sent", ""), 1)


def test_an_unreachable_server_keeps_a_mail_in_doubt_in_doubt(
    without_probe, dropped, sink, state, settings
):
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 9

    for minutes in range(2, 60, 2):
        drain_after(minutes)
    assert state(dropped) == ("sending", "Mailserver nicht erreichbar")
    settings.EMAIL_PORT = port
    drain_after(70)

    assert (state(dropped), copies(sink, dropped)) == (("sent", ""), 2)


def test_a_server_that_always_falls_silent_is_not_asked_for_ever(
    put, mail_kind, sink, state, settings
):
    settings.EMAIL_TIMEOUT = 0.1  # the sink stores nothing for those who hang up
    mail_kind()
    mail = put()
    mailbox.set_mode(sink, "slow:0.2")
    with time_machine.travel(clock.now(), tick=False) as moment:
        for _ in range(7):
            drain()
            mail.refresh_from_db()
            moment.move_to((mail.lease_until or clock.now()) + MINUTE)
        assert drain() == 0

    assert state(mail) == ("uncertain", IN_DOUBT)


def test_a_mail_that_kills_every_worker_ends_as_failed(put, mail_kind, sink, state):
    mail_kind()
    mail = put()
    with time_machine.travel(clock.now(), tick=False) as moment:
        for _ in range(7):
            claims.claim_next()  # and dies
            moment.shift(2 * MINUTE)
        drain()

    assert (state(mail), copies(sink, mail)) == (("failed", IN_DOUBT), 0)


def test_a_holder_whose_lease_has_run_out_cannot_write_any_more(put, mail_kind, sink, state):
    mail_kind()
    mail = put()
    late = claims.claim_next()
    drain_after(2)

    claims.retry_later(late, "zu spät")

    assert claims.renew(late) is False
    assert state(mail) == ("sent", "")


def test_a_holder_whose_row_somebody_else_took_over_cannot_write_any_more(
    put, mail_kind, sink, state
):
    mail_kind()
    mail = put()
    late = claims.claim_next()
    with time_machine.travel(clock.now() + 2 * MINUTE):
        claims.claim_next()

    claims.retry_later(late, "zu spät")

    assert claims.renew(late) is False
    assert state(mail) == ("sending", "")


def test_claiming_leases_a_row_for_as_long_as_the_settings_say(put, mail_kind, settings):
    mail_kind()
    settings.OUTBOX_LEASE_SECONDS = 7
    put()
    with time_machine.travel(clock.now(), tick=False):
        claims.claim_next()
        mail = OutgoingMail.objects.get()
        assert mail.lease_until - clock.now() == timedelta(seconds=7)

    assert (mail.state, mail.attempts) == ("sending", 1)
