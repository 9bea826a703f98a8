"""Once a quarter every office that opens something is looked at, never one's own (T3)."""

from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse

from members.models import Amt
from members.queries import recertification
from portal.common import clock
from portal.common.models import AuditEvent
from portal.common.todos import todos_for
from tests.world import canary


@pytest.mark.parametrize(
    ("today", "begins"),
    [
        (date(2026, 1, 1), date(2026, 1, 1)),
        (date(2026, 3, 31), date(2026, 1, 1)),
        (date(2026, 11, 22), date(2026, 10, 1)),
        (date(2028, 2, 29), date(2028, 1, 1)),
    ],
)
def test_a_quarter_begins_on_its_first_day(today, begins):
    assert recertification.quarter_begins(today) == begins


@pytest.fixture
def quarter(world):
    """Everybody has held the office since last year; nobody has looked at it this quarter."""
    with time_machine.travel("2026-11-22 10:00:00+01:00"):
        long_ago = date(2025, 12, 1)
        Amt.objects.update(beginn=long_ago, pledged_on=long_ago, trained_on=long_ago, ende=None)
        yield world


def open_names(world):
    return {amt.person.family_name for amt in recertification.unchecked(world.user("staff"))}


def tick(client_as, *aemter, role="staff"):
    pks = [amt.pk for amt in aemter]
    return client_as(role).post(reverse("members:recertify"), {"amt": pks}, follow=True)


def test_offices_are_ticked_one_by_one_and_per_gliederung(quarter, client_as):
    before = open_names(quarter)
    assert canary("vorsitz") in before
    assert canary("bezirk") not in before  # it opens nothing
    tick(client_as, quarter.person("vorsitz").aemter.get())
    assert open_names(quarter) == before - {canary("vorsitz")}
    amt = quarter.person("vorsitz").aemter.get()
    assert amt.recertified_on == clock.today()
    assert AuditEvent.objects.get(code="amt.recertified").subject == amt.pk
    gehrden = Amt.objects.filter(gliederung__name="Gehrden").exclude(pk=amt.pk)
    tick(client_as, *gehrden)
    left = {canary(role) for role in ("ansprechperson", "deputy", "ex_officer")}
    assert open_names(quarter) == before - left - {canary("vorsitz")}
    with time_machine.travel("2027-01-02 10:00:00+01:00"):
        assert open_names(quarter) == before


def test_nobody_ticks_an_own_office(quarter, client_as):
    own = quarter.person("staff").aemter.get()
    page = tick(client_as, own)
    assert "prüft jemand anderes" in page.content.decode()
    own.refresh_from_db()
    assert own.recertified_on is None
    others = {amt.person.family_name for amt in recertification.left_to(quarter.user("staff"))}
    assert canary("staff") not in others


def test_an_office_given_or_renewed_this_quarter_was_looked_at(quarter):
    for role, change in (
        ("deputy", {"beginn": date(2026, 10, 1)}),
        ("vorsitz", {"renewed_on": date(2026, 10, 1)}),
    ):
        quarter.person(role).aemter.update(**change)
        assert canary(role) not in open_names(quarter)


def test_the_quarter_is_one_item_with_a_date(quarter):
    (todo,) = [t for t in todos_for(quarter.user("staff")) if t.kind == "recertify"]
    assert todo.key == "recertify:2026-10-01"
    assert todo.due_on == date(2026, 11, 1)
    Amt.objects.update(recertified_on=clock.today() - timedelta(days=1))
    assert [t for t in todos_for(quarter.user("staff")) if t.kind == "recertify"] == []


def test_ticking_twice_says_so(quarter, client_as):
    amt = quarter.person("vorsitz").aemter.get()
    tick(client_as, amt)
    assert "schon geprüft" in tick(client_as, amt).content.decode()
