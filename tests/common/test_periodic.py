"""Two beats, one run; tested with a task that only counts."""

import threading

import pytest
from django.db import connection

from portal.common.periodic import periodic
from portal.common.scope import current_scope

pytestmark = pytest.mark.django_db(transaction=True)


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
