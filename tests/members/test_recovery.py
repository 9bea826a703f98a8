"""„Ich komme nicht rein“: back in by telephone, and nobody alone can do it (R27)."""

from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from members.models import Amt, OneTimeCode, Session, User
from members.services import recovery
from portal.common import clock
from portal.common.models import AuditEvent
from portal.common.outbox.models import OutgoingMail
from portal.common.todos import todos_for
from tests.concurrency import at_once
from tests.world import make_amt, make_person, make_user

PASSWORD = "ein langer Satz über Rüben"


def code_for(world, role="ansprechperson", by="staff"):
    return recovery.make_code(world.person(role), world.person(by), called_back=True)


def redeem(client, email, code, password="ein neuer Satz über Möhren"):
    data = {"email": email, "code": code, "password": password}
    return client.post(reverse("members:one_time"), data)


def test_code_and_address_lead_to_setting_up_a_new_factor_and_nowhere_else(world, client):
    user = world.user("ansprechperson")
    response = redeem(client, user.email.upper(), code_for(world).lower().replace("-", " "))
    assert response.url == reverse("dashboards:home")
    for url in ("/heute/", "/neumitglieder/", "/ich/"):
        assert client.get(url).url == reverse("mfa_choose")
    assert client.get(reverse("mfa_activate_totp")).status_code == 200


def test_old_factors_and_sessions_are_gone(world, client):
    user = world.user("ansprechperson")
    thief = Client()
    thief.force_login(user, backend="members.backend.AccountBackend")
    redeem(client, user.email, code_for(world))
    assert Authenticator.objects.filter(user=user).count() == 0
    assert Session.objects.filter(user=user).count() == 1
    assert thief.get("/ich/").url.startswith(reverse("account_login"))


@pytest.mark.parametrize(("role", "status"), [("ansprechperson", 200), ("member", 302)])
def test_with_an_office_the_old_password_does_not_stay(role, status, world, client):
    """Who stole it would set up a factor of their own before the owner does."""
    user, code = world.user(role), code_for(world, role)
    user.set_password(PASSWORD)
    user.save()
    answer = redeem(client, user.email, code, "")
    assert answer.status_code == status
    user.refresh_from_db()
    assert user.check_password(PASSWORD) is True
    if status == 200:
        assert list(answer.context["form"].errors) == ["password"]
        assert Authenticator.objects.filter(user=user).count() == 1
        assert redeem(client, user.email, code, "noch ein Satz über Kohl").status_code == 302


def alone(world):
    """Nobody but one employee is there to be told."""
    others = [world.person(role).pk for role in ("staff_without_mfa", "privacy")]
    Amt.objects.filter(person__in=others).delete()


@pytest.mark.parametrize("since", ["no office any more", "no factor"])
def test_whoever_was_told_sees_it_only_with_office_and_factor(since, world, client_as):
    alone(world)
    Amt.objects.filter(person=world.person("coordinator")).delete()
    role = "coordinator" if since == "no office any more" else "member"
    make_amt(world.person(role), world.gliederung("Region"), Amt.Kind.DATENSCHUTZ)
    code_for(world, "newcomer")
    url = reverse("members:code_notice", args=[OneTimeCode.objects.get().pk])
    if since == "no factor":
        assert client_as(role).get(url).url == reverse("mfa_choose")
        return
    assert client_as(role).get(url).status_code == 200
    Amt.objects.filter(person=world.person(role)).delete()
    assert client_as(role).get(url).status_code == 404


def test_a_new_password_may_be_set_on_the_same_page(world, client):
    user = world.user("member")
    redeem(client, user.email, code_for(world, "member"), PASSWORD)
    user.refresh_from_db()
    assert user.check_password(PASSWORD) is True
    assert client.get("/start/").status_code == 200


def test_a_weak_password_is_refused_before_the_code_is_looked_at(world, client):
    user, code = world.user("member"), code_for(world, "member")
    answers = [
        redeem(client, email, code, "kurz").context["form"].errors
        for email in (user.email, "niemand@example.org")
    ]
    assert answers[0] == answers[1]
    assert redeem(client, user.email, code).status_code == 302


@pytest.mark.parametrize("hours", [1, 24])
def test_the_code_lives_one_hour(hours, world, client):
    code = code_for(world)
    with time_machine.travel(clock.now() + timedelta(hours=hours), tick=False):
        assert redeem(client, world.user("ansprechperson").email, code).status_code == 200


def test_the_code_works_once(world, client):
    email, code = world.user("ansprechperson").email, code_for(world)
    assert redeem(client, email, code).status_code == 302
    assert redeem(Client(), email, code).status_code == 200


def test_after_fifty_wrong_tries_even_the_right_code_is_refused(world, client):
    email, code = world.user("ansprechperson").email, code_for(world)
    for _ in range(50):
        with pytest.raises(recovery.CodeRefused):
            recovery.redeem(email, "AAAA-AAAA", "")
    assert redeem(client, email, code).status_code == 200
    assert OneTimeCode.objects.get().wrong_tries == 50


def test_a_stranger_with_the_address_does_not_use_up_the_code(world):
    cache.clear()
    email, code = world.user("ansprechperson").email, code_for(world)
    stranger = Client(REMOTE_ADDR="203.0.113.66")
    answers = [redeem(stranger, email, "AAAA-AAAA").status_code for _ in range(12)]
    assert answers == [200] * 10 + [429] * 2
    assert redeem(Client(), email, code).status_code == 302


def test_a_new_code_ends_the_one_before(world, client):
    email, first, second = world.user("ansprechperson").email, code_for(world), code_for(world)
    assert redeem(client, email, first).status_code == 200
    assert redeem(client, email, second).status_code == 302


def test_a_code_opens_only_the_login_it_was_made_for(world, client):
    assert redeem(client, world.user("deputy").email, code_for(world)).status_code == 200


def test_a_locked_login_stays_locked(world, client):
    code = code_for(world)
    User.objects.filter(pk=world.user("ansprechperson").pk).update(is_active=False)
    assert redeem(client, world.user("ansprechperson").email, code).status_code == 200


def test_the_code_is_stored_nowhere(world):
    code = code_for(world)
    plain = code.replace("-", "")
    stored = str(list(OneTimeCode.objects.values())) + str(list(OutgoingMail.objects.values()))
    assert (code in stored, plain in stored) == (False, False)
    assert len(plain) == 8
    assert set("0O1IL5S") & set(plain) == set()


def test_nobody_lets_themselves_in(world):
    with pytest.raises(recovery.NotForOneself):
        code_for(world, "staff", "staff")


def test_no_code_before_calling_back(world, client_as):
    url = reverse("members:access_code", args=[world.person("ansprechperson").pk])
    response = client_as("staff").post(url)
    assert "Bitte ruf zuerst zurück" in response.content.decode()
    with pytest.raises(recovery.NotCalledBack):
        recovery.make_code(world.person("member"), world.person("staff"), called_back=False)
    assert OneTimeCode.objects.count() == 0


def test_the_same_form_twice_shows_one_code_and_leaves_it_valid(world, client_as, client):
    person, desk = world.person("ansprechperson"), client_as("staff")
    page = desk.get(reverse("members:access", args=[person.pk]))
    token = page.context["form"]["submit_token"].value()
    url = reverse("members:access_code", args=[person.pk])
    first, again = (desk.post(url, {"called_back": "on", "submit_token": token}) for _ in range(2))
    assert "Den Code zeigen wir nur einmal." in again.content.decode()
    assert (OneTimeCode.objects.count(), "code" in again.context) == (1, False)
    assert (
        redeem(client, world.user("ansprechperson").email, first.context["code"]).status_code == 302
    )


def test_a_form_without_its_token_makes_no_code_and_says_what_to_do(world, client_as):
    url = reverse("members:access_code", args=[world.person("ansprechperson").pk])
    for token in ("", "x"):
        response = client_as("staff").post(url, {"called_back": "on", "submit_token": token})
        assert "Bitte öffne diese Seite noch einmal." in response.content.decode()
    assert OneTimeCode.objects.count() == 0


def test_the_same_form_twice_at_the_same_moment_makes_one_code(live_world):
    token, made, refused = uuid4(), [], []

    def send():
        person, staff = live_world.person("ansprechperson"), live_world.person("staff")
        try:
            made.append(recovery.make_code(person, staff, called_back=True, token=token))
        except recovery.AlreadyShown as refusal:
            refused.append(refusal)

    at_once(send, send)
    assert (len(made), len(refused), OneTimeCode.objects.count()) == (1, 1, 1)


def test_the_address_of_the_code_leads_back_to_the_access(world, client_as):
    pk = world.person("ansprechperson").pk
    response = client_as("staff").get(reverse("members:access_code", args=[pk]))
    assert response.url == reverse("members:access", args=[pk])


def test_the_stored_number_is_shown_not_asked_for(world, client_as):
    person = world.person("ansprechperson")
    person.mobile = "+49 151 00000001"
    person.save()
    page = client_as("staff").get(reverse("members:access", args=[person.pk])).content.decode()
    assert "+49 151 00000001" in page
    assert 'name="phone"' not in page


def test_a_second_person_and_the_owner_are_told_and_it_is_written_down(world):
    code_for(world)
    owner, second = world.user("ansprechperson"), world.user("staff_without_mfa")
    made = OneTimeCode.objects.get()
    assert made.told == second.person
    mails = set(OutgoingMail.objects.values_list("kind", "address"))
    assert mails == {
        ("account.one_time_made", owner.email),
        ("account.one_time_told", second.email),
    }
    event = AuditEvent.objects.get(code="access.code_made")
    assert (event.actor, event.subject) == (world.person("staff").pk, owner.pk)


def test_it_stays_on_the_second_persons_list_until_seen(world, client_as):
    make_amt(make_person("Zzsecond"), world.gliederung("Region"), Amt.Kind.GESCHAEFTSSTELLE)
    Amt.objects.filter(person=world.person("staff_without_mfa")).delete()
    chair = make_user(make_person("Zzoffice"), second_factor=True)
    make_amt(chair.person, world.gliederung("Region"), Amt.Kind.GESCHAEFTSSTELLE)
    code_for(world)
    made = OneTimeCode.objects.get()
    assert made.told == chair.person  # who can sign in comes before who cannot
    kinds = [todo.kind for todo in todos_for(User.objects.get(pk=chair.pk))]
    assert "code_notice" in kinds
    recovery.mark_seen(made)
    kinds = [todo.kind for todo in todos_for(User.objects.get(pk=chair.pk))]
    assert "code_notice" not in kinds


@pytest.mark.parametrize("kind", [Amt.Kind.DATENSCHUTZ, Amt.Kind.VORSITZ])
def test_without_a_second_employee_another_office_is_told(kind, world):
    alone(world)
    other = make_person("Zzother")
    make_amt(other, world.gliederung("Region"), kind)
    code_for(world)
    assert OneTimeCode.objects.get().told == other


def test_with_nobody_to_tell_there_is_no_code(world):
    alone(world)
    with pytest.raises(recovery.NoSecondPerson):
        code_for(world)


def test_asking_by_the_page_reaches_staff_and_the_code_settles_it(world, client):
    cache.clear()
    user = world.user("ansprechperson")
    client.post(reverse("members:call_back"), {"email": user.email})
    todos = {todo.kind: todo for todo in todos_for(world.user("staff"))}
    assert todos["access"].url == reverse("members:access", args=[user.person_id])
    assert [todo.kind for todo in todos_for(world.user("ansprechperson"))].count("access") == 0
    code_for(world)
    assert "access" not in {todo.kind for todo in todos_for(world.user("staff"))}


def test_one_code_lets_in_once_when_it_arrives_twice_at_the_same_moment(live_world):
    user, code = live_world.user("ansprechperson"), code_for(live_world)
    let_in = []

    def try_it():
        with suppress(recovery.CodeRefused):
            let_in.append(recovery.redeem(user.email, code, PASSWORD))

    at_once(try_it, try_it, try_it)
    assert let_in == [user]
