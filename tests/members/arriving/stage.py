"""The stage of the state machine: one Ortsverein, a clock, the daily work."""

from collections import Counter
from datetime import datetime, time, timedelta

import time_machine
from django.db import connection, transaction
from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, multiple

from members import tasks
from members.models import DigestRun, Onboarding, Person
from members.services import offices, welcome
from portal.common import clock, quiet
from portal.common.errors import DomainError
from portal.common.outbox.models import OutgoingMail
from portal.common.outbox.services import drain
from tests.world import World, build_world, make_newcomer

OFFICES = ("ansprechperson", "deputy", "vorsitz")
FAR = ("foreignansprechperson", "coordinator", "bezirk", "staffwithoutmfa")
PLACES = ("Gehrden", "Uetze", "Springe")
JOBS = (tasks.new_day, tasks.send_digests, tasks.ask_pulse, tasks.welcome_undecided)
# Every order in which a beat that was away may start what it missed is as good as another.
orders = st.sampled_from([JOBS, JOBS[::-1], (JOBS[1], JOBS[0], *JOBS[2:])])
# A machine in which nothing is ever sent proves nothing: what happened over all runs.
SEEN: Counter[str] = Counter()


class Stage(RuleBasedStateMachine):
    """Everything happens in one transaction that is rolled back, on a clock that never stands."""

    people = Bundle("people")
    world: World
    travel = block = None

    @initialize(target=people, ages=st.lists(st.integers(1, 150), min_size=1, max_size=3))
    def first_newcomers(self, ages):
        SEEN["runs"] += 1
        self.block = transaction.atomic()
        self.block.__enter__()
        self.world = build_world()
        # Who is far from Gehrden reads on one day of the week: that day comes, too.
        far = Person.objects.filter(family_name__in=[f"Zz{role}" for role in FAR])
        far.update(digest_day="2")
        start = datetime.combine(clock.today(), time(8), quiet.BERLIN)
        self.travel = time_machine.travel(start, tick=False)
        self.moment = self.travel.start()
        self.count = 0
        self.beat_is_away = False
        self.looked_at = set(OutgoingMail.objects.values_list("pk", flat=True))
        return multiple(*(self.arrive(age) for age in ages))

    def teardown(self):
        if self.travel:
            self.travel.stop()
        if self.block:
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

    def name(self):
        """A given name that stands nowhere but in what is about this person."""
        self.count += 1
        return f"Vorname{self.count:03d}x"

    def arrive(self, age, place="Gehrden", **values):
        name = self.name()
        gliederung = self.world.gliederung(place)
        arrival = make_newcomer(f"Zz{name}", gliederung, days=age, given_name=name, **values)
        welcome.queue_welcomes([arrival])
        return arrival.person_id

    def attempt(self, what, work):
        """What is refused in words is fine; anything else fails the run."""
        SEEN["steps"] += 1
        self.moment.shift(timedelta(minutes=1))
        try:
            with transaction.atomic():
                done = work()
        except DomainError:
            return None
        SEEN[what] += 1
        return done

    def wait(self, days, hour=8):
        """Let days pass in which nothing works but the clock."""
        day = clock.today() + timedelta(days=days)
        self.moment.move_to(datetime.combine(day, time(hour), quiet.BERLIN))
        self.beat_is_away = True

    def work(self, jobs=JOBS):
        """What beat starts in a day, and the mails of it; staff lengthen their offices in time."""
        for office, other in (("staff", "staff_without_mfa"), ("staff_without_mfa", "staff")):
            amt = self.world.person(office).aemter.get()
            offices.renew(amt, self.world.person(other))
        before = DigestRun.objects.count()
        for job in jobs:
            job()
            with connection.cursor() as cursor:  # the digests set it until their transaction ends
                cursor.execute("set local enable_nestloop = on")
        drain()
        self.beat_is_away = False
        self._keeps_quiet(DigestRun.objects.count() - before)

    def _keeps_quiet(self, runs):
        now, today = clock.now(), clock.today()
        sent = OutgoingMail.objects.filter(kind="members.digest", sent_at=now).count()
        if quiet.next_allowed(now) > now:
            SEEN["quiet"] += 1
            assert (runs, sent) == (0, 0), "a digest at a quiet time"
        else:
            assert DigestRun.objects.filter(day=today).count() == 1
            SEEN["days of work"] += 1
        for kind in OutgoingMail.objects.filter(sent_at=now).values_list("kind", flat=True):
            SEEN[kind] += 1
            event(kind)

    def running(self, person):
        return Onboarding.objects.running().filter(person=person).first()

    def newest(self, person):
        return Onboarding.objects.filter(person=person).order_by("-arrived_on", "-pk").first()

    def person(self, pk):
        return Person.objects.get(pk=pk)

    def office(self, role):
        return self.world.person(role)
