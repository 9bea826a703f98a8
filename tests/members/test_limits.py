"""How often a door may be tried, and that this locks nobody else out (T5)."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import resolve, reverse

from members.limits import DOORS
from members.services.signing_in import CODE, RESET
from portal.common import clock
from portal.common.limits import Limit
from portal.common.outbox.models import OutgoingMail

RESET_DOOR, MANY = "account_reset_password", Limit(100, 600)
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
    with_token = {
        "account_reset_password_from_key",
        "members:come_along",
        "members:interest_confirm",
        "members:invitation",
        "members:invitation_again",
    }
    names = set(DOORS) - with_token
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


@pytest.mark.parametrize(
    ("door", "kind", "most"),
    [("account_request_login_code", CODE, 40), ("account_reset_password", RESET, 20)],
)
def test_a_flood_of_mails_ends_and_nobody_is_told(door, kind, most, member):
    url, data = reverse(door), {"email": member.email}
    answers = {
        Client(REMOTE_ADDR=f"198.51.100.{n}").post(url, data).status_code for n in range(most + 3)
    }
    assert answers == {302}
    assert OutgoingMail.objects.filter(kind=kind).count() == most
    # Whoever used them up has not locked the owner out.
    assert sign_in(member.email, PASSWORD) == 302


@pytest.mark.parametrize(
    ("door", "field"),
    [
        ("account_request_login_code", "email"),
        ("account_reset_password", "email"),
        ("members:call_back", "email"),
        ("members:join", "number"),
        ("members:one_time", "email"),
    ],
)
def test_one_ip_closes_no_door_for_anybody_else(door, field, member):
    url, data = reverse(door), {field: member.email, "proof": "30989", "code": "AAAA-AAAA"}
    begin = clock.now()
    for hour in range(12):
        with time_machine.travel(begin + timedelta(hours=hour), tick=False):
            last = [Client().post(url, data).status_code for _ in range(12)]
        assert last[-1] == 429
    assert Client(REMOTE_ADDR="198.51.100.1").post(url, data).status_code in (200, 302)


def test_a_refused_try_is_not_counted_any_further(member, monkeypatch):
    url = reverse(RESET_DOOR)
    for n in range(20):
        Client().post(url, {"email": f"zz{n}@example.org"})
    for _ in range(10):
        assert Client().post(url, {"email": member.email}).status_code == 429
    with monkeypatch.context() as patched:
        patched.setitem(DOORS, RESET_DOOR, replace(DOORS[RESET_DOOR], ip=MANY))
        assert Client().post(url, {"email": member.email}).status_code == 302


def test_looking_at_a_door_counts_nothing(member):
    for _ in range(70):
        Client().get(reverse("account_login"))
    assert sign_in(member.email, PASSWORD) == 302
