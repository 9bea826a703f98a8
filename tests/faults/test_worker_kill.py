"""A killed worker loses no mail and doubles none (design.md 5, trust.md 3.3).

Seen red: without asking the probe, without taking back orphans, and with a lease of 0 seconds.
"""

import random
import time

from tests.faults.mailing import Beat, Mailing, Workers

MAILS = 1000
KILLS = 10
SEED = 20260521
NO_PROBE = {"MAIL_PROBE": ""}


def send_with_kills(mailing: Mailing, workers: Workers, env: dict[str, str]) -> None:
    """Kill at ten points that only the number of arrived mails decides, then let it finish."""
    points = sorted(random.Random(SEED).sample(range(10, MAILS - 10), KILLS))
    beat = Beat()
    started = time.monotonic()
    worker = workers.start(**env)
    for point in points:
        assert beat.until(lambda: mailing.arrived() >= point, 0.001), mailing.states()  # noqa: B023 -- asked at once
        workers.kill(worker)
        worker = workers.start(**env)
    assert beat.until(mailing.is_settled, 0.2), mailing.states()
    doubles = mailing.arrived() - MAILS
    print(f"{time.monotonic() - started:.0f} s, {KILLS} kills at {points}, {doubles} doubles")


def test_with_the_probe_ten_kills_lose_no_mail_and_double_none(mailing, workers):
    message_ids = mailing.queue(MAILS)

    send_with_kills(mailing, workers, {})

    assert mailing.counts() == dict.fromkeys(message_ids, 1)
    assert mailing.states() == {"sent": MAILS}


def test_without_a_probe_ten_kills_double_at_most_ten_under_the_same_message_id(mailing, workers):
    message_ids = mailing.queue(MAILS)

    send_with_kills(mailing, workers, NO_PROBE)

    counts = mailing.counts()
    assert set(counts) == message_ids
    assert counts.total() - MAILS <= KILLS
    assert mailing.states() == {"sent": MAILS}


def test_two_workers_at_once_send_every_mail_once(mailing, workers):
    message_ids = mailing.queue(300)
    beat = Beat()
    for name in ("mail-one", "mail-two"):
        workers.start(name, OUTBOX_LEASE_SECONDS="20")

    assert beat.until(mailing.is_settled, 0.2), mailing.states()

    assert mailing.counts() == dict.fromkeys(message_ids, 1)
    assert mailing.states() == {"sent": 300}
