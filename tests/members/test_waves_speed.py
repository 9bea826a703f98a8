"""The pages of „Wieder anknüpfen“ ask the same for 5 and 500 people; 9,000 are found fast."""

import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import Membership, Onboarding, Person
from members.queries import waves as query
from members.sorting import sort_name
from portal.common import clock
from tests.security.cells_waves import make_wave
from tests.test_query_counts import MOST

SECONDS = 2.0


def add_members(world, count, start=0):
    gehrden = world.gliederung("Gehrden")
    people = Person.objects.bulk_create(
        Person(
            given_name="Kim",
            family_name=f"Zz{n}",
            sort_name=sort_name(f"Zz{n}", "Kim"),
            email=f"zz{n}@example.org",
            gliederung=gehrden,
        )
        for n in range(start, start + count)
    )
    Membership.objects.bulk_create(
        Membership(
            person=person,
            number=person.family_name,
            joined_on=clock.today() - timedelta(days=4000),
            first_seen_on=clock.today(),
        )
        for person in people
    )


def count(client, url, query=None):
    client.get(url, query)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url, query).status_code == 200
    asked = [q["sql"] for q in captured if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    # Nested scopes exist in tests only; whom a page showed is written down behind it.
    others = ("values ('system:test'", "insert into members_look")
    return len([sql for sql in asked if not any(one in sql for one in others)])


@pytest.mark.parametrize("page", ["waves", "wave_new", "wave"])
def test_a_page_asks_the_same_for_5_and_500_people(page, world, client_as, settings):
    settings.LOOKS_PER_DAY = 2000  # this is about speed
    client = client_as("staff")
    counts = []
    for number, start in ((5, 0), (495, 5)):
        add_members(world, number, start)
        args, params = [], {}
        if page == "wave":
            Onboarding.objects.all().delete()
            args = [make_wave(world, size=500).pk]
        if page == "wave_new":
            place = world.gliederung("Region").pk
            params = {"gliederung": place, "months": 12, "size": 500, "way": "call"}
        counts.append(count(client, reverse(f"members:{page}", args=args), params))
    assert counts[0] == counts[1]
    assert counts[1] <= MOST


def test_nine_thousand_members_are_searched_fast(world):
    add_members(world, 9000)
    began = time.perf_counter()
    found = query.without_contact(world.user("staff"), 12, world.gliederung("Region"))
    assert sum(place.people for place in query.by_gliederung(found)) == 9000
    seen = query.preview(query.next_ones(found, 25))
    took = time.perf_counter() - began
    assert len(seen.people) == 25
    assert took < SECONDS, f"{took:.2f} s"
    print(f"{took:.2f} s")
