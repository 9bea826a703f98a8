"""Two beats, one run; tested with a task that only counts."""

import threading

import pytest
import time_machine
from django.db import connection

from portal.common.periodic import periodic
from portal.common.scope import current_scope

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.logs_errors]


def test_two_beats_at_once_run_the_work_once():
    running, release, done = threading.Event(), threading.Event(), []

    @periodic("test.periodic")
    def work():
        running.set()
        release.wait(10)
        done.append(current_scope())

    def first():
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    assert running.wait(10)
    work()  # the second beat finds the lock taken and goes home
    assert done == []
    release.set()
    thread.join()
    assert done == ["system:test.periodic"]
    work()
    assert len(done) == 2


def test_what_the_second_beat_announced_does_nothing_even_when_the_first_is_done():
    done = []

    @periodic("test.periodic_twice")
    def work():
        done.append(1)

    with time_machine.travel("2026-11-20 04:15 +0100", tick=False) as moment:
        work.apply()
        moment.shift(5)
        work.apply()
        assert len(done) == 1
        moment.shift(60)
        work.apply()  # due again
    assert len(done) == 2


def test_a_job_that_failed_may_be_done_by_the_second_beat():
    done = []

    @periodic("test.periodic_fails")
    def work():
        done.append(1)
        if len(done) == 1:
            raise ValueError

    work.apply()
    work.apply()
    assert len(done) == 2
