"""How often a door may be tried, and that this locks nobody else out (T5)."""

import pytest
from django.test import Client
from django.urls import resolve, reverse

from members.limits import DOORS
from portal.common.outbox.models import OutgoingMail

PASSWORD = "ein langer Satz über Rüben"


@pytest.fixture
def member(world, client):
    user = world.user("member")
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(email, password, ip="203.0.113.7", **headers):
    data = {"login": email, "password": password}
    return Client(REMOTE_ADDR=ip, **headers).post(reverse("account_login"), data).status_code


def test_every_door_exists():
    names = {name for name in DOORS if not name.startswith("members:invitation")}
    names -= {"account_reset_password_from_key"}
    assert {resolve(reverse(name)).view_name for name in names} == names


def test_five_wrong_tries_slow_down_their_own_ip_and_not_the_owner(member):
    answers = [sign_in(member.email, "falsch") for _ in range(6)]
    assert answers == [200] * 5 + [429]
    assert sign_in(member.email, PASSWORD) == 429
    assert sign_in(member.email, PASSWORD, ip="198.51.100.1") == 302


def test_one_ip_cannot_try_many_addresses(world, client):
    answers = [sign_in(f"a{n}@example.org", "falsch") for n in range(61)]
    assert (answers[59], answers[60]) == (200, 429)


def test_a_forged_forwarded_header_changes_nothing(member):
    for n in range(6):
        last = sign_in(member.email, "falsch", HTTP_X_FORWARDED_FOR=f"192.0.2.{n}")
    assert last == 429


def test_behind_a_trusted_proxy_the_last_hop_counts(member, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for n in range(6):
        last = sign_in(member.email, "falsch", HTTP_X_FORWARDED_FOR=f"192.0.2.{n}, 203.0.113.9")
    assert last == 429
    other = {"HTTP_X_FORWARDED_FOR": "203.0.113.9, 198.51.100.1"}
    assert sign_in(member.email, PASSWORD, **other) == 302


def test_an_address_gets_ten_codes_a_day_from_however_many_ips(member):
    url, data = reverse("account_request_login_code"), {"email": member.email}
    answers = [Client(REMOTE_ADDR=f"198.51.100.{n}").post(url, data).status_code for n in range(12)]
    assert answers == [302] * 10 + [429] * 2
    assert OutgoingMail.objects.filter(kind="account.login_code").count() == 10
    # Whoever used them up has not locked the owner out.
    assert sign_in(member.email, PASSWORD) == 302


def test_looking_at_a_door_counts_nothing(member):
    for _ in range(70):
        Client().get(reverse("account_login"))
    assert sign_in(member.email, PASSWORD) == 302
