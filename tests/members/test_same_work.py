"""Known and unknown cost the same: statements, password hashes, outbox rows, answers (T4)."""

import re
from dataclasses import dataclass

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.services import invitations, recovery
from portal.common.outbox.models import OutgoingMail
from tests.world import canary, make_newcomer

KNOWN = f"{canary('member').lower()}@example.org"
UNKNOWN = "zznobody@example.org"
PASSING = ("Content-Length", "Expires")  # the moment, and the length of what was typed
PASSWORD = "ein langer Satz über Rüben"


@dataclass(frozen=True)
class Cost:
    """Everything an onlooker could measure, with the values taken out."""

    status: int
    location: str
    body: str
    headers: dict
    statements: list
    hashes: int
    rows: int


def shape(sql):
    """One statement without its values: same work, whatever was looked for."""
    sql = re.sub(r"'(?:[^']|'')*'(?:::\w+(?:\[\])?)?", "?", sql)
    return re.sub(r"(s\d+_x\d+|\b\d+\b)", "?", sql)


@pytest.fixture
def cost_of(world, monkeypatch):
    """Send one request from a fresh browser and return what it cost."""
    cache.clear()  # other tests have tried these doors before
    hashes = []
    encode = Argon2PasswordHasher.encode

    def counted(self, *args, **kwargs):
        hashes.append(1)
        return encode(self, *args, **kwargs)

    verify = Argon2PasswordHasher.verify

    def counted_verify(self, *args, **kwargs):
        hashes.append(1)
        return verify(self, *args, **kwargs)

    monkeypatch.setattr(Argon2PasswordHasher, "encode", counted)
    monkeypatch.setattr(Argon2PasswordHasher, "verify", counted_verify)

    def cost(name, data, typed=(), kwargs=None):
        hashes.clear()
        before = OutgoingMail.objects.count()
        with CaptureQueriesContext(connection) as captured:
            response = Client().post(reverse(name, kwargs=kwargs), data)
        body = response.content.decode()
        for value in typed:
            body = body.replace(value, "…")
        body = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", body)
        return Cost(
            response.status_code,
            response.headers.get("Location", ""),
            body,
            {k: v for k, v in response.headers.items() if k not in PASSING},
            [shape(query["sql"]) for query in captured],
            len(hashes),
            OutgoingMail.objects.count() - before,
        )

    return cost


@pytest.fixture
def member(world):
    user = world.user("member")
    user.set_password(PASSWORD)
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def test_a_wrong_password(member, cost_of):
    known, unknown = (
        cost_of("account_login", {"login": email, "password": "falsch"}, [email])
        for email in (KNOWN, UNKNOWN)
    )
    assert known == unknown
    assert (known.hashes, known.rows) == (1, 0)


def test_a_login_without_a_password(world, cost_of):
    """Whoever signs in by code only has no hash to compare with; one is made all the same."""
    known, unknown = (
        cost_of("account_login", {"login": email, "password": "falsch"}, [email])
        for email in (KNOWN, UNKNOWN)
    )
    assert known == unknown
    assert known.hashes == 1


def test_a_locked_login(member, cost_of):
    member.is_active = False
    member.save()
    for name, field in (("account_login", "login"), ("account_request_login_code", "email")):
        known, unknown = (
            cost_of(name, {field: email, "password": "falsch"}, [email])
            for email in (KNOWN, UNKNOWN)
        )
        assert known == unknown


@pytest.mark.parametrize("name", ["account_request_login_code", "account_reset_password"])
def test_a_code_and_a_reset(name, member, cost_of):
    known, unknown = (cost_of(name, {"email": email}, [email]) for email in (KNOWN, UNKNOWN))
    assert known == unknown
    assert (known.hashes, known.rows) == (0, 1)
    assert known.status == 302


def test_the_page_after_asking_for_a_code(member, client):
    """Who reloads it, or types a wrong code, learns nothing either."""
    seen = []
    for email in (KNOWN, UNKNOWN):
        client = Client()
        client.post(reverse("account_request_login_code"), {"email": email})
        client.get(reverse("account_confirm_login_code"))
        statements = []
        for send in (client.get, client.post):
            with CaptureQueriesContext(connection) as captured:
                response = send(reverse("account_confirm_login_code"), {"code": "AAAA-AAAA"})
            statements += [shape(query["sql"]) for query in captured]
            body = re.sub(r'value="\w{64}"', "", response.content.decode())
            seen.append((email, response.status_code, body))
        seen.append((email, statements))
    assert [row[1:] for row in seen if row[0] == KNOWN] == [
        row[1:] for row in seen if row[0] == UNKNOWN
    ]


def test_asking_for_the_invitation_again(world, cost_of):
    onboarding = make_newcomer("Eingeladen", world.gliederung("Gehrden"))
    token = invitations.token(invitations.ensure_invitation(onboarding.person))
    known, forged, taken = (
        cost_of("members:invitation_again", {}, kwargs={"token": given})
        for given in (token, "a" * len(token), token)
    )
    assert known == forged
    assert known.rows == 1
    assert (taken.status, taken.body, taken.statements) == (
        known.status,
        known.body,
        known.statements,
    )


@pytest.mark.parametrize("role", ["newcomer", "Zzinvited"])
def test_i_am_a_member(role, world, cost_of):
    """With a login, without one, with a wrong proof, and with a number that does not exist."""
    if role == "Zzinvited":
        make_newcomer(role, world.gliederung("Gehrden"))
    email = f"{canary(role).lower() if role == 'newcomer' else role.lower()}@example.org"
    costs = [
        cost_of("members:join", {"number": number, "proof": proof})
        for number, proof in (
            (f"M-{role}", email),
            (f"M-{role}", "30000"),
            ("M-00000", email),
        )
    ]
    assert costs[0] == costs[1] == costs[2]
    assert costs[0].rows == 1


def test_the_code_from_the_telephone(member, world, cost_of):
    recovery.make_code(world.person("member"), world.person("staff"), called_back=True)
    known, unknown = (
        cost_of("members:one_time", {"email": email, "code": "AAAA-AAAA"}, [email])
        for email in (KNOWN, UNKNOWN)
    )
    assert known == unknown
    assert known.rows == 0


def test_asking_for_a_call(member, cost_of):
    known, unknown = (
        cost_of("members:call_back", {"email": email}, [email]) for email in (KNOWN, UNKNOWN)
    )
    assert known == unknown
    member.refresh_from_db()
    assert member.asked_for_call_at is not None


def test_the_row_for_nobody_never_names_what_was_typed_and_is_dropped(world, cost_of):
    from portal.common.outbox import services as outbox

    cost_of("account_request_login_code", {"email": UNKNOWN})
    row = OutgoingMail.objects.get(kind="account.nobody")
    assert UNKNOWN not in str(OutgoingMail.objects.filter(pk=row.pk).values())
    outbox.drain()
    row.refresh_from_db()
    assert (row.state, row.reason) == ("dropped", "niemand gefragt")
