"""A member reads who looked, takes a consent back, leaves, and is forgotten on time."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from django.apps import apps
from django.db import connection
from playwright.sync_api import expect

from members.models import Look, Person
from members.services.reference import MESSENGER
from portal.common import clock, consents, ledger, periods, tasks
from portal.common.models import Consent
from tests.world import canary


@pytest.fixture(autouse=True)
def own_ledger(settings, tmp_path):
    settings.ERASURE_LEDGER = str(tmp_path / "ledger.txt")


def places_naming(text: str) -> list[str]:
    """Every table that still holds this text anywhere in a row."""
    found = []
    with connection.cursor() as cursor:
        for table in sorted({model._meta.db_table for model in apps.get_models()}):
            cursor.execute(f'select count(*) from "{table}" t where t::text like %s', [f"%{text}%"])
            if cursor.fetchone()[0]:
                found.append(table)
    return found


def last_night(days: int) -> None:
    """The nightly deletion, so many days from now."""
    with time_machine.travel(clock.now() + timedelta(days=days)):
        tasks.retention()


def test_a_member_leaves_and_is_forgotten_on_time(live_server, live_world, open_page):
    person: UUID = live_world.person("newcomer").pk
    name, onboarding = canary("newcomer"), live_world.onboarding("newcomer")
    consents.give(person, MESSENGER, "de", Consent.Channel.ONLINE, person)

    contact = open_page(live_server.url, live_world.user("ansprechperson"))
    contact.goto(f"/neumitglieder/{onboarding.pk}/")
    assert Look.objects.filter(person=person, is_close=True).count() == 1

    member = open_page(live_server.url, live_world.user("newcomer"))
    member.goto("/ich/daten/")
    member.get_by_role("link", name="Wer deine Daten angesehen hat").click()
    expect(member.get_by_text("Ansprechperson für Neumitglieder")).to_be_visible()
    expect(member.get_by_text(f"{clock.today():%d.%m.%Y}")).to_be_visible()
    member.goto("/ich/einwilligungen/")
    member.get_by_role("button", name="Zurücknehmen: Messenger").click()
    expect(member.get_by_role("status")).to_contain_text("Zurückgenommen")

    staff = open_page(live_server.url, live_world.user("staff"))
    staff.goto(f"/personen/{person}/austritt/")
    staff.get_by_label("eigener Wunsch").check()
    staff.get_by_role("button", name="Austritt eintragen").click()
    expect(staff.get_by_role("status")).to_contain_text("Eingetragen")

    # From now on only the office sees them.
    contact.goto(f"/neumitglieder/{onboarding.pk}/")
    expect(contact.get_by_role("heading", level=1)).to_have_text(re.compile("nicht"))
    staff.goto(f"/personen/{person}/")
    expect(staff.get_by_role("heading", level=1)).to_contain_text(name)

    last_night(periods.EXIT.days - 1)
    assert Person.objects.filter(pk=person).exists()
    last_night(periods.EXIT.days)

    assert places_naming(name) == []
    assert [entry.subject for entry in ledger.read()] == [person]
    staff.reload()
    expect(staff.get_by_role("heading", level=1)).to_have_text(re.compile("nicht"))
    others = Person.objects.filter(family_name=canary("other_newcomer"))
    assert others.exists()
