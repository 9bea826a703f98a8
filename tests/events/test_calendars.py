"""Calendars that programs subscribe to: what they hold, what they hide, and how they end (T20)."""

import re
from datetime import timedelta

from django.db import connection
from django.urls import reverse
from icalendar import Calendar

from events.services import events as planning
from events.services import places, subscribing
from tests.events.conftest import announce

NASTY = "‮Zzrtl 🎉, mit; Komma\\ und\nZeile"


def feed(client, token, **headers):
    return client.get(reverse("events:my_calendar", args=[token]), headers=headers)


def entries(answer):
    return list(Calendar.from_ical(answer.content).walk("VEVENT"))


def test_a_moved_and_a_cancelled_event_reach_a_subscriber(world, client, client_as):
    event, person = announce(world, title=NASTY.replace("\n", " ")), world.person("newcomer")
    places.register(event, person, person)
    token = subscribing.make(person, neutral=False)
    first = feed(client, token)
    (entry,) = entries(first)
    assert (entry["SEQUENCE"], str(entry["STATUS"])) == (0, "CONFIRMED")
    assert feed(client, token, if_none_match=first["ETag"]).status_code == 304
    event.starts_at += timedelta(days=1)
    event.ends_at += timedelta(days=1)
    planning.change(event, ["starts_at"], world.person("ansprechperson"))
    moved = feed(client, token, if_none_match=first["ETag"])
    (entry,) = entries(moved)
    assert moved.status_code == 200
    assert entry["SEQUENCE"] == 1
    assert entry["DTSTART"].dt == event.starts_at.replace(microsecond=0)
    planning.cancel(event, "", world.person("ansprechperson"))
    (entry,) = entries(feed(client, token))
    assert str(entry["STATUS"]) == "CANCELLED"
    assert all(len(line) <= 75 for line in feed(client, token).content.split(b"\r\n"))


def test_a_neutral_calendar_tells_nothing_and_a_revoked_one_is_gone(world, client):
    event, person = announce(world, text="Zzgeheim"), world.person("newcomer")
    places.register(event, person, person)
    token = subscribing.make(person, neutral=True)
    text = feed(client, token).content.decode()
    assert "SUMMARY:Termin" in text
    assert "Zz" not in text
    assert "Bürgerhaus" not in text
    subscribing.revoke(person)
    assert feed(client, token).status_code == 404
    assert feed(client, "falsch").status_code == 404


def test_a_new_address_ends_the_old_one_and_who_may_not_sign_in_has_none(world, client):
    person = world.person("newcomer")
    old, now = (subscribing.make(person, neutral=False) for _ in range(2))
    assert (feed(client, old).status_code, feed(client, now).status_code) == (404, 200)
    world.user("newcomer").__class__.objects.filter(person=person).update(is_active=False)
    assert feed(client, now).status_code == 404


def test_the_public_calendar_of_a_gliederung_holds_only_what_is_public(world, client):
    announce(world, title="Zzoffen", audience="public")
    announce(world, title="Zzintern")
    announce(world, title="Zzeingeladen", audience="invited")
    found = client.get(reverse("events:public_calendar", args=[world.gliederung("Region").pk]))
    assert [str(entry["SUMMARY"]) for entry in entries(found)] == ["Zzoffen"]


def test_the_page_shows_the_address_once_and_stores_no_token(world, client_as):
    client = client_as("newcomer")
    page = client.post(reverse("events:subscribe")).content.decode()
    token = re.search(r"/abo/([\w-]{40,})\.ics", page).group(1)
    again = client.get(reverse("events:subscribe")).content.decode()
    assert token not in again
    with connection.cursor() as cursor:
        cursor.execute("select token_hash from events_calendarfeed")
        assert cursor.fetchone()[0] != token
