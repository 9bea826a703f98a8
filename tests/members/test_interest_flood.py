"""Floods, machines and curious people at „Ich will mitmachen“ (T4, T18, T19)."""

import os
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from members.models import Interest, InterestMark, Person
from members.services import interest
from portal.common import clock
from portal.common.outbox.services import drain
from tests.members.interested import asked, filled, mails, send
from tests.members.test_same_work import cost_of  # noqa: F401 -- a fixture
from tests.world import canary, make_person

LOAD = bool(os.environ.get("PORTAL_LOAD"))


def test_one_mail_a_day_and_three_for_ever_even_after_the_form_is_gone(world):
    for day in (0, 0, 1.5, 1.6, 3, 10, 100):
        with time_machine.travel(clock.now() + timedelta(days=day)):
            interest.ask(asked())
            Interest.objects.all().delete()
    assert len(mails()) == 3


def test_a_plus_and_capitals_are_the_same_mailbox(world):
    for address in ("ida@example.org", "IDA@example.org", "ida+1@example.org", "ida+2@example.org"):
        interest.ask(asked(email=address))
    assert len(mails()) == 1


def test_the_counter_names_nobody(world):
    interest.ask(asked())
    (row,) = InterestMark.objects.values()
    assert "ida" not in str(row)
    assert (row["mails"], len(row["mark"])) == (1, 64)


def test_the_house_writes_no_more_than_its_cap_and_a_human_sees_the_rest(world, settings):
    settings.INTEREST_MAILS_PER_HOUR = 3
    for number in range(8):
        interest.ask(asked(email=f"a{number}@example.org"))
    assert len(mails()) == 3
    assert Interest.objects.filter(state="held", doubt="many").count() == 5
    with time_machine.travel(clock.now() + timedelta(minutes=61)):
        interest.ask(asked(email="spaeter@example.org"))
    assert len(mails()) == 4


@pytest.mark.parametrize(
    ("values", "doubt"),
    [
        ({"website": "http://example.org"}, "trap"),
        ({"given_name": "Gewinn http://bit.ly/x"}, "link"),
        ({"given_name": "Besuche www.example.org"}, "link"),
        ({"family_name": "klick-mich.example"}, "link"),
        ({"began": ""}, "fast"),
        ({"began": "1763800000:gefälscht"}, "fast"),
    ],
)
def test_what_a_machine_sends_waits_for_a_human_and_gets_the_same_answer(
    world, client, values, doubt
):
    page = send(client, **values)
    assert (page.status_code, "Postfach" in page.content.decode()) == (200, True)
    assert Interest.objects.get().doubt == doubt
    assert mails() == []


def test_a_page_kept_for_two_days_or_sent_at_once_is_looked_at(world, client):
    for shift in (timedelta(days=2), timedelta(seconds=-29)):
        data = filled()
        with time_machine.travel(clock.now() + shift):
            client.post(reverse("members:interest"), data)
    assert list(Interest.objects.values_list("doubt", flat=True)) == ["fast", "fast"]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"given_name": ""}, "Bitte ausfüllen."),
        ({"given_name": "   "}, "Bitte ausfüllen."),
        ({"given_name": "A\u202eB"}, "Zeichen, das in keinem Namen"),
        ({"family_name": "=1+1"}, "Zeichen, das in keinem Namen"),
        ({"email": "kaputt"}, "Das ist keine E-Mail-Adresse"),
        ({"email": "a@example.org, b@example.org"}, "Das ist keine E-Mail-Adresse"),
        ({"plz": "abc"}, "fünf Ziffern"),
        ({"phone": "abc"}, "Das ist keine Telefonnummer"),
        ({"agreed": ""}, "Ohne Ihr Einverständnis"),
        ({"language": "xx"}, "Sprache"),
        ({"topics": "x"}, "interessiert"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_kept(world, client, values, sentence):
    page = send(client, **values)
    assert (page.status_code, sentence in page.content.decode()) == (200, True)
    assert Interest.objects.count() == 0


def test_a_line_break_in_a_name_becomes_a_blank(world, client):
    send(client, given_name="Ida\r\nBcc: a@example.org"[:4] + "\nMaria")
    assert Interest.objects.get().given_name == "Ida Maria"


def test_a_flood_is_one_mail_an_address_and_stays_below_the_cap(world, settings):
    """500 posts here; `make load` sends 10,000 to 500 addresses from 300 networks."""
    posts, addresses, networks = (10_000, 500, 300) if LOAD else (500, 50, 60)
    settings.INTEREST_MAILS_PER_HOUR = 20
    cache.clear()
    answers = []
    for number in range(posts):
        net = number % networks
        client = Client(REMOTE_ADDR=f"10.{net // 250}.{net % 250}.{number % 251}")
        answer = send(client, email=f"opfer{number % addresses}@example.org")
        answers.append(answer.status_code)
    assert set(answers) <= {200, 429}
    assert answers.count(200) <= networks * 10
    written = [address for _, address in mails()]
    assert len(written) == len(set(written)) == 20


def test_a_whole_network_counts_as_one(world):
    cache.clear()
    codes = [send(Client(REMOTE_ADDR=f"10.1.2.{n}"), plz="x").status_code for n in range(12)]
    assert codes == [200] * 10 + [429] * 2
    assert send(Client(REMOTE_ADDR="10.1.3.1"), plz="x").status_code == 200
    codes = [send(Client(REMOTE_ADDR=f"2001:db8:0:1{n:02x}::1")).status_code for n in range(12)]
    assert codes.count(429) == 2


def test_new_known_member_too_often_and_doubtful_cost_the_same(world, cost_of):  # noqa: F811
    member = f"{canary('member').lower()}@example.org"
    make_person("Zzohne", None)
    interest.ask(asked(email="oft@example.org"))

    def cost(**values):
        cache.clear()
        return cost_of("members:interest", filled(**values))

    costs = {
        "new": cost(email="neu@example.org"),
        "member": cost(email=member),
        "no login": cost(email="zzohne@example.org"),
        "again": cost(email="oft@example.org"),
        "machine": cost(email="maschine@example.org", website="x"),
    }
    assert all(found == costs["new"] for found in costs.values())
    assert costs["new"].rows == 1


def test_a_member_gets_what_helps_a_member_and_no_second_person(world, client):
    address = f"{canary('member').lower()}@example.org"
    send(client, email=address)
    assert mails() == [("account.login_hint", address)]
    drain()
    assert Person.objects.exclude(family_name__startswith="Zz").exists() is False
