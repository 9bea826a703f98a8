"""Personal data is touched inside a named scope only, and the name never outlives it."""

import threading

import pytest
from django.db import connection, transaction

from members.models import Person
from portal.common.errors import ScopeMissing
from portal.common.outbox.models import OutgoingMail
from portal.common.scope import current_scope, scope

USER = "4b0e2c1e-0000-4000-8000-000000000042"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.without_scope]


def announced():
    """What Postgres knows; an unset name reads as None or as an empty string."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select current_setting('app.scope', true), current_setting('app.user', true)"
        )
        return tuple(value or "" for value in cursor.fetchone())


@pytest.mark.parametrize("model", [Person, OutgoingMail])
def test_a_query_outside_a_scope_is_refused(model):
    with pytest.raises(ScopeMissing, match=f"{model.__name__} was queried outside of scope"):
        model.objects.count()


def test_inside_a_scope_the_database_knows_who_asks_and_afterwards_nobody():
    assert announced() == ("", "")
    with scope("request", USER):
        assert (announced(), current_scope()) == (("request", USER), "request")
        assert Person.objects.filter(family_name="nobody").count() == 0

    assert (announced(), current_scope()) == (("", ""), None)


def test_an_inner_scope_gives_the_outer_one_back():
    with scope("request", USER):
        with scope("system:outbox"):
            assert (announced(), current_scope()) == (("system:outbox", ""), "system:outbox")
        assert (announced(), current_scope()) == (("request", USER), "request")

    assert (announced(), current_scope()) == (("", ""), None)


def test_an_inner_scope_that_fails_gives_the_outer_one_back():
    with scope("request", USER):
        with pytest.raises(ZeroDivisionError), scope("system:outbox"):
            raise ZeroDivisionError
        assert (announced(), current_scope()) == (("request", USER), "request")


def test_an_inner_scope_that_is_rolled_back_gives_the_outer_one_back():
    with scope("request", USER):
        with scope("system:outbox"):
            transaction.set_rollback(True)
        assert (announced(), current_scope()) == (("request", USER), "request")


def create_and_fail():
    Person.objects.create(family_name="Undone")
    raise ZeroDivisionError


def test_a_scope_that_fails_keeps_nothing_and_leaves_no_name():
    with pytest.raises(ZeroDivisionError), scope("system:test"):
        create_and_fail()

    assert (announced(), current_scope()) == (("", ""), None)
    with scope("system:test"):
        assert Person.objects.filter(family_name="Undone").count() == 0


def test_a_scope_does_not_reach_into_other_threads():
    seen = []
    with scope("request", USER):
        thread = threading.Thread(target=lambda: seen.append(current_scope()))
        thread.start()
        thread.join()

    assert seen == [None]
