"""Whom a wave finds, what it starts, how it is taken back."""

import contextlib
import uuid
from datetime import timedelta

import pytest
import time_machine

from members.models import (
    Contact,
    Membership,
    MilestoneTemplate,
    Onboarding,
    Person,
    Wave,
)
from members.queries import newcomers
from members.queries import waves as query
from members.queries.calls import heute
from members.services import exits, people, waves
from members.services import onboarding as onboarding_service
from portal.common import clock
from portal.common.errors import DomainError
from portal.common.models import MailChoice, OutgoingMail
from portal.common.outbox import kinds
from portal.common.outbox import services as outbox
from portal.dashboards import queries
from portal.dashboards import services as figures
from portal.dashboards.models import Figure
from tests.concurrency import at_once
from tests.security.cells_waves import make_member, make_wave, order
from tests.world import make_amt, make_mentor, make_newcomer, make_person

OLD = timedelta(days=365)


@pytest.fixture
def gehrden(world):
    Onboarding.objects.all().delete()
    return world.gliederung("Gehrden")


def found(world, months=12, place="Region"):
    people = query.without_contact(world.user("staff"), months, world.gliederung(place))
    return sorted(people.values_list("family_name", flat=True))


def talk(onboarding, by, result=Contact.Result.REACHED):
    entry = onboarding_service.Talk("call", result, uuid.uuid4())
    return onboarding_service.log_contact(onboarding, by, entry)


# --- Whom it finds ----------------------------------------------------------------------------


def test_it_finds_members_of_every_kind_without_any_contact(world, gehrden):
    for kind in Membership.Kind.values:
        person = make_member(f"Art{kind}", gehrden)
        Membership.objects.filter(person=person).update(kind=kind)
    assert found(world) == ["Artguest", "Artmember", "Artsupporter", "Artyouth"]


def test_a_talk_long_ago_does_not_count_and_a_recent_one_does(world, gehrden):
    for name, days in (("Lange", 400), ("Neulich", 300)):
        person = make_member(name, gehrden)
        arrival = onboarding_service.Arrival(person, clock.today() - timedelta(days=900))
        onboarding = onboarding_service.start_many([arrival])[0]
        Contact.objects.create(
            onboarding=onboarding,
            made_on=clock.today() - timedelta(days=days),
            kind="call",
            result="reached",
            created_at=clock.now(),
            submit_token=uuid.uuid4(),
        )
        Onboarding.objects.filter(pk=onboarding.pk).update(state="finished")
    assert found(world, months=12) == ["Lange"]
    assert found(world, months=9) == ["Lange", "Neulich"]


def _gone(person):
    Membership.objects.filter(person=person).update(has_ended=True, left_on=clock.today())


def _leaving(person):
    later = clock.today() + timedelta(days=30)
    Membership.objects.filter(person=person).update(left_on=later)


def _dead(person):
    Membership.objects.filter(person=person).update(
        has_ended=True, left_on=clock.today(), left_reason="death"
    )


def _objects(person):
    Person.objects.filter(pk=person.pk).update(no_contact_since=clock.today())


def _minor(person):
    Person.objects.filter(pk=person.pk).update(adult_on=clock.today() + timedelta(days=1))


def _said_no(person):
    MailChoice.objects.create(recipient_key=person.pk, kind=query.RECONNECT, way="none")


def _office(person):
    make_amt(person, person.gliederung, "vorsitz", pledged_on=None)


def _new(person):
    Membership.objects.filter(person=person).update(joined_on=clock.today() - timedelta(days=200))


def _arriving(person):
    onboarding_service.start_many([onboarding_service.Arrival(person, clock.today())])


def _applying(person):
    old = clock.today() - OLD
    Membership.objects.filter(person=person).update(joined_on=None, applied_on=old)


@pytest.mark.parametrize(
    "why", [_gone, _leaving, _dead, _objects, _minor, _said_no, _office, _new, _arriving, _applying]
)
def test_it_never_finds(world, gehrden, why):
    person = make_member("Zzniemals", gehrden)
    make_member("Zzimmer", gehrden)
    assert found(world) == ["Zzimmer", "Zzniemals"]

    why(person)

    assert found(world) == ["Zzimmer"]


def test_it_finds_no_mentor_and_nobody_who_is_no_member(world, gehrden):
    mentor = make_mentor("Zzmentorin", gehrden)
    Membership.objects.create(
        person=mentor.person, number="M", joined_on=clock.today() - OLD, first_seen_on=clock.today()
    )
    make_person("Zzgast", gehrden)
    assert found(world) == []


def test_it_keeps_to_the_place_that_was_chosen(world, gehrden):
    make_member("Hier", gehrden)
    make_member("Dort", world.gliederung("Uetze"))
    assert found(world, place="Uetze") == ["Dort"]


def test_ortsvereine_take_turns_and_the_longest_membership_comes_first(world, gehrden):
    for years in (3, 9, 6):
        make_member(f"G{years}", gehrden, years=years)
    make_member("U4", world.gliederung("Uetze"), years=4)
    people = query.without_contact(world.user("staff"), 12, world.gliederung("Region"))
    assert [person.family_name for person in query.next_ones(people, 3)] == ["G9", "U4", "G6"]


# --- What it starts ---------------------------------------------------------------------------


def test_the_preview_counts_mails_letters_calls_and_weeks(world, gehrden):
    for number in range(4):
        make_member(f"M{number}", gehrden)
    make_member("Papier", world.gliederung("Uetze"), email="")
    people = query.without_contact(world.user("staff"), 12, world.gliederung("Region"))
    seen = query.preview(query.next_ones(people, 25))
    counted = (seen.mails, seen.letters, seen.calls, seen.contacts, seen.most_each, seen.weeks)
    assert counted == (4, 1, 5, 2, 4, 2)


def test_a_wave_starts_the_clock_of_its_own_template_and_invites(world, gehrden):
    member = make_member("Zzlange", gehrden)
    paper = make_member("Zzpapier", gehrden, email="")
    wave = make_wave(world)
    started = Onboarding.objects.get(person=member)
    assert (started.wave, started.template.code) == (wave, "wieder-anschluss")
    assert (started.started_on, started.wants_mentor) == (clock.today(), False)
    assert started.responsible == world.person("ansprechperson")
    assert not started.milestones.filter(kind="handover").exists()
    mails = OutgoingMail.objects.order_by("channel").values_list("kind", "channel", "recipient_key")
    assert list(mails) == [
        ("members.reconnect", "letter", paper.pk),
        ("members.reconnect", "mail", member.pk),
    ]


def test_the_same_confirmation_sent_twice_starts_one_wave(world, gehrden):
    make_member("Zzeins", gehrden)
    sent = order(world)
    user = world.user("staff")
    assert waves.start(sent, user) == waves.start(sent, user)
    assert (Wave.objects.count(), OutgoingMail.objects.count()) == (1, 1)


def test_who_confirms_what_has_changed_is_shown_it_again(world, gehrden):
    make_member("Zzeins", gehrden)
    sent = order(world)
    make_member("Zzzwei", gehrden)
    with pytest.raises(waves.WaveChanged, match="noch einmal"):
        waves.start(sent, world.user("staff"))
    assert Wave.objects.count() == 0


def test_two_staff_confirm_at_once_and_everybody_is_invited_once(live_world):
    Onboarding.objects.all().delete()
    for number in range(5):
        make_member(f"Zz{number}", live_world.gliederung("Gehrden"))
    orders = [order(live_world), order(live_world)]

    def confirm(sent):
        def work():
            with contextlib.suppress(waves.WaveChanged):
                waves.start(sent, live_world.user("staff"))

        return work

    at_once(*map(confirm, orders))
    assert (Wave.objects.count(), Onboarding.objects.count()) == (1, 5)
    assert OutgoingMail.objects.filter(kind=query.RECONNECT).count() == 5


def test_nobody_is_invited_again_within_a_year(world, gehrden):
    member = make_member("Zzeinmal", world.gliederung("Springe"))
    make_wave(world)
    Onboarding.objects.filter(person=member).update(state="finished")
    with time_machine.travel(clock.now() + timedelta(days=364)):
        assert found(world, place="Springe") == []
    with time_machine.travel(clock.now() + timedelta(days=367)):
        assert found(world, place="Springe") == ["Zzeinmal"]


# --- Apart from newcomers ---------------------------------------------------------------------


def test_a_wave_counts_in_no_figure_of_newcomers_and_has_its_own_list(world, gehrden):
    make_newcomer("Neu", gehrden)
    make_member("Zzlange", gehrden)
    make_wave(world)
    staff = world.user("staff")
    alle = newcomers.newcomers(staff).values_list("person__family_name", flat=True)
    again = newcomers.newcomers(staff, newcomers.AGAIN)
    assert (list(alle), again.get().person.family_name) == (["Neu"], "Zzlange")
    overview = queries.overview(staff)
    assert (overview.numbers["alle"], overview.numbers["wieder-dabei"]) == (1, 1)
    figures.write_figures()
    assert Figure.objects.get(code="newcomers").value == 1


def test_the_ansprechperson_sees_them_and_calls_newcomers_first(world, gehrden):
    make_newcomer("Neu", gehrden, days=25)
    make_member("Zzlange", gehrden)
    make_wave(world)
    calls = heute(world.user("ansprechperson")).calls
    assert [call.person.family_name for call in calls] == ["Neu", "Zzlange"]
    assert heute(world.user("foreign_ansprechperson")).calls == []


def test_before_a_meeting_nobody_has_to_call(world, gehrden):
    make_member("Zzlange", gehrden)
    make_wave(world, way=Wave.Way.MEETING)
    user = world.user("ansprechperson")
    assert heute(user).calls == []
    with time_machine.travel(clock.now() + timedelta(days=21)):
        assert len(heute(world.user("ansprechperson")).calls) == 1


def test_a_move_brings_no_welcome_as_if_they_were_new(world, gehrden):
    member = make_member("Zzlange", gehrden)
    make_wave(world)
    people.settle_in(member, world.gliederung("Uetze"))
    sent = set(OutgoingMail.objects.values_list("kind", flat=True))
    assert sent == {"members.reconnect"}


# --- Taking it back ---------------------------------------------------------------------------


def test_taken_back_leaves_no_trace_where_nothing_arrived(world, gehrden):
    make_member("Zzruhig", gehrden)
    called = make_member("Zzangerufen", gehrden)
    written = make_member("Zzangeschrieben", gehrden)
    wave = make_wave(world)
    by = world.person("ansprechperson")
    talk(Onboarding.objects.get(person=called), by, Contact.Result.NOT_REACHED)
    OutgoingMail.objects.filter(recipient_key=written.pk).update(state="sent", sent_at=clock.now())

    done = waves.undo(wave, world.person("staff"))

    assert (done.people, done.stay) == (1, 2)
    assert found(world) == ["Zzruhig"]
    dropped = OutgoingMail.objects.get(state="dropped")
    assert dropped.reason == "Welle zurückgenommen"
    assert Onboarding.objects.filter(wave=wave, state="running").count() == 2
    assert waves.undo(wave, world.person("staff")).people == 0


@pytest.mark.parametrize("state", ["sending", "uncertain", "failed"])
def test_what_may_have_arrived_is_not_taken_back(world, gehrden, state):
    make_member("Zzunklar", gehrden)
    wave = make_wave(world)
    OutgoingMail.objects.update(state=state)
    assert waves.undo(wave, world.person("staff")).people == 0


def test_a_printed_letter_is_not_taken_back(world, gehrden):
    make_member("Zzpapier", gehrden, email="")
    wave = make_wave(world)
    OutgoingMail.objects.update(batch=uuid.uuid4())
    assert waves.undo(wave, world.person("staff")).people == 0


def test_an_erroneous_exit_does_not_start_an_invitation_again(world, gehrden):
    member = make_member("Zzirrtum", gehrden)
    make_wave(world)
    exits.record_exit(member, clock.today(), "wish", world.person("staff"))
    exits.reverse_exit(member, world.person("staff"))
    assert Onboarding.objects.get(person=member).state == "closed"
    (mail,) = OutgoingMail.objects.all()
    assert outbox.refusal(mail, kinds.get(mail.kind)) == "nicht mehr nötig"


def test_without_its_template_a_wave_says_so(world):
    assert MilestoneTemplate.objects.filter(code=waves.TEMPLATE).exists()
    with pytest.raises(DomainError, match="niemanden"):
        make_wave(world, gliederung=world.gliederung("Springe"))
