"""Redis frozen, stopped, emptied: pages stay up and fast, the doors fail closed (T5)."""

import os
import time
import uuid
from collections.abc import Iterator

import pytest
import redis
from django.test import Client
from django.urls import reverse

from members.models import Interest
from portal.common.outbox.models import OutgoingMail
from tests.conftest import BACKEND, pass_second_factor
from tests.members.interested import filled
from tests.services import services

MOST_SECONDS = 3.0
PASSWORD = "ein langer Satz über Rüben"
SENTENCE = "Anmelden geht gerade nicht"
DOORS = {
    "account_login": {"login": "zzmember@example.org", "password": PASSWORD},
    "account_request_login_code": {"email": "zzmember@example.org"},
    "account_reset_password": {"email": "zzmember@example.org"},
    "members:one_time": {"email": "zzmember@example.org", "code": "AAAA-AAAA"},
    "members:call_back": {"email": "zzmember@example.org"},
    "members:join": {"number": "M-member", "proof": "30989"},
}
PAGES = {
    "anon": ("dashboards:home", "account_login", "members:locked_out", "dashboards:help"),
    "staff": ("dashboards:uebersicht", "members:people", "members:accesses", "members:newcomers"),
    "newcomer": ("dashboards:mein_start", "members:mitmachen", "members:about_me"),
    "ansprechperson": (
        "dashboards:heute",
        "members:newcomers",
        "members:newcomer",
        "members:log_contact",
        "members:first_talk",
    ),
}
OF_A_NEWCOMER = {"members:newcomer", "members:log_contact", "members:first_talk"}


@pytest.fixture
def valkey() -> Iterator:
    """The tests' own broker, given back as it was, whatever happened."""
    server = services().valkey
    if server is None:
        pytest.skip("another broker was given; only our own may be frozen")
    yield server
    server.thaw()
    server.start()


@pytest.fixture(params=["frozen", "stopped"])
def broken(request, valkey):
    redis.Redis.from_url(os.environ["REDIS_URL"]).ping()
    valkey.freeze() if request.param == "frozen" else valkey.stop()


@pytest.fixture
def member(live_world):
    user = live_world.user("member")
    user.set_password(PASSWORD)
    user.save()
    return user


def timed(send, *args):
    began = time.monotonic()
    response = send(*args)
    assert time.monotonic() - began < MOST_SECONDS
    return response


@pytest.mark.logs_errors
@pytest.mark.parametrize("name", sorted(DOORS))
def test_a_door_is_closed_with_a_sentence(name, member, broken):
    client = Client()
    response = timed(client.post, reverse(name), DOORS[name])
    assert (response.status_code, SENTENCE in response.content.decode()) == (503, True)
    assert OutgoingMail.objects.count() == 0
    assert client.get("/start/").status_code == 302


@pytest.mark.logs_errors
@pytest.mark.parametrize("name", ["members:interest", "members:come_along"])
def test_the_public_form_is_closed_and_names_the_telephone(name, live_world, broken):
    """Nobody counts, so nothing is kept and nobody is written to."""
    kwargs = {"code": "abcdefghjk"} if name == "members:come_along" else None
    client = Client()
    response = timed(client.post, reverse(name, kwargs=kwargs), filled())
    assert (response.status_code, live_world.district.phone in response.content.decode()) == (
        503,
        True,
    )
    assert (Interest.objects.count(), OutgoingMail.objects.count()) == (0, 0)
    assert timed(client.get, reverse(name, kwargs=kwargs)).status_code == 200


@pytest.mark.logs_errors
def test_the_second_factor_is_closed_too(live_world, valkey):
    user = live_world.user("ansprechperson")
    user.set_password(PASSWORD)
    user.save()
    client = Client()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    valkey.freeze()
    response = timed(client.post, reverse("mfa_authenticate"), {"code": "000000"})
    assert response.status_code == 503


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    if user.has_second_factor:
        pass_second_factor(client, user)
    return client


def test_all_other_pages_stay_up_and_fast(live_world, broken):
    newcomer = live_world.onboarding("newcomer")
    for role, names in PAGES.items():
        client = Client() if role == "anon" else signed_in(live_world.user(role))
        for name in names:
            args = [newcomer.pk] if name in OF_A_NEWCOMER else []
            assert timed(client.get, reverse(name, args=args)).status_code == 200, name


def test_a_talk_is_logged_and_taken_back_all_the_same(live_world, broken):
    """Both pages after it, too: nothing about a call waits for the broker."""
    newcomer, client = live_world.onboarding("newcomer"), signed_in(live_world.user("deputy"))
    url = reverse("members:log_contact", args=[newcomer.pk])
    sent = {"result": "reached", "kind": "call", "submit_token": uuid.uuid4()}
    logged = timed(client.post, url, sent)
    contact = newcomer.contacts.get()
    assert logged.url == reverse("members:logged", args=[newcomer.pk, contact.pk])
    assert timed(client.get, logged.url).status_code == 200
    undo = reverse("members:undo_contact", args=[newcomer.pk, contact.pk])
    assert timed(client.post, undo).status_code == 302
    assert newcomer.contacts.count() == 0


def test_what_writes_a_mail_still_works_for_whoever_is_in(live_world, broken):
    """The broker is asked after the commit; the outbox row is the truth."""
    staff, person = signed_in(live_world.user("staff")), live_world.person("member")
    url = reverse("members:access_code", args=[person.pk])
    assert (
        timed(staff.post, url, {"called_back": "on", "submit_token": uuid.uuid4()}).status_code
        == 200
    )
    assert OutgoingMail.objects.count() == 2


@pytest.mark.logs_errors
def test_a_thawed_broker_opens_the_doors_again(member, valkey):
    client = Client()
    valkey.freeze()
    assert client.post(reverse("account_login"), DOORS["account_login"]).status_code == 503
    valkey.thaw()
    assert client.post(reverse("account_login"), DOORS["account_login"]).status_code == 302


def test_an_emptied_cache_forgets_the_tries_and_nothing_else(member, valkey):
    client = Client()
    client.post(reverse("account_login"), DOORS["account_login"])
    redis.Redis.from_url(os.environ["REDIS_URL"]).flushall()
    assert client.get("/start/").status_code == 200
    assert Client().post(reverse("account_login"), DOORS["account_login"]).status_code == 302


def test_neither_an_address_nor_an_ip_lies_in_redis(member, valkey):
    server = redis.Redis.from_url(os.environ["REDIS_URL"])
    server.flushall()
    Client().post(reverse("account_login"), DOORS["account_login"], REMOTE_ADDR="203.0.113.7")
    keys = b" ".join(server.keys("*"))
    assert len(server.keys("*limit:*")) == 2
    assert [part for part in (b"zzmember", b"203.0.113") if part in keys] == []
