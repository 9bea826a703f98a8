"""Queue many welcomes, run real workers over them, count what arrived."""

import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from django.db.models import Count

from members.models import Membership, Person
from members.services import onboarding
from members.services.welcome import queue_welcomes
from members.sorting import sort_name
from portal.common import clock
from portal.common.jobs import enqueue
from portal.common.local import mailbox
from portal.common.local.project import Project
from portal.common.local.supervisor import child_commands
from portal.common.outbox.models import OutgoingMail
from tests.world import World

PATIENCE = 60.0
State = OutgoingMail.State


@dataclass(frozen=True)
class Mailing:
    world: World
    sink: Path

    def queue(self, count: int) -> set[str]:
        """Queue welcomes for so many newcomers; returns their Message-IDs."""
        people = self._people(count)
        joined_on = clock.today() - timedelta(days=20)
        queue_welcomes(onboarding.start_many([onboarding.Arrival(p, joined_on) for p in people]))
        return set(OutgoingMail.objects.values_list("message_id", flat=True))

    def _people(self, count: int) -> list[Person]:
        place = self.world.gliederung("Gehrden")
        people = [
            Person(
                given_name="Kim",
                family_name=f"Post{number:04}",
                sort_name=sort_name(f"Post{number:04}", "Kim"),
                email=f"post{number:04}@example.org",
                gliederung=place,
            )
            for number in range(count)
        ]
        Person.objects.bulk_create(people)
        today = clock.today()
        Membership.objects.bulk_create(
            Membership(
                person=person,
                number=f"P-{person.family_name}",
                kind=Membership.Kind.MEMBER,
                joined_on=today,
                first_seen_on=today,
            )
            for person in people
        )
        return people

    def arrived(self) -> int:
        """Cheap enough to be asked a thousand times a second."""
        with os.scandir(self.sink) as entries:
            return sum(1 for entry in entries if entry.name.endswith(".eml"))

    def counts(self) -> Counter[str]:
        return mailbox.count_by_message_id(self.sink)

    def states(self) -> dict[str, int]:
        rows = OutgoingMail.objects.order_by().values_list("state")
        return dict(rows.annotate(count=Count("pk")))

    def is_settled(self) -> bool:
        return not OutgoingMail.objects.filter(state__in=[State.QUEUED, State.SENDING]).exists()


class Beat:
    """Celery's beat, but every second: the mail worker hears again that there is work."""

    def __init__(self, *more: str) -> None:
        self.tasks = ("portal.common.drain_outbox", *more)
        self.next = 0.0

    def tick(self) -> None:
        if time.monotonic() >= self.next:
            for task in self.tasks:
                enqueue(task)
            self.next = time.monotonic() + 1.0

    def until(self, happened: Callable[[], bool], pause: float) -> bool:
        """Tick until it has happened; False when patience has run out first."""
        deadline = time.monotonic() + PATIENCE
        while not happened():
            if time.monotonic() > deadline:
                return False
            self.tick()
            time.sleep(pause)
        return True


@dataclass
class Workers:
    """Workers as the supervisor starts them, each in a process group of its own."""

    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(
        self, name: str = "mail", queues: str = "mail", **env: str
    ) -> subprocess.Popen[bytes]:
        command = [
            {"mail@%h": f"{name}@%h", "mail": queues}.get(part, part)
            for part in [
                *child_commands(Project(), 0)["mail"],
                "--without-mingle",
                "--without-gossip",
            ]
        ]
        worker = subprocess.Popen(
            command,
            env=self._environment(env),
            cwd=Project().path,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.running.append(worker)
        return worker

    def _environment(self, changes: Mapping[str, str]) -> dict[str, str]:
        return dict(os.environ) | {"OUTBOX_LEASE_SECONDS": "2"} | dict(changes)

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        """The whole group at once, as the kernel does it when memory runs out."""
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        self.running.remove(worker)

    def kill_all(self) -> None:
        for worker in list(self.running):
            self.kill(worker)
