"""Getting in: invitation, password, code, second factor."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.test import Client
from django.urls import reverse

from members import login_code
from members.models import Invitation, User
from members.services import invitations
from portal.common import clock
from portal.common.outbox import services as outbox
from portal.common.outbox.models import OutgoingMail
from tests.services import services
from tests.world import TOTP_SECRET, make_newcomer, make_person

PASSWORD = "ein langer Satz über Rüben"


@pytest.fixture
def invited(world):
    onboarding = make_newcomer("Eingeladen", world.gliederung("Gehrden"))
    return invitations.ensure_invitation(onboarding.person)


def page(invitation):
    return reverse("members:invitation", args=[invitations.token(invitation)])


def totp_code():
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(TOTP_SECRET, counter))


def test_the_invitation_makes_a_login_and_signs_in(invited, client):
    response = client.post(page(invited), {"password": PASSWORD}, follow=True)
    user = User.objects.get(person=invited.person)
    assert (user.email, user.check_password(PASSWORD)) == ("eingeladen@example.org", True)
    assert response.redirect_chain[-1][0] == "/start/"
    assert EmailAddress.objects.get(user=user).verified is True


def test_opening_the_link_changes_nothing(invited, client):
    for _ in range(5):
        assert client.get(page(invited)).status_code == 200
    assert User.objects.filter(person=invited.person).exists() is False


def test_the_link_works_once(invited, client):
    client.post(page(invited), {"password": PASSWORD})
    assert Client().get(page(invited)).status_code == 404
    assert Client().post(page(invited), {"password": PASSWORD}).status_code == 404


@pytest.mark.parametrize("token", ["x", "a:b", "0" * 32 + ":abc"])
def test_a_forged_link_is_refused(world, client, token):
    assert client.get(reverse("members:invitation", args=[token])).status_code == 404


@pytest.mark.parametrize("password", ["kurz", "123456789012345", "eingeladen@example.org", ""])
def test_a_weak_password_is_refused_with_a_sentence(invited, client, password):
    response = client.post(page(invited), {"password": password})
    assert response.status_code == 200
    assert len(response.context["form"].errors["password"]) >= 1
    assert User.objects.filter(person=invited.person).exists() is False


def test_an_expired_link_offers_a_new_one_to_the_same_address(invited, client):
    with time_machine.travel(clock.now() + timedelta(days=31), tick=False):
        assert "abgelaufen" in client.get(page(invited)).content.decode()
        assert client.post(page(invited), {"password": PASSWORD}).status_code == 200
        assert User.objects.filter(person=invited.person).exists() is False
        url = reverse("members:invitation_again", args=[invitations.token(invited)])
        for _ in range(2):
            answer = client.post(url).content.decode()
        mail = OutgoingMail.objects.get(kind=invitations.INVITATION)
        text = received(invited.person.email)
        fresh = Invitation.objects.exclude(pk=invited.pk).get()
        assert invitations.url(fresh) in text
    assert "Wenn die Einladung zu einer Adresse gehört" in answer
    assert mail.address == invited.person.email


def test_a_new_link_is_answered_alike_for_a_forged_token(world, client):
    url = reverse("members:invitation_again", args=["forged"])
    assert "Wenn die Einladung zu einer Adresse gehört" in client.post(url).content.decode()
    assert OutgoingMail.objects.get().kind == "account.nobody"


def test_two_people_with_one_address_only_the_first_keeps_it_as_login(world, client):
    first, second = (
        invitations.ensure_invitation(make_person(name, None, email="familie@example.org"))
        for name in ("Familieeins", "Familiezwei")
    )
    client.post(page(first), {"password": PASSWORD})
    response = Client().post(page(second), {"password": PASSWORD})
    assert "Bitte ruf uns an" in response.content.decode()
    assert User.objects.filter(email="familie@example.org").count() == 1


def test_the_token_is_not_stored_anywhere(invited):
    token = invitations.token(invited)
    assert all(token not in str(value) for value in Invitation.objects.values_list())


# --- Signing in -------------------------------------------------------------------------------


@pytest.fixture
def member(world):
    user = world.user("member")
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(client, email, password=PASSWORD):
    return client.post(reverse("account_login"), {"login": email, "password": password})


def test_mail_and_password_sign_a_member_in(member, client):
    assert sign_in(client, member.email.upper()).url == reverse("dashboards:home")
    assert client.get("/start/").status_code == 200


def test_wrong_password_and_unknown_address_look_the_same(member, client):
    wrong = sign_in(client, member.email, "falsch")
    unknown = sign_in(client, "niemand@example.org", "falsch")
    errors = [r.context["form"].non_field_errors() for r in (wrong, unknown)]
    assert errors[0] == errors[1]


def test_after_five_wrong_tries_even_the_right_password_waits(member, client):
    for _ in range(6):
        sign_in(client, member.email, "falsch")
    assert sign_in(client, member.email).status_code != 302


def test_an_office_needs_the_second_factor_too(world, client):
    user = world.user("ansprechperson")
    user.set_password(PASSWORD)
    user.save()
    assert sign_in(client, user.email).url == reverse("mfa_authenticate")
    assert client.get("/heute/").status_code == 302
    client.post(reverse("mfa_authenticate"), {"code": totp_code()})
    assert client.get("/heute/").status_code == 200


def test_somebody_with_an_office_and_no_second_factor_can_only_enrol(world, client):
    user = world.user("staff_without_mfa")
    user.set_password(PASSWORD)
    user.save()
    sign_in(client, user.email)
    for url in ("/uebersicht/", "/start/", "/ich/", "/neumitglieder/"):
        assert client.get(url).url == reverse("mfa_choose")
    assert client.get(reverse("mfa_activate_totp")).status_code == 200


def test_a_session_from_before_the_second_factor_must_pass_it_too(world, client):
    """Whoever knew the password early must not be let in by the factor of somebody else."""
    user = world.user("staff_without_mfa")
    user.set_password(PASSWORD)
    user.save()
    sign_in(client, user.email)
    TOTP.activate(user, TOTP_SECRET)
    early = client.get("/uebersicht/")
    assert early.status_code == 302
    assert early.url.startswith(reverse("mfa_reauthenticate"))
    assert client.get(reverse("mfa_generate_recovery_codes")).status_code == 302
    client.post(reverse("mfa_reauthenticate"), {"code": totp_code()})
    assert client.get("/uebersicht/").status_code == 200


def test_setting_up_the_factor_lets_this_session_in_and_shows_the_way_on(
    world, client, django_capture_on_commit_callbacks
):
    user = world.user("staff_without_mfa")
    user.set_password(PASSWORD)
    user.save()
    sign_in(client, user.email)
    page_ = client.get(reverse("mfa_activate_totp"))
    secret = page_.context["form"].secret
    counter = next(iter(yield_hotp_counters_from_time()))
    code = format_hotp_value(hotp_value(secret, counter))
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("mfa_activate_totp"), {"code": code})
    assert client.get(reverse("mfa_activate_totp"), follow=True).status_code == 200
    assert client.get("/uebersicht/").status_code in (200, 302)
    told = OutgoingMail.objects.filter(kind="account.factor_added")
    assert list(told.values_list("address", flat=True)) == [user.email]


def test_a_corrected_address_kills_the_link_that_went_to_the_wrong_one(invited, client):
    wrong = page(invited)
    invited.person.email = "richtig@example.org"
    invited.person.save()
    response = client.get(wrong)
    assert response.status_code == 404
    assert "richtig@example.org" not in response.content.decode()


def test_whoever_left_cannot_use_an_old_invitation(invited, client):
    url = page(invited)
    invited.person.memberships.update(left_on=clock.today(), has_ended=True)
    assert client.post(url, {"password": PASSWORD}).status_code == 404


def test_there_is_no_sign_up(world, client):
    response = client.post(
        reverse("account_signup"), {"email": "x@example.org", "password1": PASSWORD}
    )
    assert response.status_code == 405
    assert User.objects.filter(email="x@example.org").exists() is False


@pytest.fixture(autouse=True)
def _real_smtp(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"


def received(address):
    """Drain the outbox into the real sink and return the newest text for `address`."""
    from email import message_from_bytes, policy

    outbox.drain()
    folder = services().sink.directory
    for path in sorted(folder.glob("*.eml"), key=lambda p: p.stat().st_mtime_ns, reverse=True):
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        if message["To"] == address:
            return message.get_body(("plain",)).get_content()
    raise AssertionError("no mail")


def test_a_code_by_mail_signs_in_without_password(member, client):
    client.post(reverse("account_request_login_code"), {"email": member.email})
    mail = OutgoingMail.objects.get(kind="account.login_code")
    code = login_code.derive(mail.pk)
    assert code in received(member.email)
    client.post(reverse("account_confirm_login_code"), {"code": code})
    assert client.get("/start/").status_code == 200


def test_the_code_is_stored_neither_before_nor_after_sending(member, client):
    client.post(reverse("account_request_login_code"), {"email": member.email})
    mail = OutgoingMail.objects.get(kind="account.login_code")
    received(member.email)
    code = login_code.derive(mail.pk)
    stored = OutgoingMail.objects.filter(pk=mail.pk).values_list().get()
    assert code not in str(stored)
    assert OutgoingMail.objects.get(pk=mail.pk).body == ""


def test_a_wrong_code_does_not_sign_in(member, client):
    client.post(reverse("account_request_login_code"), {"email": member.email})
    client.post(reverse("account_confirm_login_code"), {"code": "AAAA-AAAA"})
    assert client.get("/start/").status_code == 302


def test_the_code_alone_does_not_replace_the_second_factor(world, client):
    user = world.user("ansprechperson")
    client.post(reverse("account_request_login_code"), {"email": user.email})
    mail = OutgoingMail.objects.get(kind="account.login_code")
    response = client.post(
        reverse("account_confirm_login_code"), {"code": login_code.derive(mail.pk)}
    )
    assert response.url == reverse("mfa_authenticate")


def test_a_reset_link_sets_a_new_password_once(member, client):
    client.post(reverse("account_reset_password"), {"email": member.email})
    link = re.search(r"https?://[^/]+(/konto/passwort/neu/\S+)", received(member.email))[1]
    form = client.get(link, follow=True)
    url = form.redirect_chain[-1][0]
    new = "noch ein langer Satz mit Kohl"
    client.post(url, {"password1": new, "password2": new})
    member.refresh_from_db()
    assert member.check_password(new) is True
    assert "gilt nicht mehr" in Client().get(link, follow=True).content.decode()


def test_an_unknown_address_gets_no_mail_and_the_same_page(member, client):
    pages = [
        Client().post(reverse("account_request_login_code"), {"email": email}, follow=True)
        for email in (member.email, "niemand@example.org")
    ]
    assert pages[0].redirect_chain == pages[1].redirect_chain
    assert OutgoingMail.objects.filter(kind="account.login_code").count() == 1
