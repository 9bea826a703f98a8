"""What always holds, whatever people did."""

from collections import defaultdict

from django.db import connection
from django.db.models import Exists, F, Min, OuterRef, Q
from hypothesis.stateful import invariant

from members.models import (
    Amt,
    Contact,
    Membership,
    Milestone,
    Onboarding,
    Person,
    Pulse,
    Reminder,
    Step,
)
from members.queries import pulse as pulse_query
from members.queries import reminders
from members.services.welcome import LONGEST_UNDECIDED
from portal.common import clock, ladder
from portal.common.outbox.models import OutgoingMail
from tests.members.arriving.stage import SEEN, Stage

State, Running = Milestone.State, Onboarding.State.RUNNING
# The one message to somebody who has left (B10).
TO_LEAVERS = {"members.win_back"}
# What somebody who wants no contact still gets: it is about themselves, and no invitation.
DUTY = {"members.welcome", "members.digest", "members.last_letter"}
# How many different people one rung names: the caller, then the chair, then the office.
MOST_TOLD = {ladder.ARRIVED: 1, ladder.SOON: 1, ladder.DUE: 2, ladder.LATE: 3}
# Who closed a promise says how.
CLOSED_BY = {
    State.DONE: Contact.Result.REACHED,
    State.UNREACHED: Contact.Result.NOT_REACHED,
    State.VOID: Contact.Result.NO_CONTACT,
}


def _dead():
    return Membership.objects.filter(person=OuterRef("pk"), left_reason="death")


def _live():
    """Not one who leaves today: on that day nobody is a member any more."""
    today = clock.today()
    stays = Q(left_on=None) | Q(left_on__gt=today)
    return Membership.objects.filter(stays, person=OuterRef("pk"), has_ended=False)


class Promises(Stage):
    def work(self, *jobs):
        """What left is looked at on its day: later its reader may have left, too."""
        super().work(*jobs)
        self.nobody_is_reminded_about_the_dead_the_gone_or_who_objects()

    @invariant()
    def a_promise_is_open_or_closed_but_never_both(self):
        for milestone in Milestone.objects.select_related("closed_by"):
            state, by = milestone.state, milestone.closed_by
            assert (milestone.done_on is not None) == (state == State.DONE)
            if by is None:
                kept_by_talk = state == State.DONE and milestone.kind == Step.Kind.CONTACT
                assert not kept_by_talk, "done, but by no talk"
                assert state != State.UNREACHED, "given up, but after no attempt"
            else:
                assert milestone.kind == Step.Kind.CONTACT
                assert by.onboarding_id == milestone.onboarding_id
                assert CLOSED_BY.get(state) == by.result, f"{state} by {by.result}"

    @invariant()
    def who_has_arrived_is_promised_nothing_more(self):
        is_open = Milestone.objects.filter(onboarding=OuterRef("pk"), state=State.OPEN)
        told = Pulse.objects.filter(pulse_query.waits_for_talk(), onboarding=OuterRef("pk"))
        rows = Onboarding.objects.annotate(
            is_open=Exists(is_open),
            told=Exists(told),
            first=Min("milestones__due_on", filter=Q(milestones__state=State.OPEN)),
        )
        for one in rows:
            if one.state == Running:
                assert one.is_open or one.told, "running, but for nothing"
            else:
                assert not one.is_open, f"{one.state}, but something is open"
            assert one.next_due_on == one.first, f"{one.state}: a wrong next date"

    @invariant()
    def who_has_not_arrived_is_waited_for(self):
        """„Nein“, and the Ansprechperson may know: that runs until somebody has talked."""
        told = Pulse.objects.filter(pulse_query.waits_for_talk(), onboarding=OuterRef("pk"))
        newer = Onboarding.objects.filter(
            person=OuterRef("person"), arrived_on__gte=OuterRef("arrived_on")
        )
        over = Onboarding.objects.filter(Exists(told), state=Onboarding.State.FINISHED)
        assert not over.exclude(Exists(newer.exclude(pk=OuterRef("pk")))).exists()

    @invariant()
    def who_arrives_has_a_responsible_person(self):
        if self.beat_is_away:
            return
        active = Amt.objects.active().filter(person=OuterRef("responsible"))
        since = clock.today() - LONGEST_UNDECIDED
        running = Onboarding.objects.running().annotate(holds=Exists(active))
        undecided = Q(person__gliederung=None, arrived_on__gt=since)
        lost = running.filter(Q(responsible=None) & ~undecided)
        assert not lost.exists(), "nobody is responsible"
        assert not running.filter(responsible=F("person")).exists(), "responsible for oneself"
        assert not running.filter(responsible__isnull=False, holds=False).exists(), "no office"

    @invariant()
    def nobody_arrives_who_has_left(self):
        left = Person.objects.filter(~Exists(_live()), memberships__isnull=False)
        running = Onboarding.objects.running().filter(person__in=left)
        assert self.beat_is_away or not running.exists()

    @invariant()
    def nobody_has_one_item_in_two_roles(self):
        """The ladder, as it would be told now: nobody twice, nobody about themselves."""
        told, silent = defaultdict(list), self._silent()
        for recipient, key, step, role, about in self._told():
            assert about not in silent, "about somebody silent"
            gone = silent.get(recipient)
            assert gone is None or not gone.is_gone, "to somebody who has left"
            told[key].append((recipient, step, role))
            assert recipient != about, "reminded of oneself"
        for key, rows in told.items():
            recipients = [recipient for recipient, _, _ in rows]
            assert len(set(recipients)) == len(recipients), f"{key} twice to one person"
            if key.startswith("milestone:"):
                steps = {step for _, step, _ in rows}
                assert len(steps) == 1
                assert len(rows) <= MOST_TOLD[steps.pop()], f"{key} to too many"

    def _told(self):
        statement = reminders.TOLD + (
            "select recipient, key, step, role, o.person_id from told"
            " join members_onboarding o on o.id = onboarding_id"
        )
        with connection.cursor() as cursor:
            cursor.execute(statement, reminders.parameters(clock.today()))
            return cursor.fetchall()

    @invariant()
    def no_more_are_named_than_the_rung_allows(self):
        """What was really written down today, as rows."""
        named = defaultdict(list)
        for row in Reminder.objects.filter(first_told_on=clock.today(), milestone__isnull=False):
            named[row.milestone_id].append(row)
        for rows in named.values():
            assert len(rows) <= MOST_TOLD[max(row.step for row in rows)]

    @invariant()
    def nobody_is_reminded_about_the_dead_the_gone_or_who_objects(self):
        new = list(
            OutgoingMail.objects.filter(state=OutgoingMail.State.SENT).exclude(
                pk__in=self.looked_at
            )
        )
        if not new:
            return
        self.looked_at |= {row.pk for row in new}
        silent = self._silent()
        for row in new:
            to = silent.get(row.recipient_key)
            assert not (to and to.is_dead), f"{row.kind} to somebody who has died"
            if to and to.is_gone:
                assert row.kind in TO_LEAVERS, f"{row.kind} to somebody who has left"
            if to and to.no_contact_since:
                assert row.kind in DUTY, f"{row.kind} to somebody who wants no contact"
            if row.kind == "members.digest":
                self._look_at_digest(row, silent.values())

    def _silent(self):
        """Who must not occur; only people of the machine have names of their own."""
        silent = Person.objects.annotate(
            is_dead=Exists(_dead()),
            is_gone=~Exists(_live()) & Exists(Membership.objects.filter(person=OuterRef("pk"))),
        ).filter(Q(is_dead=True) | Q(is_gone=True) | Q(no_contact_since__isnull=False))
        return {person.pk: person for person in silent}

    def _look_at_digest(self, row, silent):
        """Names of theirs, and addresses of their pages."""
        assert row.body, "a digest without a text"
        SEEN["digests read"] += 1
        for person in silent:
            if not person.given_name.startswith("Vorname"):
                continue
            told = [line for line in row.body.splitlines() if self._tells_of(person, line, row)]
            assert told == [], f"{person.given_name} occurs in a digest"
        pages = Onboarding.objects.filter(person__in=[p.pk for p in silent]).values_list("pk")
        for (pk,) in pages:
            assert str(pk) not in row.body, "a page of somebody silent"

    def _tells_of(self, person, line, row):
        """What is said to somebody, or of the holder of an office, is nobody's arriving."""
        name = person.given_name
        if person.pk == row.recipient_key:
            line = line.removeprefix(f"Hallo {name},")
        if not person.is_gone:  # wants no contact as a newcomer, and looks after others
            line = line.replace(f"Zuständig ist {name}.", "")
        return name in line and not line.startswith("Amt von ")
