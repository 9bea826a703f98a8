"""„Wer deine Daten angesehen hat": office, place, days and a name as far as R12 lets it."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import Amt, Contact, Look
from members.queries import looks as query
from portal.common import clock
from tests.world import canary, make_amt, make_person


def look(world, viewer, person="newcomer", days_ago=0, **values):
    values.setdefault("is_close", True)
    day = clock.today() - timedelta(days=days_ago)
    return Look.objects.create(
        viewer=world.person(viewer), person=world.person(person), day=day, **values
    )


def test_it_says_office_place_and_days_newest_first(world):
    for days in (3, 0, 9):
        look(world, "vorsitz", days_ago=days)
    (entry,) = query.seen_by(world.person("newcomer"))
    today = clock.today()
    assert (entry.office, entry.place) == ("Vorsitz", "Ortsverein Gehrden")
    assert entry.days == [today - timedelta(days=days) for days in (0, 3, 9)]
    assert entry.why.startswith("Kümmert sich um neue Mitglieder")


def test_names_follow_the_same_rule_as_who_sees_me(world):
    """First names before the first talk, except of the own contact; the office by office."""
    for role in ("vorsitz", "ansprechperson", "staff"):
        look(world, role)
    named = {entry.office: entry.names for entry in query.seen_by(world.person("newcomer"))}
    assert named == {
        "Vorsitz": ["Vorsitz"],
        "Ansprechperson für Neumitglieder": [f"Ansprechperson {canary('ansprechperson')}"],
        "Geschäftsstelle": [],
    }
    Contact.objects.create(
        onboarding=world.onboarding("newcomer"),
        made_by=world.person("ansprechperson"),
        made_on=clock.today(),
        kind=Contact.Kind.CALL,
        result=Contact.Result.REACHED,
        created_at=clock.now(),
        submit_token="8b0a4a70-6d2e-4f6e-9f0e-000000000009",
    )
    named = {entry.office: entry.names for entry in query.seen_by(world.person("newcomer"))}
    assert named["Vorsitz"] == [f"Vorsitz {canary('vorsitz')}"]


def test_a_name_in_a_column_and_what_is_older_than_a_year_is_not_told(world):
    look(world, "vorsitz", is_close=False)
    look(world, "vorsitz", days_ago=400)
    assert query.seen_by(world.person("newcomer")) == []


def test_an_office_that_has_ended_is_told_for_the_days_on_which_it_ran(world):
    look(world, "vorsitz", days_ago=30)
    look(world, "vorsitz", days_ago=1)
    ended = clock.today() - timedelta(days=20)
    Amt.objects.filter(person=world.person("vorsitz")).update(ende=ended)
    found = query.seen_by(world.person("newcomer"))
    assert [(entry.office, len(entry.days)) for entry in found] == [
        (query.FORMER, 1),
        ("Vorsitz", 1),
    ]


def test_nobody_elses_looks_are_on_the_page(world, client_as):
    look(world, "foreign_ansprechperson", "foreign_newcomer")
    page = client_as("newcomer").get(reverse("members:looks")).content.decode()
    assert "hat niemand deine Angaben geöffnet" in page
    assert "Uetze" not in page


def test_the_page_names_no_times_and_asks_the_same_for_many_looks(world, client_as):
    look(world, "vorsitz")
    counts = []
    for more in (0, 60):
        for n in range(more):
            person = make_person(f"Amt{n}", world.gliederung("Gehrden"))
            make_amt(person, world.gliederung("Gehrden"), Amt.Kind.STELLVERTRETUNG)
            for days in range(5):
                day = clock.today() - timedelta(days=days)
                Look.objects.create(
                    viewer=person, person=world.person("newcomer"), day=day, is_close=True
                )
        client = client_as("newcomer")
        client.get(reverse("members:looks"))
        with CaptureQueriesContext(connection) as captured:
            page = client.get(reverse("members:looks")).content.decode()
        counts.append(len(captured))
        assert "Uhr" not in page.partition("<h2")[0]
    assert counts[0] == counts[1]
