"""Redis frozen, stopped or flushed, Postgres restarted or cut off: pages answer, nothing is lost.

Real gunicorn, workers and beat from docker-compose.yml. `make load` runs the same with more.
Seen red: without time limits for Redis (pages hang), without CONN_HEALTH_CHECKS (503 for the first
click after a restart), without the 503 answer in `portal.dashboards.errors`.
"""

import os
import threading
import time

import pytest
import redis
from django.db import connection
from django.urls import reverse

from members.models import Contact, ImportRun, MatchingRun, Mentor, Onboarding, Person
from portal.common import clock
from portal.common.health import QUEUES
from portal.common.jobs import enqueue
from portal.common.local import mailbox
from portal.common.models import Heartbeat, OutgoingMail
from portal.common.scope import scope
from tests.faults.mailing import Beat
from tests.production.stack import stack
from tests.production.visitor import visitor
from tests.services import services

LOAD = bool(os.environ.get("PORTAL_LOAD"))
MAILS = 500 if LOAD else 40
REQUESTS = 500 if LOAD else 100
VISITORS = 4
# However long the fault lasts, each goes on until so many talks were acknowledged.
ENOUGH = 4
PAGES = {
    "ansprechperson": ["/", "/heute/", "/neumitglieder/", "/ich/", "/hilfe/", "/start/"],
    "staff": ["/uebersicht/", "/neumitglieder/", "/personen/", "/import/", "/zuordnen/"],
}


NAMES = {
    "web": ("web",),
    "mail": ("mail-one", "mail-two"),
    "worker": ("worker-one", "worker-two"),
    "beat": ("beat-one", "beat-two"),
}


def server_logs():
    return [path for path in (services().root / "log").glob("*.log") if path.stem != "manage"]


@pytest.fixture(scope="module")
def running(django_db_setup, tmp_path_factory):
    """Two of everything (gunicorn has two processes), for all tests of this file."""
    if services().postgres is None or services().valkey is None:
        pytest.skip("other servers were given; only ours may be stopped")
    env = {"SECRET_KEY": os.environ["SECRET_KEY"], "WELCOME_HOLD_MINUTES": "0"}
    with stack(tmp_path_factory.mktemp("house"), **env) as made:
        for service, names in NAMES.items():
            for name in names:
                made.start(service, name)
        made.wait_ready()
        made.begins = {path: path.stat().st_size for path in server_logs()}
        yield made


@pytest.fixture
def house(running, mailing):
    """The same processes must still be there at the end: nothing needs a restart by hand."""
    pids = {name: process.pid for name, process in running.running.items()}
    yield running
    assert {n: p.pid for n, p in running.running.items() if p.poll() is None} == pids


def test_two_of_everything_double_no_mail_and_lose_no_task(house, mailing):
    """Requests, mails and a job that two beats announce, all at once."""
    count = 500 if LOAD else 100
    queued = mailing.queue(count)
    onboardings = Onboarding.objects.filter(person__family_name__startswith="Post")[:20]
    Mentor.objects.all().delete()  # the run is what counts, not who is told about a proposal
    load = Load(house, mailing.world, [each.pk for each in onboardings], REQUESTS)

    load.start()
    for _ in range(2):
        enqueue("members.nightly_matching")
    load.join()

    beat = Beat()
    assert beat.until(mailing.is_settled, 0.2), (mailing.states(), house.logs()[-3000:])
    assert mailing.counts() == dict.fromkeys(queued, 1)
    assert mailing.states() == {"sent": count}
    assert load.statuses() == {200, 302}
    assert set(Contact.objects.values_list("submit_token", flat=True)) == set(load.kept)
    done = MatchingRun.objects.exclude(state__in=["queued", "running"])
    assert beat.until(lambda: done.count() == 1, 0.2)
    assert MatchingRun.objects.count() == 1
    assert beat.until(lambda: Heartbeat.objects.filter(name__in=QUEUES).count() == 2, 0.2)
    assert house.run("manage.py", "health", "--queue", "mail").returncode == 0


@pytest.fixture(params=["freeze", "stop", "flush"])
def broken_redis(request):
    """Break it now; returns what mends it."""
    valkey = services().valkey

    def act():
        if request.param == "flush":
            redis.Redis.from_url(os.environ["REDIS_URL"]).flushall()
        else:
            getattr(valkey, request.param)()

    def mend():
        valkey.thaw()
        valkey.start()

    yield act, mend
    mend()


def csv() -> bytes:
    joined = f"{clock.today():%d.%m.%Y}"
    return (
        "Mitgliedsnummer;Nachname;E-Mail;Eintrittsdatum;Ortsverein\n"
        f"77001;Zzausfall;zzausfall@example.org;{joined};Gehrden\n"
    ).encode()


def imported() -> bool:
    return Person.objects.filter(family_name="Zzausfall").exists()


def test_with_a_broken_redis_pages_answer_talks_are_kept_and_mails_leave_later(
    house, mailing, broken_redis
):
    contact, staff = (visitor(house, mailing.world, role) for role in PAGES)
    onboarding = mailing.world.onboarding("newcomer").pk
    breaks, mend = broken_redis
    breaks()

    answers = {path: contact.get(path)[0] for path in PAGES["ansprechperson"]}
    answers |= {path: staff.get(path)[0] for path in PAGES["staff"]}
    answers["/healthz"] = staff.get("/healthz")[0]
    token = contact.log_talk(onboarding)
    uploaded = staff.upload("/import/", "file", csv())
    run = ImportRun.objects.latest("created_at")
    applied = staff.post(
        reverse("members:import_apply", args=[run.pk]),
        reverse("members:import_run", args=[run.pk]),
    )
    queued = mailing.queue(MAILS)  # includes the imported newcomer's welcome, if it is there yet
    mend()

    assert {path: code for path, code in answers.items() if code not in (200, 302)} == {}
    assert max(contact.slowest, staff.slowest) < 3.0
    assert Contact.objects.filter(submit_token=token).count() == 1
    assert (uploaded, applied) == (302, 302)
    # `make load` waits for the minute of the real beat.
    beat = Beat() if LOAD else Beat("members.restart_imports")
    assert beat.until(imported, 0.2)
    assert beat.until(mailing.is_settled, 0.2), (mailing.states(), house.logs()[-3000:])
    counts = mailing.counts()
    assert set(counts) >= queued
    assert set(counts.values()) == {1}
    assert set(mailing.states()) == {"sent"}


@pytest.fixture(params=["stop", "slow:2", "reject-4xx"])
def broken_smtp(request, mailing):
    """Break it now; returns what mends it."""
    sink = services().sink

    def act():
        if request.param == "stop":
            sink.stop()
        else:
            mailbox.set_mode(sink.directory, request.param)

    def mend():
        mailbox.set_mode(sink.directory, "ok")
        sink.start()

    yield act, mend
    mend()


def test_with_a_broken_mail_server_pages_answer_and_mails_leave_later(house, mailing, broken_smtp):
    contact = visitor(house, mailing.world, "ansprechperson")
    breaks, mend = broken_smtp
    breaks()
    queued = mailing.queue(MAILS // 4)
    beat = Beat()
    beat.tick()

    codes = {contact.get(path)[0] for path in PAGES["ansprechperson"] * 2}
    assert contact.log_talk(mailing.world.onboarding("newcomer").pk)
    mend()

    assert (codes <= {200, 302}, contact.slowest < 3.0) == (True, True)

    assert beat.until(all_left(mailing), 0.5), (mailing.states(), house.logs()[-3000:])
    assert mailing.counts() == dict.fromkeys(queued, 1)


class Load:
    """Several people log talks at once and remember what the portal acknowledged."""

    def __init__(self, house, world, onboardings, requests):
        self.visitors = [visitor(house, world, "ansprechperson") for _ in range(VISITORS)]
        self.kept: list = []
        self.threads = [
            threading.Thread(target=self._work, args=[each, onboardings, requests // VISITORS])
            for each in self.visitors
        ]

    def _work(self, each, onboardings, requests):
        kept = 0
        for number in range(requests * 2):  # each talk is two requests
            if number >= requests // 2 and kept >= ENOUGH:
                break
            token = each.log_talk(onboardings[number % len(onboardings)])
            if token:
                kept += 1
                self.kept.append(token)

    def start(self):
        for thread in self.threads:
            thread.start()

    def join(self):
        for thread in self.threads:
            thread.join()

    def statuses(self):
        return {code for each in self.visitors for code in each.statuses}

    def slowest(self):
        return max(each.slowest for each in self.visitors)


def restart():
    """As `pg_ctl restart -m fast`."""
    services().postgres.stop()
    services().postgres.start()


def all_left(mailing):
    """A mail whose text could not be made waits a minute, and may find that out at any moment."""

    def hurried() -> bool:
        waiting = OutgoingMail.objects.filter(state=OutgoingMail.State.QUEUED)
        waiting.update(not_before=clock.now())
        return mailing.is_settled()

    return hurried


def cut():
    """Every connection at once, as a firewall or an administrator does."""
    with services().postgres.connect() as opened, opened.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where backend_type = 'client backend' and pid <> pg_backend_pid()"
        )


@pytest.mark.logs_errors
@pytest.mark.parametrize("fault", [restart, cut], ids=["restart", "cut"])
def test_postgres_goes_away_under_load_and_nothing_acknowledged_is_missing(house, mailing, fault):
    world = mailing.world
    queued = mailing.queue(MAILS)
    onboardings = list(Onboarding.objects.filter(person__family_name__startswith="Post"))[:20]
    load = Load(house, world, [each.pk for each in onboardings], REQUESTS)
    connection.close()

    load.start()
    for _ in range(3 if LOAD else 2):
        time.sleep(0.7)
        fault()
    back = time.monotonic()
    house.wait_ready(10)
    back = time.monotonic() - back
    load.join()

    connection.close()
    with scope("system:test"):
        found = set(Contact.objects.values_list("submit_token", flat=True))
    assert set(load.kept) - found == set()
    assert len(load.kept) > 10
    # 403: a form whose page was the 503 has no token. 0: the server hung up.
    assert load.statuses() <= {200, 302, 403, 503}
    assert load.slowest() < 10
    assert back < 10
    beat = Beat()
    assert beat.until(all_left(mailing), 0.2), (mailing.states(), house.logs()[-3000:])
    assert mailing.counts() == dict.fromkeys(queued, 1)


def test_without_postgres_the_answer_is_a_calm_503_and_healthz_says_not_ready(house, mailing):
    contact = visitor(house, mailing.world, "ansprechperson")
    assert contact.get("/heute/")[0] == 200
    connection.close()
    services().postgres.stop()
    try:
        status, body = contact.get("/heute/")
        health = house.get("/healthz")
        help_page, _ = contact.get("/hilfe/")
        slowest = contact.slowest
    finally:
        services().postgres.start()

    assert (status, "Wir sind gleich wieder da" in body.decode()) == (503, True)
    assert health == (503, b"nicht bereit")
    assert help_page == 503
    assert slowest < 3
    # Restarted while nobody clicked: each process, connected before, finds out in time.
    assert {contact.get("/heute/")[0] for _ in range(8)} == {200}
    restart()
    assert {contact.get("/heute/")[0] for _ in range(8)} == {200}
    assert "portal_app" not in house.logs()


# Surnames and addresses of everybody above, and the addresses of pages about them.
MARKS = ("Zz", "Post0", "example.org", "/neumitglieder/", "192.0.2.7", "Traceback")


def test_no_log_of_all_this_names_anybody(house):
    """T27 on the real processes, after every fault above; last, so that there is much to read."""
    ours = [line for line in house.logs().splitlines() if line]
    lines = list(ours)
    for path in server_logs():
        lines += path.read_bytes()[house.begins.get(path, 0) :].decode().splitlines()

    assert len(ours) > 20
    assert [line for line in lines for mark in MARKS if mark in line] == []
    strange = [line for line in ours if not line.startswith('{"at": ')]
    assert strange == []
