"""What those who look after newcomers do, and what newcomers answer."""

import uuid
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from members.models import Absence, Amt, Assignment, Contact, Milestone, Person, Pulse
from members.services import absences, assignments, offices, pulse
from members.services import onboarding as service
from portal.common import clock
from tests.members.arriving.stage import OFFICES, Stage, orders

Kind, Result = Contact.Kind, Contact.Result
STEPS = ("order", "receive", "hand_over", "take_step_back")
officers = st.sampled_from(OFFICES)
people = Stage.people


class Care(Stage):
    # ——— time ———

    @rule(days=st.integers(1, 45), hour=st.sampled_from([8, 8, 8, 13, 22]))
    def days_pass(self, days, hour):
        self.wait(days, hour)
        self.work()

    @rule(days=st.integers(1, 7))
    def days_pass_one_by_one(self, days):
        for _ in range(days):
            self.wait(1)
            self.work()

    @rule(days=st.integers(1, 14))
    def beat_is_gone(self, days):
        self.wait(days)

    @rule(days=st.integers(2, 9), jobs=orders)
    def beat_returns(self, days, jobs):
        self.wait(days)
        self.work(jobs)

    @rule(person=people, late=st.integers(-1, 8))
    def the_next_date_comes(self, person, late):
        onboarding = self.running(person)
        due = onboarding and (onboarding.follow_up_on or onboarding.next_due_on)
        ahead = (due - clock.today()).days + late if due else 1
        self.wait(min(max(ahead, 1), 60))
        self.work()

    # ——— talks ———

    @rule(
        person=people,
        by=officers,
        kind=st.sampled_from(Kind.values),
        result=st.sampled_from(Result.values),
        wait=st.sampled_from([None, None, 0, 7]),
    )
    def somebody_calls(self, person, by, kind, result, wait):
        self.log(person, by, kind, result, wait)

    def log(self, person, by, kind, result, wait=None):
        if onboarding := self.running(person):
            day = None if wait is None else clock.today() + timedelta(days=wait)
            talk = service.Talk(kind, result, uuid.uuid4(), follow_up_on=day)
            log = service.log_contact
            self.attempt(f"talk {result}", lambda: log(onboarding, self.office(by), talk))

    @rule(person=people, days=st.integers(7, 12))
    def nobody_answers(self, person, days):
        for kind in (Kind.CALL, Kind.MESSENGER, Kind.CALL):
            self.log(person, "ansprechperson", kind, Result.NOT_REACHED)
            self.wait(days)
            self.work()

    @rule(person=people)
    def the_last_entry_was_wrong(self, person):
        newest = Contact.objects.filter(onboarding__person=person).order_by("-created_at").first()
        if newest:
            by = self.office("ansprechperson")
            self.attempt("undo", lambda: service.undo_contact(newest, by))

    @rule(person=people, days=st.integers(0, 20))
    def call_is_put_off(self, person, days):
        if onboarding := self.running(person):
            until = clock.today() + timedelta(days=days)
            by = self.office("ansprechperson")
            self.attempt("put off", lambda: service.put_off(onboarding, until, by))

    @rule(person=people)
    def nobody_called(self, person):
        if newest := self.newest(person):
            self.attempt("ask for call", lambda: service.ask_for_call(newest))

    @rule(person=people)
    def wants_contact_again(self, person):
        self.attempt("allow contact", lambda: service.allow_contact(self.person(person)))

    @rule(person=people, step=st.sampled_from(STEPS))
    def parteibuch_goes_on_or_back(self, person, step):
        book = Milestone.objects.filter(onboarding__person=person, kind="handover").last()
        if book:
            by = self.office("ansprechperson")
            what = [book.pk] if step == "order" else book
            self.attempt(f"book {step}", lambda: getattr(service, step)(what, by))

    @rule(person=people, answer=st.sampled_from(Pulse.Answer.values), may=st.booleans())
    def answers_the_pulse(self, person, answer, may):
        asked = Pulse.objects.filter(onboarding__person=person).order_by("-asked_on").first()
        if asked:
            self.attempt("pulse answered", lambda: pulse.answer(asked.pk, answer))
            self.attempt("pulse told", lambda: pulse.tell(asked.pk, may=may))

    # ——— who looks after whom ———

    @rule(person=people)
    def can_somebody_else_call(self, person):
        onboarding = self.running(person)
        if onboarding and onboarding.responsible:
            by = onboarding.responsible
            self.attempt("handed on", lambda: assignments.hand_on(onboarding, by))

    @rule(person=people)
    def takes_it_back(self, person):
        onboarding = self.running(person)
        newest = onboarding and Assignment.objects.live().filter(onboarding=onboarding).first()
        if newest and newest.giver:
            take_back = assignments.take_back
            self.attempt("taken back", lambda: take_back(onboarding, newest.giver))

    @rule(who=officers, days=st.integers(0, 30))
    def somebody_is_away(self, who, days):
        person, first = self.office(who), clock.today() + timedelta(days=days // 10)
        last = clock.today() + timedelta(days=days)
        enter = absences.enter if days else lambda one, *_: absences.this_week(one)
        self.attempt("away", lambda: enter(person, first, last))

    @rule(who=officers)
    def back_again(self, who):
        own = Absence.objects.filter(person=self.office(who), last_day__gte=clock.today())
        if absence := own.first():
            self.attempt("back", lambda: absences.end(absence))

    @rule(who=officers)
    def office_ends(self, who):
        amt = Amt.objects.active().filter(person=self.office(who)).first()
        if amt:
            self.attempt("office ends", lambda: offices.end_now(amt, self.office("staff")))

    @rule(
        kind=st.sampled_from(["ansprechperson", "stellvertretung", "vorsitz"]),
        person=people | st.sampled_from(OFFICES),
        days=st.sampled_from([None, 20]),
    )
    def office_begins(self, kind, person, days):
        """Newcomers take one over, too; some for a short time."""
        found = self.office(person) if isinstance(person, str) else self.person(person)
        today = clock.today()
        ende = today + timedelta(days=days) if days else None
        place = found.gliederung or self.world.gliederung("Gehrden")
        grant = offices.Grant(found, place, kind, today, ende, today, today, replaces=True)
        self.attempt("office begins", lambda: offices.give(grant, self.office("staff")))

    @rule(person=people, has_one=st.booleans())
    def address_changes(self, person, has_one):
        """Whoever has none gets letters, and no digest."""
        email = f"{person}@example.org" if has_one else ""
        Person.objects.filter(pk=person).update(email=email)
