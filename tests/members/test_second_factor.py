"""Passkeys and apps: either is enough, neither can be slipped past (T6)."""

import json
import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from tests.conftest import BACKEND, pass_second_factor
from tests.world import TOTP_SECRET

PASSWORD = "ein langer Satz über Rüben"
PASSKEY = Authenticator.Type.WEBAUTHN


def add_passkey(user, name="Handy"):
    data = {"name": name, "credential": {}}
    return Authenticator.objects.create(user=user, type=PASSKEY, data=data)


def signed_in(user, *, passed=False):
    client = Client()
    client.force_login(user, backend=BACKEND)
    if passed:
        pass_second_factor(client, user)
    return client


def test_a_passkey_counts_as_second_factor_like_an_app(world):
    user = world.user("staff_without_mfa")
    assert user.can("people.view") is False
    add_passkey(user)
    assert world.user("staff_without_mfa").can("people.view") is True


def test_recovery_codes_alone_are_no_second_factor(world):
    user = world.user("staff_without_mfa")
    Authenticator.objects.create(user=user, type="recovery_codes", data={})
    assert world.user("staff_without_mfa").has_second_factor is False


def test_a_session_from_before_the_passkey_must_pass_it(world):
    user = world.user("staff_without_mfa")
    early = signed_in(user)
    add_passkey(user)
    answer = early.get("/uebersicht/")
    assert answer.url.startswith(reverse("mfa_reauthenticate_webauthn"))


def test_the_app_on_this_very_phone_is_one_tap_away(world, client):
    user = world.user("staff_without_mfa")
    user.set_password(PASSWORD)
    user.save()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    response = client.get(reverse("mfa_activate_totp"))
    page, secret = response.content.decode(), response.context["form"].secret
    assert f'href="{escape(response.context["totp_url"])}"' in page
    assert response.context["totp_url"].startswith("otpauth://totp/")
    shown = re.search(r'text-break">([^<]+)<', page).group(1).split(" ")
    assert ("".join(shown), {len(part) for part in shown}) == (secret, {4})
    assert "Code aus der App" in page


@pytest.mark.parametrize("name", ["mfa_add_webauthn", "mfa_activate_totp", "mfa_choose"])
@pytest.mark.parametrize("factor", ["app", "passkey"])
def test_whoever_only_knows_the_password_cannot_add_a_factor_of_their_own(
    name, factor, world, client
):
    """Else a stolen password would be enough: enrol, and pass what one has enrolled."""
    user = world.user("staff_without_mfa")
    user.set_password(PASSWORD)
    user.save()
    early = Client()  # the password was typed a moment ago: that is fresh enough for allauth
    early.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    TOTP.activate(user, TOTP_SECRET) if factor == "app" else add_passkey(user)
    for send in (early.get, early.post):
        answer = send(reverse(name))
        assert answer.url.startswith(reverse("mfa_reauthenticate"))
    assert Authenticator.objects.filter(user=user).count() == 1


def test_the_same_holds_for_members_without_an_office(world):
    user = world.user("member")
    early = signed_in(user)
    add_passkey(user)
    for name in ("mfa_add_webauthn", "mfa_view_recovery_codes", "mfa_generate_recovery_codes"):
        assert early.get(reverse(name)).url.startswith(reverse("mfa_reauthenticate_webauthn"))
    assert early.get("/start/").status_code == 200


def test_a_new_password_by_mail_does_not_replace_the_second_factor(world, client):
    user = world.user("ansprechperson")
    user.set_password(PASSWORD)
    user.save()
    answer = client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert answer.url == reverse("mfa_authenticate")


def test_a_passkey_is_removed_only_while_another_factor_remains(world):
    user = world.user("staff_without_mfa")
    first, second = add_passkey(user), add_passkey(user, "Tablet")
    client = signed_in(user, passed=True)
    client.post(reverse("members:passkey_remove", args=[first.pk]))
    client.post(reverse("members:passkey_remove", args=[second.pk]))
    assert list(Authenticator.objects.filter(user=user, type=PASSKEY)) == [second]


def test_nobody_renames_or_removes_the_passkey_of_somebody_else(world):
    passkey = add_passkey(world.user("staff"))
    client = signed_in(world.user("ansprechperson"), passed=True)
    for name in ("members:passkey_rename", "members:passkey_remove"):
        assert client.post(reverse(name, args=[passkey.pk]), {"name": "x"}).status_code == 404


def test_an_app_cannot_be_taken_off_by_a_click(world):
    client = signed_in(world.user("ansprechperson"), passed=True)
    client.post(reverse("mfa_deactivate_totp"))
    assert world.user("ansprechperson").has_second_factor is True


MALFORMED = [
    "",
    "x",
    "null",
    "1",
    "[]",
    "{}",
    '{"id": 1}',
    '{"id": "a", "rawId": "a", "type": "public-key", "response": []}',
    '{"response": {"userHandle": "eA"}}',
    '{"response": {"userHandle": 5}}',
    '{"response": null}',
    json.dumps(
        {
            "id": "AAAA",
            "rawId": "AAAA",
            "type": "public-key",
            "response": {
                "clientDataJSON": "AAAA",
                "attestationObject": "AAAA",
                "authenticatorData": "AAAA",
                "signature": "AAAA",
                "userHandle": "AAAA",
            },
            "clientExtensionResults": {},
        }
    ),
    "[" * 100_000,
]


@pytest.mark.parametrize("credential", MALFORMED, ids=range(len(MALFORMED)))
def test_a_malformed_credential_is_refused_without_an_error(credential, world, client):
    enrolling = signed_in(world.user("staff_without_mfa"))
    enrolling.get(reverse("mfa_add_webauthn"))
    data = {"credential": credential, "name": "x"}
    assert enrolling.post(reverse("mfa_add_webauthn"), data).status_code == 200
    assert client.get(reverse("mfa_login_webauthn"), HTTP_ACCEPT="application/json").json()
    answer = client.post(reverse("mfa_login_webauthn"), data)
    assert (answer.status_code, answer.url) == (302, reverse("account_login"))
    assert Authenticator.objects.filter(type=PASSKEY).count() == 0
