"""Pages and calendars of events: what they show, what they refuse, how few queries they take."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events.models import Event, EventKind, EventReport, Registration, Series
from events.services import doors, guests, mailing, places, subscribing
from portal.common import clock
from portal.common.models import OutgoingMail
from portal.common.outbox import kinds
from tests.events.conftest import announce
from tests.test_query_counts import asked
from tests.world import make_person

State = Registration.State


def body(client, name, *args, **query):
    return client.get(reverse(name, args=args), query).content.decode()


def new(client, code="neumitgliederabend", **values):
    day = (clock.today() + timedelta(days=20)).isoformat()
    said = {"title": "Abend", "day": day, "begins": "19:00", "place": "Bürgerhaus"}
    return client.post(reverse("events:new", args=[code]), said | values)


def test_a_contact_announces_an_evening_with_day_time_and_place(world, client_as):
    answer = new(client_as("ansprechperson"))
    event = Event.objects.get()
    assert answer.url == reverse("events:event", args=[event.pk])
    assert (event.gliederung.name, event.audience) == ("Gehrden", "newcomers")
    assert event.ends_at - event.starts_at == timedelta(minutes=120)
    assert event.checklist.count() == len(event.kind.checklist)
    page = client_as("ansprechperson").get(reverse("events:new", args=["neumitgliederabend"]))
    assert "Wie beim letzten Mal" in page.content.decode()


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"day": "2020-01-01"}, "schon vorbei"),
        ({"day": "gestern"}, "gültiges Datum"),
        ({"day": "9999-12-31"}, "drei Jahren"),
        ({"day": "0001-01-01"}, "drei Jahren"),
        ({"repeats": "weekly", "until": "9999-12-31"}, "drei Jahren"),
        ({"begins": "25:00"}, "gültige"),
        ({"begins": "19:00", "ends": "19:00"}, "gleich dem Beginn"),
        ({"day": "2027-03-28", "begins": "02:30"}, "vorgestellt"),
        ({"day": "2027-10-31", "begins": "02:30"}, "zweimal"),
        ({"repeats": "weekly"}, "Bis wann"),
        ({"repeats": "weekly", "until": "2020-01-01"}, "vor dem zweiten"),
        ({"repeats": "daily"}, "Auswahl"),
        ({"title": "x" * 10_000}, "120"),
        ({"place": ""}, "Bitte ausfüllen"),
    ],
)
def test_bad_input_is_named_and_nothing_is_stored(world, client_as, values, why):
    answer = new(client_as("ansprechperson"), **values)
    assert answer.status_code == 200
    assert why in answer.content.decode()
    assert not Event.objects.exists()


def test_nobody_plans_for_another_ortsverein(world, client_as):
    elsewhere = world.gliederung("Uetze")
    new(client_as("ansprechperson"), gliederung=str(elsewhere.pk))
    assert Event.objects.get().gliederung.name == "Gehrden"
    new(client_as("foreign_ansprechperson"))
    assert Event.objects.order_by("pk").filter(gliederung=elsewhere).count() == 1


def test_moving_an_event_tells_who_is_registered(world, client_as):
    event, person = announce(world), world.person("newcomer")
    places.register(event, person, person)
    client = client_as("ansprechperson")
    page = client.get(reverse("events:edit", args=[event.pk])).content.decode()
    said = dict(re.findall(r'name="(day|begins|ends)" value="([^"]+)"', page))
    said |= {"title": event.title, "audience": "members", "language": "de", "place": "Woanders"}
    said |= {"needs_registration": "on"}
    answer = client.post(reverse("events:edit", args=[event.pk]), said)
    assert answer.status_code == 302, answer.content.decode()
    event.refresh_from_db()
    assert (event.place, event.sequence) == ("Woanders", 1)
    assert OutgoingMail.objects.filter(kind=mailing.CHANGED).count() == 1


def test_a_newcomer_comes_and_cancels_in_one_tap_each(world, client_as):
    event, client = announce(world), client_as("newcomer")
    client.post(reverse("events:register", args=[event.pk]))
    assert "Du bist dabei" in body(client, "events:event", event.pk)
    client.post(reverse("events:unregister", args=[event.pk]))
    assert "Kommst du?" in body(client, "events:event", event.pk)
    bad = client.post(reverse("events:register", args=[event.pk]), {"companions": "99"})
    assert bad.status_code == 302
    assert not Registration.objects.holding().exists()


def test_only_who_is_registered_sees_the_link_of_an_online_meeting(world, client_as):
    event = announce(world, online_url="https://konferenz.example.org/zz")
    client = client_as("newcomer")
    assert "konferenz.example.org" not in body(client, "events:event", event.pk)
    client.post(reverse("events:register", args=[event.pk]))
    assert "konferenz.example.org" in body(client, "events:event", event.pk)


@pytest.mark.parametrize(
    ("audience", "seen"),
    [
        ("public", {"anon", "newcomer", "member", "foreign_newcomer"}),
        ("members", {"newcomer", "member"}),
        ("newcomers", {"newcomer"}),
        ("invited", set()),
    ],
)
def test_who_sees_it(world, client_as, audience, seen):
    announce(world, audience=audience)
    found = {
        role
        for role in ("anon", "newcomer", "member", "foreign_newcomer")
        if "Zzabend" in body(client_as(role), "events:termine")
    }
    assert found == seen


def test_a_shared_event_is_seen_by_both(world, client_as):
    event = announce(world)
    event.co_hosts.add(world.gliederung("Uetze"))
    assert "Zzabend" in body(client_as("foreign_newcomer"), "events:termine")


def test_who_was_asked_by_name_may_change_this_one_event_and_no_other(world, client_as):
    mine, other = announce(world), announce(world, title="Zzanderer")
    mine.delegates.add(world.person("member"))
    client = client_as("member")
    assert client.get(reverse("events:participants", args=[mine.pk])).status_code == 200
    assert client.get(reverse("events:participants", args=[other.pk])).status_code == 403
    assert client.get(reverse("events:kinds")).status_code == 403


def test_who_was_asked_by_name_asks_nobody_else_and_ends_no_series(world, client_as):
    mine = announce(world)
    mine.delegates.add(world.person("member"))
    page = body(client_as("member"), "events:edit", mine.pk)
    assert 'name="place"' in page
    assert not re.search(r'name="(delegates|co_hosts|audience)"', page)
    mine.series = Series.objects.create(rhythm="weekly", until=clock.today())
    mine.save()
    assert 'name="following"' not in body(client_as("member"), "events:cancel", mine.pk)
    assert 'name="following"' in body(client_as("ansprechperson"), "events:cancel", mine.pk)


def test_who_has_left_reads_neither_the_events_nor_the_list(world, client_as):
    event, member = announce(world), world.person("member")
    event.delegates.add(member)
    member.memberships.update(left_on=clock.today(), has_ended=True)
    client = client_as("member")
    assert "Zzabend" not in body(client, "events:termine")
    assert client.get(reverse("events:participants", args=[event.pk])).status_code == 404


@pytest.mark.parametrize("name", ["Gewinn: spam.example", "http://x", "a@b", "Kim <b>"])
def test_a_guest_writes_no_message_into_our_mail(world, client, name):
    event = announce(world, audience="public")
    said = {"guest_name": name, "guest_email": "fremd@example.org"}
    answer = client.post(reverse("events:guest", args=[event.pk]), said)
    assert "Bitte nur Ihren Namen" in answer.content.decode()
    assert not Registration.objects.exists()


def test_too_many_guests_at_once_are_asked_to_wait(world, client, monkeypatch):
    monkeypatch.setattr(guests, "MOST_ASKED", 1)
    event = announce(world, audience="public")
    url = reverse("events:guest", args=[event.pk])
    for number in range(3):
        client.post(url, {"guest_name": "Kim", "guest_email": f"g{number}@example.org"})
    assert Registration.objects.count() == 1
    assert OutgoingMail.objects.filter(kind=mailing.GUEST).count() == 1


def test_a_forgotten_guest_leaves_no_mail_with_the_address(world, client):
    event = announce(world, audience="public")
    said = {"guest_name": "Kim", "guest_email": "g@example.org"}
    client.post(reverse("events:guest", args=[event.pk]), said)
    with time_machine.travel(clock.now() + timedelta(hours=80)):
        guests.forget_unconfirmed()
    assert not OutgoingMail.objects.filter(address="g@example.org").exists()


def test_the_list_names_nobody_by_surname(world, client_as):
    event, person = announce(world), world.person("newcomer")
    places.register(event, person, person, places.Wish(needs="Rampe"))
    page = body(client_as("ansprechperson"), "events:participants", event.pk)
    assert "Newcomer" in page
    assert "Rampe" in page
    assert person.family_name not in page
    pdf = client_as("ansprechperson").get(reverse("events:sheet", args=[event.pk]))
    assert pdf.content.startswith(b"%PDF-")


def test_the_code_at_the_door_counts_on_the_day_only(world, client_as):
    event, client = announce(world), client_as("newcomer")
    url = doors.url(event).partition("//")[2].partition("/")[2]
    client.post(f"/{url}")
    assert not Registration.objects.exists()
    with time_machine.travel(event.starts_at + timedelta(minutes=5)):
        client_as("newcomer").post(f"/{url}")
    assert Registration.objects.get().came is True
    assert client.get("/termine/da/gefaelscht/").status_code == 404


def test_the_report_begins_with_what_the_list_knows(world, client_as):
    event, person = announce(world), world.person("newcomer")
    places.register(event, person, person, places.Wish(companions=2))
    with time_machine.travel(event.ends_at + timedelta(hours=1)):
        places.mark(Registration.objects.get(), True, person)
        client = client_as("ansprechperson")
        url = reverse("events:report", args=[event.pk])
        assert 'name="headcount" value="3"' in client.get(url).content.decode()
        client.post(url, {"headcount": "7", "newcomers": "2"})
    assert EventReport.objects.get().headcount == 7


def test_by_phone_somebody_without_internet_comes(world, client_as):
    event, person = announce(world), world.person("newcomer")
    url = reverse("events:by_phone", args=[person.pk])
    client = client_as("ansprechperson")
    client.post(url, {"termin": str(event.pk), "kommt": "ja"})
    own = Registration.objects.get()
    assert (own.state, own.entered_by) == (State.REGISTERED, world.person("ansprechperson"))
    assert client.post(url, {"termin": "kein", "kommt": "ja"}).status_code == 404
    client.post(url, {"termin": str(event.pk), "kommt": "nein"})
    own.refresh_from_db()
    assert own.state == State.CANCELLED
    assert person.phone_answers.filter(code="termine").count() == 2


def test_a_guest_comes_by_the_link_in_the_mail(world, client):
    event = announce(world, audience="public")
    url = reverse("events:guest", args=[event.pk])
    said = {"guest_name": "Kim Gast", "guest_email": "Gast@Example.org"}
    first = client.post(url, said).content
    again = client.post(url, said).content
    strip = re.compile(rb'csrfmiddlewaretoken" value="[^"]+"|nonce="[^"]+"')
    assert strip.sub(b"", first) == strip.sub(b"", again), "no word about who is registered"
    mail = OutgoingMail.objects.filter(kind=mailing.GUEST).first()
    link = kinds.get(mailing.GUEST).context(mail)["ja"]
    path = "/" + link.partition("//")[2].partition("/")[2]
    assert client.get(path).status_code == 200
    assert Registration.objects.get().state == State.ASKED, "looking changes nothing"
    client.post(path)
    assert Registration.objects.get().state == State.REGISTERED


def test_the_public_page_names_nobody(world, client_as):
    event = announce(world, audience="public", awareness=world.person("deputy"))
    event.greeters.add(world.person("vorsitz"))
    names = [world.person(role).first_name for role in ("deputy", "vorsitz", "ansprechperson")]
    inside = body(client_as("newcomer"), "events:event", event.pk)
    assert all(name in inside for name in names[:2])
    outside = body(client_as("anon"), "events:event", event.pk)
    assert not [name for name in names if name in outside]


# --- How few queries ------------------------------------------------------------------------------


def many(world, first, count):
    kind, start = EventKind.objects.get(code="workshop"), clock.now()
    made = Event.objects.bulk_create(
        Event(
            kind=kind,
            title=f"Termin {n}",
            gliederung=world.gliederung("Gehrden"),
            state="published",
            starts_at=start + timedelta(days=1, hours=n),
            ends_at=start + timedelta(days=1, hours=n + 1),
            capacity=8,
        )
        for n in range(first, first + count)
    )
    people = [make_person(f"Zzm{first}x{n}", world.gliederung("Gehrden")) for n in range(4)]
    people[0] = world.person("newcomer")
    Registration.objects.bulk_create(
        Registration(event=event, person=one, state="registered", created_at=start, queued_at=start)
        for event in made
        for one in people
    )
    return made


def queries(client, url):
    with CaptureQueriesContext(connection) as found:
        assert client.get(url).status_code == 200
    return len(asked(found))


PAGES = {
    "list": ("newcomer", "/termine/"),
    "month": ("newcomer", "/termine/?ansicht=monat"),
    "planner": ("ansprechperson", "/termine/"),
    "guest": ("anon", "/termine/"),
}


@pytest.mark.parametrize("page", PAGES)
def test_pages_take_the_same_few_queries_for_a_hundred_events(world, client_as, page):
    role, url = PAGES[page]
    many(world, 0, 3)
    client = client_as(role)
    client.get(url)
    few = queries(client, url)
    many(world, 3, 97)
    assert queries(client, url) == few
    assert few <= 12, few


def test_one_event_and_a_feed_take_few_queries(world, client_as, client):
    event = many(world, 0, 30)[0]
    signed_in = client_as("ansprechperson")
    url = reverse("events:event", args=[event.pk])
    signed_in.get(url)
    assert queries(signed_in, url) <= 20
    token = subscribing.make(world.person("newcomer"), neutral=False)
    assert queries(client, reverse("events:my_calendar", args=[token])) <= 8
    listed = reverse("events:participants", args=[event.pk])
    assert queries(signed_in, listed) <= 20
