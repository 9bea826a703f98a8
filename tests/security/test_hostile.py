"""What somebody with bad intent, or two people at the same moment, could have made of it."""

import threading
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.urls import reverse

from members.models import Contact, Interest, Meldung, Membership, Onboarding, Person
from members.queries import timeline, who_sees_me
from members.services import assignments, exits, interest, waves
from members.services import onboarding as service
from members.services.onboarding.talks import locked
from portal.common import clock
from portal.common.errors import DomainError
from portal.common.scope import scope
from tests.concurrency import at_once
from tests.members.interested import make_interest, send
from tests.retention_help import tonight
from tests.security.cells_mitmachen import meldung, place
from tests.security.cells_waves import make_member, make_wave
from tests.world import make_newcomer

LONG_ENOUGH = 1.5  # until the other thread waits for the lock


def log(onboarding, by, result="reached"):
    return service.log_contact(onboarding, by, service.Talk("call", result, uuid.uuid4()))


def while_somebody_logs(onboarding, by, work):
    """Start `work` when a talk is written down but not yet committed."""
    holds = threading.Event()

    def logs():
        with transaction.atomic():
            locked(onboarding)
            holds.set()
            threading.Event().wait(LONG_ENOUGH)
            log(onboarding, by)

    def works():
        holds.wait(10)
        work()

    at_once(logs, works)


def test_taking_a_wave_back_never_deletes_a_talk_of_this_second(live_world):
    Onboarding.objects.all().delete()
    member = make_member("Zzlange", live_world.gliederung("Gehrden"))
    wave = make_wave(live_world)
    onboarding = Onboarding.objects.get(person=member)
    by, staff = live_world.person("ansprechperson"), live_world.person("staff")
    while_somebody_logs(onboarding, by, lambda: waves.undo(wave, staff))
    with scope("system:test"):
        assert Contact.objects.filter(onboarding=onboarding).count() == 1


def test_an_exit_and_a_talk_at_once_do_not_wait_for_each_other_forever(live_world):
    arrival = make_newcomer("Neu", live_world.gliederung("Gehrden"), days=20)
    by, staff = live_world.person("ansprechperson"), live_world.person("staff")
    while_somebody_logs(
        arrival, by, lambda: exits.record_exit(arrival.person, clock.today(), "wish", staff)
    )
    with scope("system:test"):
        arrival.refresh_from_db()
        assert arrival.state == "closed"
        assert set(arrival.milestones.values_list("state", flat=True)) == {"done", "void"}


def test_an_answer_and_a_no_at_once_do_not_wait_for_each_other_forever(live_world):
    arrival = make_newcomer("Neu", live_world.gliederung("Gehrden"), days=20)
    by, holds = live_world.person("ansprechperson"), threading.Event()

    def answers():
        with transaction.atomic():
            Person.objects.select_for_update(of=("self",)).get(pk=arrival.person_id)
            holds.set()
            threading.Event().wait(LONG_ENOUGH)
            service.ask_for_call(arrival)

    def says_no():
        holds.wait(10)
        log(arrival, by, "no_contact")

    at_once(answers, says_no)
    with scope("system:test"):
        assert Person.objects.get(pk=arrival.person_id).no_contact_since == clock.today()


def test_two_taps_on_forget_me_erase_once(live_world, client):
    one = make_interest()
    same = Interest.objects.get(pk=one.pk)
    interest.erase(same, None)
    with pytest.raises(interest.Gone):
        interest.erase(same, None)


def test_an_old_no_is_not_taken_back_by_whoever_finds_the_address(world, client_as):
    onboarding = world.onboarding("newcomer")
    said = log(onboarding, world.person("ansprechperson"), "no_contact")
    url = reverse("members:undo_contact", args=[onboarding.pk, said.pk])
    with time_machine.travel(clock.now() + timedelta(days=14)):
        page = client_as("deputy").post(url, follow=True).content.decode()
    assert "zu lange her" in page
    assert Person.objects.get(pk=onboarding.person_id).no_contact_since == said.made_on


def test_a_host_who_has_left_learns_of_nobody(world, client_as):
    host = world.person("member")
    place(world)
    found = meldung(world)
    exits.record_exit(host, clock.today(), "wish", world.person("staff"))
    assert Meldung.objects.answerable_by(world.user("member")).count() == 0
    client = client_as("member")
    page = client.get(reverse("members:meldungen")).content.decode()
    assert world.person("newcomer").first_name + "</h2>" not in page
    answered = client.post(reverse("members:meldung_answered", args=[found.pk]))
    assert answered.status_code == 404


def test_nobody_is_welcomed_by_the_dead(world, client_as):
    host, ort = world.person("member"), place(world)
    exits.record_exit(host, clock.today(), "death", world.person("staff"))
    page = client_as("newcomer").get(reverse("members:ort", args=[ort.pk])).content.decode()
    assert host.first_name not in page
    assert f"jemand aus {ort.gliederung.name}" in page


def test_whoever_looks_after_nobody_there_any_more_shares_nobody_out(world, client_as):
    onboarding, by = world.onboarding("newcomer"), world.person("vorsitz")
    chosen = Onboarding.objects.filter(pk=onboarding.pk)
    done = assignments.share_out(chosen, [world.person("deputy").pk], by)
    client = client_as("vorsitz")
    amt = by.aemter.get()
    amt.gliederung = world.gliederung("Uetze")
    amt.save()
    assert client.get(reverse("members:shared_out", args=[done.batch])).status_code == 404
    client.post(reverse("members:share_undo", args=[done.batch]))
    assert world.onboarding("newcomer").responsible == world.person("deputy")


def test_a_told_answer_is_on_no_timeline_but_the_own(world):
    onboarding = world.onboarding("newcomer")
    now = clock.now()
    onboarding.pulses.create(
        number=1, asked_on=clock.today(), answer="nein", answered_at=now, may_be_told=True
    )
    person = onboarding.person
    tellings = [timeline.for_team(person, {}), timeline.for_staff(person, {})]
    assert ["angekommen?" in entry.sentence for told in tellings for entry in told].count(True) == 0


def test_a_former_member_who_applies_again_is_told_who_sees_them(world):
    person = world.person("newcomer")
    Onboarding.objects.filter(person=person).update(state="closed")
    Membership.objects.filter(person=person).delete()
    Membership.objects.create(person=person, applied_on=clock.today(), first_seen_on=clock.today())
    contact = world.user("ansprechperson")
    assert Person.objects.visible_to(contact).filter(pk=person.pk).exists()
    viewers = who_sees_me.viewers_of(person, world.district)
    assert contact.pk in {viewer.user_id for viewer in viewers}


def test_an_address_cannot_carry_words_into_a_volunteers_mail_program(world, client):
    page = send(client, email="ida?bcc=feind%40example.org&x=@example.org").content.decode()
    assert "keine E-Mail-Adresse" in page
    assert Interest.objects.count() == 0


def test_who_did_not_join_is_forgotten_half_a_year_after_the_last_contact(world):
    one = make_interest()
    with time_machine.travel(clock.now() + timedelta(days=100)):
        interest.log_talk(one, reached=True, by=world.person("ansprechperson"))
    with time_machine.travel(clock.now() + timedelta(days=280)):
        assert "person.interested" not in tonight()
    with time_machine.travel(clock.now() + timedelta(days=285)):
        assert tonight()["person.interested"] == 1
    assert not Person.objects.filter(pk=one.person_id).exists()


def test_a_call_about_somebody_erased_meanwhile_says_so(world):
    one = make_interest()
    interest.erase(Interest.objects.get(pk=one.pk), None)
    with pytest.raises(DomainError, match="nichts mehr offen"):
        interest.log_talk(one, reached=True, by=world.person("ansprechperson"))
