"""The whole country through the database: read, match, store; in one process and by regions."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from benchmarks.__main__ import collect_statistics
from benchmarks.daily import backend_pid, cpu_seconds, peak_mb
from benchmarks.house import house
from benchmarks.matching_instances import PLACES, TOPICS, country

ROOT = Path(__file__).resolve().parent.parent
REGIONS, REGION = 641, (156, 62)
GOAL_SECONDS, GOAL_MB = 15, 400
PATIENCE = 300


def main() -> int:
    with house("bench-matching-stored", "ERROR"):
        from portal.common.scope import scope

        with scope("system:bench"):
            stage()
        collect_statistics()
        one, row = in_one_process()
        print(
            f"{row['newcomers']} × {row['mentors']} aus der Datenbank in sie zurück: "
            f"{row['seconds']:.1f} s (Ziel {GOAL_SECONDS}), davon {row['python']:.1f} s Python und "
            f"{row['database']:.1f} s Datenbank; höchstens {row['peak_mb']:.0f} MB (Ziel {GOAL_MB})"
        )
        other, seconds = by_regions()
        with scope("system:bench"):
            same = fingerprint(one) == fingerprint(other)
        print(f"Als Aufgaben je Region, zwei Prozesse: {seconds:.1f} s, gleich: {same}")
        return int(not same or row["seconds"] > GOAL_SECONDS or row["peak_mb"] > GOAL_MB)


def stage() -> None:
    """The people of the other measurement, each with topics, membership and arrival."""
    from members.models import (
        Gliederung,
        Kommune,
        Level,
        Membership,
        Mentor,
        MilestoneTemplate,
        Onboarding,
        Person,
        Topic,
    )
    from members.services import reference
    from portal.common import clock

    reference.load_reference()
    today, template = clock.today(), MilestoneTemplate.objects.first()
    topics = [Topic.objects.get_or_create(code=code, defaults={"name": code})[0] for code in TOPICS]
    topic_of = {topic.code: topic.pk for topic in topics}
    level = Level.objects.create(name="Region", short="R", position=1, mentors_stay=True)
    leaf = Level.objects.create(name="Ort", short="O", position=2, takes_members=True)
    for number, (newcomers, mentors) in enumerate(country(REGIONS, *REGION, seed=0)):
        head = Gliederung(name=f"R{number:05}", level=level)
        head.path = head.path_below(None)
        head.save()
        nodes = [Gliederung(name=f"g{at}", level=leaf, parent=head) for at in range(PLACES)]
        for node in nodes:
            node.path = node.path_below(head)
        Gliederung.objects.bulk_create(nodes)
        towns = Kommune.objects.bulk_create(
            Kommune(
                ags=f"{number:06}{at:02}", name=f"k{at}", short_name=f"k{at}", population=10_000
            )
            for at in range(PLACES // 2)
        )
        for at, town in enumerate(towns[:-1]):
            town.neighbours.add(towns[at + 1])
        people = [*newcomers, *mentors]
        Person.objects.bulk_create(
            Person(
                pk=one.id,
                given_name="Kim",
                family_name=f"Name{one.id.hex[:8]}",
                sort_name=one.id.hex[:8],
                email=f"{one.id.hex}@example.org",
                gliederung=nodes[int(one.gliederung[1:])],
                kommune=towns[int(one.kommune[1:])],
                languages=sorted(one.languages),
                availability=sorted(one.slots),
                adult_on=today + timedelta(days=300 if getattr(one, "is_minor", False) else -300),
            )
            for one in people
        )
        choices = Person.topics.through
        choices.objects.bulk_create(
            choices(person_id=one.id, topic_id=topic_of[code])
            for one in people
            for code in one.topics
        )
        Membership.objects.bulk_create(
            Membership(
                person_id=one.id,
                number=one.id.hex,
                kind=Membership.Kind.MEMBER,
                joined_on=today,
                first_seen_on=today,
            )
            for one in people
        )
        Onboarding.objects.bulk_create(
            Onboarding(
                person_id=one.id,
                template=template,
                started_on=today - timedelta(days=one.waiting_days),
                arrived_on=today,
            )
            for one in newcomers
        )
        Mentor.objects.bulk_create(
            Mentor(
                person_id=one.id,
                capacity=one.capacity,
                accepts_minors=one.accepts_minors,
                prepared_on=today,
                active_from=today,
            )
            for one in mentors
        )


def in_one_process() -> tuple[str, dict]:
    """In a process of its own, so that its peak of memory is its own."""
    command = [sys.executable, "-m", "benchmarks.matching_stored", "measure"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    row = json.loads(done.stdout)
    return row["run"], row


def measure() -> None:
    import django

    django.setup()
    from members.services import mentoring
    from members.services.matching_world import names_of, regions
    from portal.common.scope import scope

    with scope("system:bench"):
        run = mentoring.request_run(None, preview=True)
    backend = backend_pid()
    wall, own, theirs = time.perf_counter(), time.process_time(), cpu_seconds(backend)
    with scope("system:bench"):
        run.parts_left = names_of(regions())
        run.save()
        run = mentoring.match_regions(run.pk, run.parts_left)
    row = {
        "run": str(run.pk),
        "newcomers": run.newcomers,
        "mentors": run.mentors,
        "seconds": time.perf_counter() - wall,
        "python": time.process_time() - own,
        "database": cpu_seconds(backend) - theirs,
        "peak_mb": peak_mb(),
    }
    json.dump(row, sys.stdout)


def by_regions() -> tuple[str, float]:
    """The same by a real worker with two processes, from the order to the last region."""
    from members.models import MatchingRun
    from members.services import mentoring
    from portal.common.scope import scope

    with worker():
        time.sleep(10)  # its processes are up
        started = time.perf_counter()
        with scope("system:bench"):
            run = mentoring.request_run(None, preview=True)
        while time.perf_counter() - started < PATIENCE:
            with scope("system:bench"):
                run.refresh_from_db()
            if run.state == MatchingRun.State.PREVIEW:
                return str(run.pk), time.perf_counter() - started
            time.sleep(0.2)
    raise SystemExit(f"nicht fertig: {run.state}, {len(run.parts_left)} Regionen fehlen")


@contextmanager
def worker() -> Iterator[None]:
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "portal", "worker"]
    options = ["-Q", "heavy", "-c", "2", "-n", "matching@%h", "--loglevel", "ERROR"]
    process = subprocess.Popen([*command, *options], cwd=ROOT, env=os.environ)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def fingerprint(run: str) -> str:
    """What was stored for everybody, whatever the ids of its rows."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "select md5(string_agg(concat_ws('|', onboarding_id, mentor_id, second_id, score, "
            "parts, explanation, reason_code), ',' order by onboarding_id)) "
            "from members_matchproposal where run_id = %s",
            [run],
        )
        return str(cursor.fetchone()[0])


if __name__ == "__main__":
    if sys.argv[1:]:
        measure()
    else:
        sys.exit(main())
