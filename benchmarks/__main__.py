"""`make bench`: import speed and server time of list pages, on services of their own."""

import os
import statistics
import sys
import time

from benchmarks.house import house

IMPORT_ROWS = 10_000
PEOPLE = 50_000
REQUESTS = 60
GOAL_IMPORT_SECONDS = 20
GOAL_P95_MS = 60


def main() -> int:
    with house("bench", "ERROR"):
        return run()


def run() -> int:
    from portal.common.scope import scope

    with scope("system:bench"):
        users = stage_district()
        seconds = import_rows()
        fill_up()
    collect_statistics()
    slow = [measure_pages(users), seconds > GOAL_IMPORT_SECONDS]
    return int(any(slow))


def stage_district():
    """The demo district without its people: tree, offices, one login per office."""
    from members.models import Gliederung
    from members.services import reference
    from portal.common import clock
    from portal.dashboards.demo import district as demo
    from tests.world import make_user

    reference.load_reference()
    district = demo._tree()
    demo._offices(district, clock.today())
    demo._mentors(clock.today())
    linden = Gliederung.objects.get(name="Linden-Limmer")
    return {
        "Geschäftsstelle": make_user(
            district.gliederung.aemter.get(kind="geschaeftsstelle").person, second_factor=True
        ),
        "Ansprechperson": make_user(
            linden.aemter.get(kind="ansprechperson").person, second_factor=True
        ),
    }


def members_file(first: int, count: int, days: range) -> bytes:
    """An export of `count` members who joined within `days` days ago."""
    import csv
    import io
    import random
    from datetime import timedelta

    from portal.common import clock
    from portal.dashboards.demo import file

    dice, places, today = random.Random(first), file._places(), clock.today()
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, file.HEADER, delimiter=";")
    writer.writeheader()
    for number in range(first, first + count):
        joined = today - timedelta(days=dice.choice(days))
        writer.writerow(file._row(dice, number, dice.choice(places), joined, today))
    return text.getvalue().encode("cp1252")


def import_rows() -> float:
    """Import 10,000 newcomers: the worst case, each with clock, milestones and welcome."""
    from datetime import timedelta

    from members.models import Onboarding
    from members.services import imports
    from portal.common import clock

    content = members_file(1_000_000, IMPORT_ROWS, range(1, 300))
    started = time.perf_counter()
    run = imports.stage(content, None)
    staged = time.perf_counter() - started
    imports.apply(run, None)
    seconds = time.perf_counter() - started
    # After half a year people have arrived; without this every newcomer would still be running.
    old = clock.today() - timedelta(days=190)
    Onboarding.objects.filter(started_on__lt=old).update(state="finished", next_due_on=None)
    assert run.counts["new"] == IMPORT_ROWS, run.counts
    print(
        f"Import: {IMPORT_ROWS} neue Zeilen in {seconds:.1f} s "
        f"(davon Prüfung {staged:.1f} s) = {IMPORT_ROWS / seconds:.0f} Zeilen/s, "
        f"Ziel {GOAL_IMPORT_SECONDS} s"
    )
    return seconds


def fill_up() -> None:
    """Older members up to 50,000 people, so that newcomers are a small part."""
    from members.models import Person
    from members.services import imports

    first = 2_000_000
    while (missing := PEOPLE - Person.objects.count()) > 0:
        count = min(10_000, missing)
        content = members_file(first, count, range(400, 9000))
        imports.apply(imports.stage(content, None), None)
        first += count
    print(f"Personen: {Person.objects.count()}")


PAGES = (
    ("Geschäftsstelle", "/uebersicht/", False),
    ("Geschäftsstelle", "/neumitglieder/", True),
    ("Geschäftsstelle", "/neumitglieder/?liste=ohne-mentor", True),
    ("Geschäftsstelle", "/neumitglieder/?q=kaya", True),
    ("Geschäftsstelle", "/neumitglieder/?page=50", True),
    ("Geschäftsstelle", "/zuordnen/", True),
    ("Ansprechperson", "/neumitglieder/", True),
    ("Ansprechperson", "/heute/", True),
)


def measure_pages(users) -> bool:
    """Print p50 and p95 of the server time per page; returns whether a list missed its goal."""
    from django.conf import settings
    from django.test import Client

    from tests.conftest import BACKEND, pass_second_factor

    settings.ALLOWED_HOSTS = ["testserver"]
    missed = False
    for role, url, is_list in PAGES:
        client = Client()
        client.force_login(users[role], backend=BACKEND)
        pass_second_factor(client, users[role])
        times = []
        for _ in range(REQUESTS + 5):
            started = time.perf_counter()
            response = client.get(url)
            times.append((time.perf_counter() - started) * 1000)
            assert response.status_code == 200, (url, response.status_code)
        times = sorted(times[5:])
        p95 = times[int(len(times) * 0.95)]
        missed |= is_list and p95 > GOAL_P95_MS
        print(
            f"{role:16} {url:36} p50 {statistics.median(times):6.1f} ms   p95 {p95:6.1f} ms"
            + (f"   Ziel {GOAL_P95_MS} ms" if is_list else "")
        )
    return missed


def collect_statistics() -> None:
    """What autovacuum does within a minute of a large import; only the owner may."""
    import psycopg2

    url = os.environ["DATABASE_OWNER_URL"].replace("postgres://", "postgresql://", 1)
    connection = psycopg2.connect(url)
    connection.autocommit = True
    connection.cursor().execute("vacuum analyze")
    connection.close()


if __name__ == "__main__":
    sys.exit(main())
