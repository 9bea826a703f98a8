"""Named locks: one holder at a time, freed with the transaction, the block or the connection."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from portal.common.locks import lock_for_transaction, try_lock

pytestmark = pytest.mark.django_db(transaction=True)


def elsewhere(call):
    """Run on a connection of its own and return the answer."""

    def run():
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result(10)


def can_take(name):
    with try_lock(name) as held:
        return held


def test_a_lock_that_somebody_holds_is_not_given_and_not_waited_for():
    with try_lock("nightly") as held:
        assert held is True
        assert elsewhere(lambda: can_take("nightly")) is False
        assert elsewhere(lambda: can_take("hourly")) is True

    assert elsewhere(lambda: can_take("nightly")) is True


def test_who_did_not_get_the_lock_does_not_free_it():
    with try_lock("nightly"):
        assert [elsewhere(lambda: can_take("nightly")) for _ in range(2)] == [False, False]


def test_a_lock_spans_transactions():
    with try_lock("nightly"):
        with transaction.atomic():
            transaction.set_rollback(True)
        assert elsewhere(lambda: can_take("nightly")) is False


def test_a_lock_is_freed_when_the_block_fails():
    with pytest.raises(ZeroDivisionError), try_lock("nightly"):
        raise ZeroDivisionError

    assert elsewhere(lambda: can_take("nightly")) is True


def test_the_server_frees_the_lock_of_a_holder_that_dies():
    taken, may_die = threading.Event(), threading.Event()

    def hold_and_die():
        guard = try_lock("nightly")
        guard.__enter__()
        taken.set()
        may_die.wait(10)
        connection.close()

    holder = threading.Thread(target=hold_and_die)
    holder.start()
    assert taken.wait(10)
    assert can_take("nightly") is False
    may_die.set()
    holder.join()

    assert elsewhere(lambda: can_take("nightly")) is True


def test_a_transaction_waits_for_the_lock_of_another():
    order = []
    started = threading.Barrier(2)

    def second():
        started.wait(10)
        with transaction.atomic():
            lock_for_transaction("import")
            order.append("second")
        connection.close()

    waiting = threading.Thread(target=second)
    waiting.start()
    with transaction.atomic():
        lock_for_transaction("import")
        started.wait(10)
        waiting.join(0.3)
        order.append("first")
    waiting.join(10)

    assert order == ["first", "second"]
