"""How people come, move, go, and come back."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from members.models import Membership, Person, Transfer, Wave, WaveReply
from members.services import admissions, exits, people, transfers, waves, win_back
from members.services import onboarding as service
from portal.common import clock
from tests.members.arriving.stage import OFFICES, PLACES, Stage
from tests.members.interested import make_application
from tests.security.cells_waves import make_member, order

Reason = Membership.LeftReason
anybody = Stage.people


class Comings(Stage):
    @rule(target=anybody, age=st.integers(0, 400), email=st.booleans())
    def somebody_arrives(self, age, email):
        return self.arrive(age, **({} if email else {"email": ""}))

    @rule(target=anybody, age=st.integers(0, 60))
    def somebody_arrives_from_nowhere(self, age):
        """Nobody knows the Ortsverein yet."""
        name = self.name()
        person = Person.objects.create(
            family_name=f"Zz{name}", given_name=name, email=f"{name}@example.org"
        )
        day = clock.today() - timedelta(days=age)
        Membership.objects.create(person=person, joined_on=day, first_seen_on=clock.today())
        service.start_many([service.Arrival(person, day)])
        return person.pk

    @rule(person=anybody, place=st.sampled_from(PLACES))
    def ortsverein_is_decided(self, person, place):
        found = self.person(person)
        if found.gliederung is None:
            settle = people.settle_in
            self.attempt("decided", lambda: settle(found, self.world.gliederung(place)))

    @rule(target=anybody, days=st.integers(0, 40))
    def somebody_applies(self, days):
        name = self.name()
        gehrden = self.world.gliederung("Gehrden")
        person = make_application(f"Zz{name}", gehrden, days).person
        person.given_name = name
        person.save()
        return person.pk

    @rule(person=anybody, yes=st.sampled_from([True, True, False]), ago=st.integers(0, 5))
    def application_is_decided(self, person, yes, ago):
        membership = self._applied(person)
        if membership and yes:
            day = max(clock.today() - timedelta(days=ago), membership.applied_on)
            admit = admissions.admit
            self.attempt("admitted", lambda: admit(membership, day, self.office("staff")))
        elif membership:
            refuse = admissions.refuse
            self.attempt("not admitted", lambda: refuse(membership, self.office("staff")))

    @rule(person=anybody)
    def decision_is_taken_back(self, person):
        if membership := self._applied(person):
            undo = admissions.undo
            self.attempt("admission undone", lambda: undo(membership, self.office("staff")))

    def _applied(self, person):
        found = Membership.objects.filter(person=person, applied_on__isnull=False)
        return found.order_by("has_ended", "-first_seen_on").first()

    # ——— exits ———

    @rule(
        person=anybody | st.sampled_from(OFFICES),
        reason=st.sampled_from(Reason.values),
        days=st.integers(-3, 20),
    )
    def somebody_leaves(self, person, reason, days):
        found = self.office(person) if isinstance(person, str) else self.person(person)
        day = clock.today() + timedelta(days=min(days, 0) if reason == Reason.DEATH else days)
        record = exits.record_exit
        self.attempt(f"exit {reason}", lambda: record(found, day, reason, self.office("staff")))

    @rule(person=anybody | st.sampled_from(OFFICES))
    def the_exit_was_a_mistake(self, person):
        found = self.office(person) if isinstance(person, str) else self.person(person)
        reverse = exits.reverse_exit
        self.attempt("exit reversed", lambda: reverse(found, self.office("staff")))

    @rule(person=anybody)
    def office_writes_once(self, person):
        left = Membership.objects.filter(person=person, has_ended=True).first()
        if left:
            note, way = win_back.note, Membership.WinBack.WRITTEN
            self.attempt("won back", lambda: note(left, way, self.office("staff")))

    # ——— moves ———

    @rule(person=anybody, place=st.sampled_from(PLACES))
    def somebody_moves(self, person, place):
        found, to, staff = self.person(person), self.world.gliederung(place), self.office("staff")

        def move():
            transfer = transfers.start(found, to, staff, gives=True)
            transfers.take(transfer, staff)
            transfers.complete(transfer, staff)

        self.attempt("moved", move)

    @rule(person=anybody)
    def the_move_was_a_mistake(self, person):
        newest = Transfer.objects.filter(person=person).order_by("-started_at").first()
        if newest:
            undo = transfers.undo
            self.attempt("move undone", lambda: undo(newest, self.office("staff")))

    # ——— members of long ago ———

    @rule(target=anybody)
    def a_member_of_long_ago(self):
        name = self.name()
        gehrden = self.world.gliederung("Gehrden")
        return make_member(f"Zz{name}", gehrden, given_name=name).pk

    @rule(way=st.sampled_from(Wave.Way.values))
    def a_wave_starts(self, way):
        self.moment.shift(timedelta(minutes=1))
        wanted = order(self.world, way=way)
        self.attempt("wave", lambda: waves.start(wanted, self.world.user("staff")))

    @rule()
    def the_wave_is_taken_back(self):
        wave = Wave.objects.order_by("-created_at").first()
        if wave:
            self.attempt("wave undone", lambda: waves.undo(wave, self.office("staff")))

    @rule(person=anybody, answer=st.sampled_from(WaveReply.Answer.values))
    def the_invited_answer(self, person, answer):
        onboarding = self.running(person)
        if onboarding and onboarding.wave_id:
            self.attempt(f"reply {answer}", lambda: waves.reply(onboarding, answer))
