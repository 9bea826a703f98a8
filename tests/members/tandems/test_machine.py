"""Months of a mentor programme at random: nobody is named too early, and never after a block.

`make fuzz` runs it longest (T24: 2,000 runs of 30 steps).
"""

import os
from collections import Counter
from datetime import datetime, time, timedelta
from functools import partial

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from members.models import (
    Mentor,
    Onboarding,
    Tandem,
    TandemReport,
    User,
)
from members.services import (
    mentoring,
    mentors,
    tandem_answers,
    tandem_days,
    tandem_pairs,
    tandems,
)
from portal.common import clock, quiet
from portal.common.errors import DomainError
from portal.common.outbox.models import OutgoingMail
from portal.common.outbox.services import drain
from tests.conftest import BACKEND
from tests.members.tandem_people import MONDAY
from tests.world import build_world, make_mentor, make_newcomer, make_user

RUNS = int(os.environ.get("TANDEM_RUNS", "6"))
STEPS = 30
State, Outcome = Tandem.State, Tandem.Outcome
SEEN: Counter[str] = Counter()
NEWCOMERS = st.integers(0, 3)
MENTORS = st.integers(0, 2)


@pytest.fixture(autouse=True)
def day():
    """The machine moves the clock itself."""


class Programme(RuleBasedStateMachine):
    """Four newcomers (one under age), three mentors, the coordinator, the nights."""

    travel = block = None

    @initialize()
    def open(self):
        SEEN["runs"] += 1
        self.block = transaction.atomic()
        self.block.__enter__()
        self.world = build_world()
        start = datetime.combine(MONDAY, time(9), quiet.BERLIN)
        self.travel = time_machine.travel(start, tick=False)
        self.moment = self.travel.start()
        Onboarding.objects.all().delete()
        Mentor.objects.all().delete()
        gehrden = self.world.gliederung("Gehrden")
        self.newcomers = [
            make_newcomer(
                f"Zzn{at}",
                gehrden,
                given_name=f"Qneu{at}q",
                mobile=f"0151 000{at}",
                adult_on=MONDAY + timedelta(days=400) if at == 3 else None,
            ).person
            for at in range(4)
        ]
        self.mentors = [
            make_mentor(f"Zzm{at}", gehrden, accepts_minors=at < 2, capacity=1 + at % 2)
            for at in range(3)
        ]
        for at, one in enumerate(self.mentors):
            one.person.given_name, one.person.mobile = f"Qmen{at}q", f"0152 000{at}"
            one.person.save(update_fields=["given_name", "mobile"])
        self.people = [*self.newcomers, *(one.person for one in self.mentors)]
        for person in self.people:
            make_user(person, second_factor=False)
        # Everybody who was ever allowed to know of whom; and blocked pairs.
        self.may_know, self.parted = set(), set()
        self.run_matching()
        self.unseen = [*self.people]

    def teardown(self):
        if self.travel:
            self.travel.stop()
        if self.block:
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

    def attempt(self, what, work):
        SEEN["steps"] += 1
        self.moment.shift(timedelta(minutes=1))
        try:
            with transaction.atomic():
                work()
        except DomainError:
            return
        SEEN[what] += 1
        self.changed()

    def changed(self):
        """Who was looked at longest ago comes first."""
        self.unseen += [person for person in self.people if person not in self.unseen]

    def run_matching(self):
        mentoring.run_matching(mentoring.request_run(None, preview=False).pk)

    @rule(at=NEWCOMERS, value=st.sampled_from(["ja", "ja", "ja", "nein"]))
    def newcomer_answers(self, at, value):
        person = self.newcomers[at]
        self.attempt(
            f"newcomer {value}", lambda: tandem_answers.answer_proposal(person, value, person)
        )

    @rule(at=MENTORS, value=st.sampled_from(["ja", "ja", "ja", "nein"]))
    def mentor_answers(self, at, value):
        person = self.mentors[at].person
        self.attempt(
            f"mentor {value}", lambda: tandem_answers.answer_as_mentor(person, value, person)
        )

    @rule(at=NEWCOMERS)
    def everybody_agrees(self, at):
        """By itself too rare to happen often."""
        person = self.newcomers[at]
        self.newcomer_answers(at, "ja")
        for found in Tandem.objects.filter(newcomer=person, state=State.ASKED):
            for one in found.mentors:
                answer = partial(tandems.answer, found.pk, one, yes=True, by=one)
                self.attempt("mentor ja", answer)

    @rule(at=NEWCOMERS)
    def they_agree_and_meet(self, at):
        self.everybody_agrees(at)
        self.they_met(at, 0)

    @rule()
    def parents_agree(self):
        contact = self.world.person("ansprechperson")
        self.attempt(
            "parents", lambda: tandems.guardian_agrees(self.newcomers[3], clock.today(), contact)
        )

    @rule(at=st.integers(0, 6), days=st.integers(0, 3))
    def they_met(self, at, days):
        person = self.people[at]
        for found in tandem_answers.active_of(person)[:1]:
            day = clock.today() - timedelta(days=days)
            self.attempt(
                "met", lambda pk=found.pk, day=day: tandems.note_meeting(pk, day, "call", person)
            )

    @rule(at=st.integers(0, 6))
    def somebody_leaves(self, at):
        person = self.people[at]
        for found in tandem_answers.active_of(person)[:1]:
            self.attempt("left", lambda found=found: tandems.leave(found.pk, person, person))

    @rule(at=st.integers(0, 6), text=st.sampled_from([None, "", "Qgeheimq"]))
    def somebody_blocks(self, at, text):
        person = self.people[at]
        for found in tandem_answers.active_of(person)[:1]:
            self.attempt("blocked", lambda found=found: tandems.block(found.pk, person, text))
            for mentor in found.mentors:
                self.parted.add((found.newcomer_id, mentor.pk))

    @rule(at=st.integers(0, 6))
    def they_close(self, at):
        person = self.people[at]
        for found in tandem_answers.active_of(person)[:1]:
            self.attempt("completed", lambda found=found: tandems.complete(found.pk, person))

    @rule(at=MENTORS, rests=st.booleans())
    def mentor_rests(self, at, rests):
        self.attempt("rest", lambda: mentors.pause(self.mentors[at], rests=rests))

    @rule(at=MENTORS)
    def protection_ends(self, at):
        by, one = self.world.person("coordinator"), self.mentors[at]
        self.attempt(
            "prepared",
            lambda: mentors.prepare(one, by, on=MONDAY, minors=False, until=None),
        )

    @rule(days=st.sampled_from([1, 1, 7, 15, 46, 100]))
    def nights_pass(self, days):
        day = clock.today() + timedelta(days=days)
        self.moment.move_to(datetime.combine(day, time(9), quiet.BERLIN))
        SEEN["nights"] += 1
        tandem_days.new_day()
        self.run_matching()
        drain()
        self.changed()

    @invariant()
    def nobody_has_more_than_agreed(self):
        if not self.block:
            return
        taken = tandem_pairs.places_taken()
        for one in Mentor.objects.filter(pk__in=[one.pk for one in self.mentors]):
            assert taken[one.person_id] <= one.capacity

    @invariant()
    def nobody_under_age_is_alone_with_one_mentor(self):
        if not self.block:
            return
        young = Tandem.objects.active().filter(newcomer__adult_on__gt=clock.today())
        for found in young.select_related("newcomer"):
            assert found.second_id
            assert not tandem_pairs.waits_for_guardian(found)

    @invariant()
    def what_is_blocked_stays_apart(self):
        if not self.block:
            return
        again = Tandem.objects.exclude(outcome=Outcome.BLOCKED)
        for newcomer, mentor in self.parted:
            later = again.filter(newcomer=newcomer, state__in=[State.ASKED, State.ACTIVE])
            assert not later.filter(mentor=mentor).exists()
            assert not later.filter(second=mentor).exists()

    @invariant()
    def names_are_where_two_yeses_are(self):
        """Every page of two people in turn, until all were seen since the last change."""
        if not self.block:
            return
        known = {(found.newcomer_id, one.pk) for found in self._shown() for one in found.mentors}
        self.may_know |= known | {(b, a) for a, b in known}
        for person in [self.unseen.pop(0) for _ in self.unseen[:2]]:
            text = self._pages(person)
            for other in self.people:
                if other == person or self._knows(person, other):
                    continue
                assert other.given_name not in text, f"{other} on a page of {person}"
                assert other.mobile not in text
            assert "Qgeheimq" not in text

    def _shown(self):
        since = clock.today() - timedelta(days=60)
        active = Tandem.objects.active()
        closed = Tandem.objects.filter(outcome=Outcome.COMPLETED, ended_on__gte=since)
        return [*active, *closed]

    def _knows(self, person, other):
        known = {(found.newcomer_id, one.pk) for found in self._shown() for one in found.mentors}
        return (person.pk, other.pk) in known or (other.pk, person.pk) in known

    def _pages(self, person):
        client = Client()
        client.force_login(User.objects.get(person=person), backend=BACKEND)
        pages = ["/start/"] + (["/meine-tandems/"] if person not in self.newcomers else [])
        pages += [f"/tandem/{pk}/" for pk in Tandem.objects.values_list("pk", flat=True)]
        return "".join(client.get(page).content.decode() for page in pages)

    @invariant()
    def mails_name_only_who_was_allowed_then(self):
        if not self.block:
            return
        names = {one.given_name: one.pk for one in self.people}
        for mail in OutgoingMail.objects.filter(state="sent").exclude(body=""):
            for name, pk in names.items():
                if name in mail.body and pk != mail.recipient_key:
                    assert (mail.recipient_key, pk) in self.may_know, mail.kind

    @invariant()
    def reports_are_read_by_nobody_near(self):
        if not self.block:
            return
        for role in ("ansprechperson", "vorsitz", "coordinator"):
            assert not TandemReport.objects.told_to(self.world.user(role)).exists()


@pytest.mark.django_db
def test_months_of_a_programme(world, settings_of_mail):
    SEEN.clear()
    run_state_machine_as_test(
        Programme,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(f"\n{dict(sorted(SEEN.items()))}")
    needed = ["newcomer ja", "nights"]
    rare = ["newcomer nein", "mentor ja", "mentor nein", "met", "blocked", "left", "completed"]
    rare += ["parents", "rest"]
    wanted = needed + rare if RUNS >= 20 else needed
    assert [kind for kind in wanted if not SEEN[kind]] == []


@pytest.fixture
def settings_of_mail(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
