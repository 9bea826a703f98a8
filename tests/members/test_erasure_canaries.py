"""What was typed in about somebody is nowhere once they are erased; nobody else's row changed."""

from datetime import timedelta
from uuid import uuid4

import pytest
import redis
import time_machine
from allauth.account.models import EmailAddress
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client

from members.models import Interest, OneTimeCode, Person
from members.services import admissions, erasure, exits, holds, letters
from members.services.onboarding import talks
from portal.common import clock, consents
from portal.common.models import AddressTrouble, Consent, OutgoingMail
from portal.common.outbox.services import drain
from tests.members.digest_help import open_day, run_on
from tests.members.interested import link, send
from tests.members.test_digest import DAY
from tests.retention_help import tonight
from tests.world import make_user

CANARIES = {
    "given_name": "Qqvorname",
    "family_name": "Qqnachname",
    "email": "qqmail@example.org",
    "phone": "777001",
    "mobile": "777002",
    "street": "Qqstrasse 1",
    "city": "Qqort",
    "own_interest": "Qqthema",
    "note": "Qqnotiz",
    "partner": "Qqbekannt",
    "number": "Qq-4711",
    "hold": "Qqsperre",
    "mark": "qqmarke",
    "trouble": "qqkaputt@example.org",
    "address": "qqkonto@example.org",
}
# What an erasure adds or changes by itself, without naming anybody.
OURS = {"common_auditevent", "common_consent", "common_outgoingmail", "members_pastmembership"}


@pytest.fixture
def planted(world, sink, client_as, settings, tmp_path):
    """Somebody who came through the form, became a member, was spoken with, and left."""
    settings.ERASURE_LEDGER = str(tmp_path / "erased.log")
    names = {name: CANARIES[name] for name in ("given_name", "family_name", "email")}
    send(Client(), phone=f"0511 {CANARIES['phone']}", **names)
    form = Interest.objects.get(email=CANARIES["email"])
    drain()
    Client().post(link(form))
    staff, contact = world.person("staff"), world.person("ansprechperson")
    person = Person.objects.get(email=CANARIES["email"])
    membership = admissions.apply(person, clock.today(), "member", staff)
    admissions.admit(membership, clock.today(), staff)
    membership.refresh_from_db()
    membership.number = CANARIES["number"]
    membership.save()
    drain()
    letters.save_address(person, staff, CANARIES["street"], "30989", CANARIES["city"])
    run_on(open_day(clock.today() + DAY))
    person.mobile, person.own_interest = f"0511 {CANARIES['mobile']}", CANARIES["own_interest"]
    person.save()
    talks.log_contact(
        person.onboardings.get(),
        contact,
        talks.Talk("call", "reached", uuid4(), note=CANARIES["note"], partner=CANARIES["partner"]),
    )
    user = make_user(person, second_factor=True)
    Client().force_login(user, backend="members.backend.AccountBackend")
    EmailAddress.objects.create(user=user, email=CANARIES["address"])
    OneTimeCode.objects.create(
        user=user,
        mark=CANARIES["mark"],
        made_by=staff,
        told=contact,
        created_at=clock.now(),
        expires_at=clock.now(),
    )
    AddressTrouble.objects.create(
        address=CANARIES["trouble"], recipient_key=person.pk, last_at=clock.now()
    )
    consents.give(person.pk, "messenger", "de", Consent.Channel.PHONE, contact.pk)
    holds.set_hold(person, CANARIES["hold"], None, staff)
    holds.lift(person, staff)
    return person


def dump() -> dict[str, list[str]]:
    """Every row of every table as the text PostgreSQL itself writes."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute("select tablename from pg_tables where schemaname = 'public' order by 1")
        for (table,) in cursor.fetchall():
            cursor.execute(f'select t::text from "{table}" t')
            found[table] = sorted(row for (row,) in cursor.fetchall())
    return found


def hits(words, texts) -> set[str]:
    return {word for word in words for text in texts if word.lower() in text.lower()}


def redis_texts() -> list[str]:
    server = redis.Redis.from_url(django_settings.REDIS_URL)
    return [f"{key!r} {server.dump(key)!r}" for key in server.scan_iter()]


def lines(dumped) -> list[str]:
    return [row for rows in dumped.values() for row in rows]


def test_after_an_erasure_nothing_typed_in_is_found_anywhere(planted, written):
    person = planted
    before = dump()
    # Without this the test would pass for a canary that was never planted.
    assert hits(CANARIES.values(), lines(before)) == set(CANARIES.values())
    named = OutgoingMail.objects.filter(body__contains=CANARIES["given_name"])
    assert set(named.values_list("kind", flat=True)) >= {"members.welcome", "members.digest"}

    assert erasure.erase([person.pk], "test") == 1

    after = dump()
    words = [*CANARIES.values(), "qqnachname qqvorname"]
    assert hits(words, lines(after)) == set()
    assert hits(words, redis_texts()) == set()
    assert hits(words, written()) == set()


def test_rows_of_others_are_equal_to_the_byte(planted):
    person = planted
    about = {str(pk) for pk in erasure.queries.ids_about([person.pk])}
    forms = person.interests.values_list("pk", flat=True)
    about |= {str(pk) for pk in forms} | {str(person.user.pk)}
    before = dump()
    erasure.erase([person.pk], "test")
    after = dump()

    added = {table: set(after[table]) - set(before[table]) for table in after}
    assert {table for table, rows in added.items() if rows} <= OURS
    gone = {table: set(before[table]) - set(after[table]) for table in after}
    changed_mails = {row.split(",")[0] for row in added["common_outgoingmail"]}
    rest = {
        row
        for rows in gone.values()
        for row in rows
        if not any(pk in row for pk in about) and row.split(",")[0] not in changed_mails
    }
    assert rest == set()


def test_whoever_left_is_forgotten_in_the_night_of_day_ninety(planted, world):
    exits.record_exit(planted, clock.today(), "wish", world.person("staff"))
    left = clock.now()
    for days in (1, 28, 89):
        with time_machine.travel(left + timedelta(days=days), tick=False):
            assert "person.left" not in tonight()
    with time_machine.travel(left + timedelta(days=90), tick=False):
        assert tonight()["person.left"] == 1
        assert hits(CANARIES.values(), lines(dump())) == set()
        assert "person.left" not in tonight()
