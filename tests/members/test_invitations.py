"""Invitations have a life: sent, sent again, taken back; and locked logins (staff's page)."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from members.models import Invitation, Person, User
from members.queries.access import access_of, to_settle
from members.services import invitations
from members.services.welcome import queue_welcomes
from portal.common import clock
from portal.common.models import AuditEvent
from portal.common.outbox import kinds
from portal.common.outbox import services as outbox
from portal.common.outbox.models import OutgoingMail
from tests.world import make_amt, make_newcomer, make_person


@pytest.fixture
def person(world):
    return make_newcomer("Eingeladen", world.gliederung("Gehrden")).person


@pytest.fixture
def act(client_as, person):
    client = client_as("staff")

    def tap(verb):
        url = reverse("members:access_act", args=[person.pk, verb])
        return client.post(url, follow=True).content.decode()

    return tap


def mails():
    return OutgoingMail.objects.filter(kind=invitations.INVITATION).count()


def test_an_invitation_is_sent_once_a_day_and_again_the_next(act, person):
    assert "Die Einladung ist unterwegs" in act("einladen")
    assert "Heute ist schon eine Einladung" in act("einladen")
    assert mails() == 1
    with time_machine.travel(clock.now() + timedelta(days=1), tick=False):
        act("einladen")
    assert (mails(), person.invitations.count()) == (2, 1)


def test_an_expired_invitation_is_followed_by_a_new_one(act, person):
    act("einladen")
    with time_machine.travel(clock.now() + timedelta(days=31), tick=False):
        assert access_of(person).is_open is False
        invitations.send(person, person)
        assert access_of(person).is_open is True
    assert person.invitations.count() == 2


def test_a_link_taken_back_is_dead_and_orders_no_new_one(act, person, client):
    act("einladen")
    token = invitations.token(person.invitations.get())
    act("zurueckziehen")
    assert client.get(reverse("members:invitation", args=[token])).status_code == 404
    before = mails()
    client.post(reverse("members:invitation_again", args=[token]))
    assert mails() == before
    assert Invitation.objects.get(person=person).revoked_at is not None


def refusal(mail):
    return outbox.refusal(mail, kinds.get(mail.kind))


def test_an_invitation_taken_back_does_not_leave_the_outbox(act, person):
    act("einladen")
    mail = OutgoingMail.objects.get(kind=invitations.INVITATION)
    assert refusal(mail) is None
    act("zurueckziehen")
    assert refusal(mail) == "Einladung zurückgezogen"  # a worker may hold it already
    mail.refresh_from_db()
    assert (mail.state, mail.reason) == ("dropped", "Einladung zurückgezogen")


@pytest.mark.parametrize("kind", ["invitation", "hint", "welcome"])
def test_no_link_goes_to_an_address_that_was_corrected(kind, world, person):
    if kind == "welcome":
        queue_welcomes(person.onboardings.select_related("person"))
    else:
        person = world.person("member") if kind == "hint" else person
        invitations.send_to(person, "")
    mail = OutgoingMail.objects.get(recipient_key=person.pk)
    assert refusal(mail) is None
    Person.objects.filter(pk=person.pk).update(email=person.email.upper())
    assert refusal(mail) is None
    Person.objects.filter(pk=person.pk).update(email="richtig@example.org")
    assert refusal(mail) == "Adresse inzwischen geändert"
    mail.channel = OutgoingMail.Channel.LETTER
    assert kind != "welcome" or refusal(mail) is None


@pytest.mark.parametrize("problem", ["no address", "left", "has a login"])
def test_who_cannot_be_invited_is_said_in_a_sentence(problem, world, person):
    if problem == "no address":
        person.email = ""
    elif problem == "left":
        person.memberships.update(has_ended=True, left_on=clock.today())
    else:
        person = world.person("member")
    with pytest.raises(invitations.NotInvitable):
        invitations.send(person, world.person("staff"))
    assert mails() == 0


def test_nobody_locks_or_opens_their_own_login(world):
    staff = world.person("staff")
    for work in (invitations.lock, invitations.unlock):
        with pytest.raises(invitations.NotInvitable):
            work(staff, staff)


def test_everything_staff_do_is_written_down(act, world, person):
    for verb in ("einladen", "zurueckziehen"):
        act(verb)
    invitations.lock(world.person("member"), world.person("staff"))
    invitations.unlock(world.person("member"), world.person("staff"))
    codes = AuditEvent.objects.filter(actor=world.person("staff").pk).order_by("at")
    assert list(codes.values_list("code", flat=True)) == [
        "invitation.sent",
        "invitation.revoked",
        "access.locked",
        "access.unlocked",
    ]


def test_the_list_names_offices_without_login_expired_invitations_and_locked_logins(world):
    gehrden = world.gliederung("Gehrden")
    make_amt(make_person("Amtlos", gehrden), gehrden, "stellvertretung")
    late = make_person("Spaet", gehrden)
    invitations.ensure_invitation(late)
    late.invitations.update(expires_at=clock.now() - timedelta(days=1))
    User.objects.filter(pk=world.user("member").pk).update(is_active=False)
    User.objects.filter(pk=world.user("mentor").pk).update(asked_for_call_at=clock.now())
    found = [person.family_name for person in to_settle(world.user("staff"))]
    assert found == ["Zzmentor", "Amtlos", "Spaet", "Zzmember"]


# --- „Ich bin Mitglied und möchte mitmachen“ ------------------------------------------------


@pytest.fixture
def ask():
    cache.clear()

    def send(number, proof):
        answer = Client().post(reverse("members:join"), {"number": number, "proof": proof})
        assert answer.status_code == 200
        rows = OutgoingMail.objects.exclude(kind="account.nobody")
        return set(rows.values_list("kind", "address"))

    return send


def test_number_and_plz_send_the_invitation_to_the_address_on_file(ask, person):
    person.plz = "30989"
    person.save()
    assert ask("M-Eingeladen", "30989") == {("members.invitation", person.email)}


def test_number_and_address_do_too_and_only_once_a_day(ask, person):
    for _ in range(2):
        assert ask("M-Eingeladen", person.email.upper()) == {("members.invitation", person.email)}


def test_who_has_a_login_gets_a_hint_instead(ask, world):
    email = world.user("member").email
    assert ask("M-member", email) == {("account.login_hint", email)}


@pytest.mark.parametrize(
    ("number", "proof"), [("M-Eingeladen", "30000"), ("M-0", "30989"), ("M-Eingeladen", "-")]
)
def test_a_wrong_pair_sends_nothing(number, proof, ask, person):
    assert ask(number, proof) == set()


def test_an_empty_plz_on_file_is_no_proof(ask, person):
    assert ask("M-Eingeladen", " ") == set()


def test_whoever_left_gets_nothing(ask, person):
    person.memberships.update(has_ended=True, left_on=clock.today())
    assert ask("M-Eingeladen", person.email) == set()


def test_empty_fields_say_bitte_ausfuellen(world, client):
    form = client.post(reverse("members:join"), {}).context["form"]
    assert form.errors == {"number": ["Bitte ausfüllen."], "proof": ["Bitte ausfüllen."]}
