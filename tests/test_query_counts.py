"""List pages ask the same number of questions for 5 and for 500 rows, and at most 12."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import ImportRun, Membership, Onboarding, Person
from members.services import imports, mentoring, onboarding
from members.sorting import sort_name
from portal.common import clock
from tests.world import make_mentor

MOST = 12
PAGES = {
    "uebersicht": ("staff", "dashboards:uebersicht", {}),
    "alle": ("staff", "members:newcomers", {}),
    "ohne-mentor": ("staff", "members:newcomers", {"liste": "ohne-mentor"}),
    "suche": ("staff", "members:newcomers", {"q": "kim"}),
    "ansprechperson": ("ansprechperson", "members:newcomers", {}),
    "heute": ("ansprechperson", "dashboards:heute", {}),
    "zugaenge": ("staff", "members:accesses", {}),
    "zuordnen": ("staff", "members:undecided", {}),
    "mentoring": ("coordinator", "members:mentoring", {}),
    "import": ("staff", "members:import_list", {}),
    "mein-start": ("newcomer", "dashboards:mein_start", {}),
}


def add_newcomers(world, count, start):
    gehrden = world.gliederung("Gehrden")
    people = [
        Person(
            given_name="Kim",
            family_name=f"Nr{start + n}",
            sort_name=sort_name(f"Nr{start + n}", "Kim"),
            email=f"nr{start + n}@example.org",
            gliederung=gehrden,
            open_question="plz" if n % 2 else "",
        )
        for n in range(count)
    ]
    Person.objects.bulk_create(people)
    Membership.objects.bulk_create(
        Membership(
            person=p, number=p.family_name, joined_on=clock.today(), first_seen_on=clock.today()
        )
        for p in people
    )
    onboarding.start_many([onboarding.Arrival(p, clock.today()) for p in people])


def count_queries(client_as, page):
    role, name, query = PAGES[page]
    client = client_as(role)
    client.get(reverse(name), query)  # the first request fills Django's content type caches
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(reverse(name), query).status_code == 200
    # A nested scope exists in tests only.
    ours = ("SAVEPOINT", "RELEASE", "select set_config('app.scope', 'test'")
    return [query["sql"] for query in captured if not query["sql"].startswith(ours)]


@pytest.mark.parametrize("page", list(PAGES))
def test_a_page_asks_the_same_for_5_and_500_rows(page, world, client_as):
    add_newcomers(world, 5, 0)
    make_mentor("Pate", world.gliederung("Gehrden"))
    mentoring.run_matching(mentoring.request_run(None, preview=False).pk)
    few = count_queries(client_as, page)
    add_newcomers(world, 495, 5)
    for n in range(20):
        imports.stage(f"Mitgliedsnummer;Nachname\n{n};X\n".encode(), world.person("staff"))
    mentoring.run_matching(mentoring.request_run(None, preview=False).pk)
    many = count_queries(client_as, page)
    assert len(few) == len(many), "\n".join(many)
    assert len(many) <= MOST, "\n".join(many)


def test_the_dry_run_page_asks_the_same_for_few_and_many_rows(world, client_as):
    def staged(rows):
        lines = "".join(f"{n};X\n" for n in range(rows))
        return imports.stage(f"Mitgliedsnummer;Nachname\n{lines}".encode(), None)

    client = client_as("staff")
    counts = []
    for rows in (5, 500):
        url = reverse("members:import_run", args=[staged(rows).pk])
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert ImportRun.objects.count() == 2
    assert Onboarding.objects.count() == 3
