"""`make bench-rls`: server time of list pages with and without row-level security, in one run.

50,000 people, 6,000 of them newcomers. Both ways take turns in short blocks, so that what else the
machine does is the same for both. The work of both processors, ours and the database's, says the
same on a machine that is busy.
"""

import os
import statistics
import sys
import time

from benchmarks import crowd
from benchmarks.__main__ import collect_statistics, stage_district
from benchmarks.house import house

PEOPLE, NEWCOMERS = 50_000, 6_000
ROUNDS, REQUESTS = 12, 10
GOAL = 1.1
PAGES = (
    ("Geschäftsstelle", "/neumitglieder/"),
    ("Geschäftsstelle", "/neumitglieder/?liste=ohne-mentor"),
    ("Geschäftsstelle", "/neumitglieder/?q=n12"),
    ("Geschäftsstelle", "/neumitglieder/?page=50"),
    ("Geschäftsstelle", "/personen/"),
    ("Geschäftsstelle", "/personen/?q=m123"),
    ("Geschäftsstelle", "/wechsel/"),
    ("Ansprechperson", "/neumitglieder/"),
    ("Ansprechperson", "/neumitglieder/?q=n12"),
    ("Ansprechperson", "/interessierte/"),
    ("Ansprechperson", "/heute/"),
)


def main() -> int:
    with house("bench-rls", "ERROR"):
        return run()


def run() -> int:
    from django.conf import settings

    from portal.common import clock
    from portal.common.scope import scope

    settings.ALLOWED_HOSTS = ["testserver"]
    settings.LOOKS_PER_DAY = 10**9  # nobody is stopped; what is written down is the same
    with scope("system:bench"):
        users = stage_district()
        crowd.build_places(clock.today())
        crowd.build_newcomers(1, NEWCOMERS, clock.today())
        crowd.build_members(NEWCOMERS + 1, PEOPLE)
    collect_statistics()
    print(f"{'':53} p50 ohne    mit  p95 ohne    mit     p50  Rechenzeit")
    ratios = [measure(users[role], role, url) for role, url in PAGES]
    waited, worked = (statistics.geometric_mean(column) for column in zip(*ratios, strict=True))
    print(
        f"Im Mittel: p50 {waited - 1:+.1%}, Rechenzeit {worked - 1:+.1%}, Ziel +{GOAL - 1:.0%}; "
        f"Last {os.getloadavg()[0]:.1f}"
    )
    return int(worked > GOAL)


def work_of_both() -> float:
    """Seconds of processor time that this process and its database backend have used."""
    from pathlib import Path

    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        (pid,) = cursor.fetchone()
    spent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return time.process_time() + sum(map(int, spent)) / os.sysconf("SC_CLK_TCK")


def switch(is_on: bool) -> None:
    """Make or remove the policies as `migrate` would, and let requests know."""
    import psycopg2
    from django.conf import settings

    from portal.common import row_security

    settings.ROW_SECURITY = is_on
    url = os.environ["DATABASE_OWNER_URL"].replace("postgres://", "postgresql://", 1)
    owner = psycopg2.connect(url)
    with owner, owner.cursor() as cursor:
        row_security.bring_up_to_date(cursor)
    owner.close()


def measure(user, role: str, url: str) -> tuple[float, float]:
    """Print one line; returns how much longer the page takes and how much more work it is."""
    from django.test import Client

    from tests.conftest import BACKEND, pass_second_factor

    client = Client()
    client.force_login(user, backend=BACKEND)
    pass_second_factor(client, user)
    times: dict[bool, list[float]] = {False: [], True: []}
    work = {False: 0.0, True: 0.0}
    for number in range(ROUNDS):
        for is_on in (False, True) if number % 2 else (True, False):
            switch(is_on)
            for _ in range(3):
                ask(client, url)
            before = work_of_both()
            times[is_on] += [ask(client, url) for _ in range(REQUESTS)]
            work[is_on] += work_of_both() - before
    without, with_ = sorted(times[False]), sorted(times[True])
    waited = statistics.median(with_) / statistics.median(without)
    worked = work[True] / work[False]
    print(
        f"{role:16} {url:36} {statistics.median(without):9.1f} {statistics.median(with_):6.1f}"
        f" {without[int(len(without) * 0.95)]:9.1f} {with_[int(len(with_) * 0.95)]:6.1f}"
        f" {waited - 1:+7.1%} {worked - 1:+10.1%}",
        flush=True,
    )
    return waited, worked


def ask(client, url: str) -> float:
    started = time.perf_counter()
    response = client.get(url)
    assert response.status_code == 200, (url, response.status_code)
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    sys.exit(main())
