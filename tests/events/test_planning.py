"""Announce, repeat, move, call off; and everybody registered hears of it once."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.urls import reverse

from events import queries, times
from events.models import CheckItem, Event, EventReport, Registration
from events.services import events as service
from events.services import inviting, mailing, places, reporting
from events.times import NoSuchTime, moment, repeated
from members.models import Contact
from portal.common import clock
from portal.common.errors import DomainError
from portal.common.models import OutgoingMail
from portal.common.outbox import kinds
from portal.common.outbox.services import drain
from portal.common.todos import todos_for
from tests.world import make_newcomer

State = Registration.State


def mails(kind):
    return list(OutgoingMail.objects.filter(kind=kind))


@pytest.mark.parametrize(
    ("day", "at", "why"),
    [
        (date(2027, 3, 28), time(2, 30), "vorgestellt"),
        (date(2026, 10, 25), time(2, 30), "zweimal"),
    ],
)
def test_the_two_nights_of_the_clock_are_refused(day, at, why):
    with pytest.raises(NoSuchTime, match=why):
        moment(day, at)


def test_a_wall_clock_time_keeps_its_hour_in_summer_and_winter():
    assert moment(date(2027, 1, 5), time(19)) == datetime(2027, 1, 5, 18, tzinfo=UTC)
    assert moment(date(2027, 7, 6), time(19)) == datetime(2027, 7, 6, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rhythm", "until", "days"),
    [
        ("weekly", date(2027, 1, 26), [12, 19, 26]),
        ("fortnightly", date(2027, 1, 31), [19]),
        ("weekly", date(2027, 1, 11), []),
    ],
)
def test_days_of_a_series(rhythm, until, days):
    found = [day.day for day in repeated(date(2027, 1, 5), rhythm, until)]
    assert found == days


def test_the_second_tuesday_of_each_month_and_no_fifth_where_there_is_none():
    second = list(repeated(date(2027, 1, 12), "monthly", date(2027, 4, 30)))
    assert second == [date(2027, 2, 9), date(2027, 3, 9), date(2027, 4, 13)]
    fifth = list(repeated(date(2027, 3, 30), "monthly", date(2027, 7, 1)))
    assert fifth == [date(2027, 6, 29)]


def test_a_series_stays_at_seven_across_the_change_of_the_clock(world, make_event):
    start = moment(date(2027, 3, 16), time(19))
    with time_machine.travel(datetime(2027, 3, 1, 12, tzinfo=UTC)):
        event = make_event(starts_at=start)
        service.create(
            service.copy(event, start, start + timedelta(hours=2)),
            world.person("ansprechperson"),
            ("weekly", date(2027, 4, 6)),
        )
    found = Event.objects.exclude(series=None).order_by("starts_at")
    assert [times.local(one.starts_at).hour for one in found] == [19] * 4
    assert found[0].starts_at.hour != found[3].starts_at.hour


def test_too_many_repeats_are_refused_and_nothing_is_stored(world, make_event):
    first = make_event()
    event = service.copy(first, first.starts_at, first.ends_at)
    with pytest.raises(DomainError, match="höchstens 30"):
        service.create(
            event,
            world.person("ansprechperson"),
            ("weekly", clock.today() + timedelta(days=700)),
        )
    assert Event.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"ends_at": clock.now() + timedelta(days=6)}, "Ende"),
        ({"ends_at": clock.now() + timedelta(days=60)}, "zwei Wochen"),
        ({"starts_at": clock.now() - timedelta(hours=1)}, "vorbei"),
        ({"register_until": clock.now() + timedelta(days=9)}, "nach dem Termin"),
    ],
)
def test_what_cannot_be_is_refused(make_event, values, why):
    with pytest.raises(DomainError, match=why):
        make_event(**values)
    assert not Event.objects.exists()


def test_the_checklist_comes_with_the_kind_and_moves_with_the_event(world, make_event):
    event = make_event("neumitgliederabend", starts_at=clock.now() + timedelta(days=40))
    days = {item.text: item.due_on for item in event.checklist.all()}
    start = times.local(event.starts_at).date()
    assert days["Neumitglieder einladen"] == start - timedelta(days=14)
    service.tick(event.checklist.get(text="Raum klären"), world.person("deputy"), done=True)
    event.starts_at += timedelta(days=7)
    event.ends_at += timedelta(days=7)
    service.change(event, ["starts_at"], world.person("ansprechperson"))
    moved = {item.text: item.due_on for item in CheckItem.objects.filter(event=event)}
    assert moved["Neumitglieder einladen"] == days["Neumitglieder einladen"] + timedelta(days=7)
    assert moved["Raum klären"] == days["Raum klären"], "what is done stays"


def test_everybody_registered_hears_of_a_new_time_once_and_not_of_a_new_text(world, make_event):
    event, contact = make_event(), world.person("ansprechperson")
    for role in ("newcomer", "member"):
        places.register(event, world.person(role), world.person(role))
    event.text = "Neu beschrieben"
    service.change(event, ["text"], contact)
    assert (event.sequence, mails(mailing.CHANGED)) == (0, [])
    event.place = "Woanders"
    service.change(event, ["place"], contact)
    assert event.sequence == 1
    assert {one.recipient_key for one in mails(mailing.CHANGED)} == {
        world.person("newcomer").pk,
        world.person("member").pk,
    }


def test_a_cancelled_event_is_told_and_takes_nobody(world, make_event):
    event, person = make_event(), world.person("newcomer")
    places.register(event, person, person)
    contact = world.person("ansprechperson")
    assert service.cancel(event, "Heizung kaputt", contact) == 1
    assert service.cancel(event, "Heizung kaputt", contact) == 0
    (mail,) = mails(mailing.CANCELLED)
    kind = kinds.get(mailing.CANCELLED)
    assert kind.may_send(mail) is None
    assert kind.context(mail)["grund"] == "Heizung kaputt"
    event.refresh_from_db()
    with pytest.raises(DomainError, match="abgesagt"):
        service.change(event, ["text"], contact)


def test_the_rest_of_a_series_can_be_called_off(world, make_event):
    first = make_event()
    contact = world.person("ansprechperson")
    until = times.local(first.starts_at).date() + timedelta(days=21)
    event = service.create(
        service.copy(first, first.starts_at, first.ends_at), contact, ("weekly", until)
    )
    second = Event.objects.filter(series=event.series).order_by("starts_at")[1]
    assert service.cancel(second, "", contact, following=True) == 3
    assert Event.objects.filter(series=event.series, state="published").get() == event


def test_newcomers_are_invited_once_and_not_who_wants_no_contact(world, make_event):
    event, contact = make_event("neumitgliederabend"), world.person("ansprechperson")
    found = queries.to_invite(event)
    assert world.person("newcomer") in found
    elsewhere = make_newcomer("Zzfern", world.gliederung("Uetze")).person
    assert elsewhere not in queries.to_invite(event), "another Ortsverein"
    quiet = make_newcomer("Zzstill", world.gliederung("Gehrden")).person
    quiet.no_contact_since = clock.today()
    quiet.save()
    assert quiet not in queries.to_invite(event)
    number = inviting.invite(event, queries.to_invite(event), contact)
    assert number == len(mails(mailing.INVITATION)) >= 1
    assert inviting.invite(event, queries.to_invite(event), contact) == 0


def test_the_turnout_is_told_from_five_evenings_on(world, make_event):
    for number in range(5):
        event = make_event("neumitgliederabend")
        past = clock.now() - timedelta(days=30 * (number + 1))
        Event.objects.filter(pk=event.pk).update(starts_at=past, ends_at=past + timedelta(hours=2))
        coming = make_event("neumitgliederabend")
        assert queries.turnout(coming) is None
        report = EventReport(event=event, headcount=[4, 9, 6, 20, 5][number])
        reporting.write(report, world.person("ansprechperson"))
    found = queries.turnout(coming)
    assert (found.median, found.least, found.most, found.number) == (6, 4, 20, 5)


def test_reminders_leave_once_and_thanks_only_to_who_came(world, make_event):
    event = make_event("neumitgliederabend", starts_at=clock.now() + timedelta(days=2))
    newcomer, member = world.person("newcomer"), world.person("member")
    for one in (newcomer, member):
        places.register(event, one, one)
    mailing.remind()
    assert mails(mailing.REMINDER) == []
    with time_machine.travel(event.starts_at - timedelta(hours=20)):
        mailing.remind()
        mailing.remind()
    assert len(mails(mailing.REMINDER)) == 2
    with time_machine.travel(event.ends_at + timedelta(hours=10)):
        own = Registration.objects.get(person=newcomer)
        places.mark(own, True, world.person("ansprechperson"))
        mailing.thank()
        mailing.thank()
    (mail,) = mails(mailing.THANKS)
    assert mail.recipient_key == newcomer.pk


def test_who_leads_an_event_has_its_tasks_and_its_report(world, make_event):
    event, user = make_event("neumitgliederabend"), world.user("ansprechperson")
    kinds_of = {todo.kind for todo in todos_for(user)}
    assert "event-item" in kinds_of
    with time_machine.travel(event.ends_at + timedelta(days=1)):
        todos = [todo for todo in todos_for(user) if todo.kind == "event-report"]
        assert [todo.title for todo in todos] == ["Wie war es? Zwei Minuten Bericht: Zzabend"]
        reporting.write(EventReport(event=event, headcount=3), world.person("ansprechperson"))
        assert not [todo for todo in todos_for(user) if todo.kind == "event-report"]


def test_one_more_task_is_taken_by_somebody_and_outlives_the_event(world, make_event, client_as):
    event, client = make_event(), client_as("ansprechperson")
    url = reverse("events:prepare", args=[event.pk])
    day = times.local(event.ends_at).date() + timedelta(days=3)
    said = {"text": "Protokoll schicken", "due_on": day.isoformat()}
    assert client.post(url, said | {"due_on": "2020-01-01"}).status_code == 200
    client.post(url, said)
    item = event.checklist.get(text="Protokoll schicken")
    client.post(reverse("events:tick", args=[event.pk, item.pk]), {"erledigt": "mache-ich"})
    with time_machine.travel(event.ends_at + timedelta(days=2)):
        todos = [todo.title for todo in todos_for(world.user("ansprechperson"))]
    assert "Protokoll schicken (Zzabend)" in todos


def test_every_mail_about_an_event_can_be_written(world, make_event, sink):
    event = make_event("neumitgliederabend", capacity=1)
    for role in ("newcomer", "member"):
        places.register(event, world.person(role), world.person(role))
    drain()
    assert mails(mailing.REGISTERED)[0].state == "sent"


def test_turning_up_counts_as_the_promised_talk_by_a_tick_and_once(world, make_event, client_as):
    event, person = make_event(), world.person("newcomer")
    own = places.register(event, person, person)
    url = reverse("events:talked", args=[event.pk, own.pk])
    with time_machine.travel(event.starts_at + timedelta(hours=1)):
        client = client_as("ansprechperson")
        client.post(url)
        assert not Contact.objects.filter(kind="event").exists(), "only who was there"
        places.mark(own, True, world.person("ansprechperson"))
        for _ in range(2):
            client.post(url)
    talk = Contact.objects.get(kind="event")
    assert (talk.onboarding.person, talk.result) == (person, "reached")


def test_a_thin_evening_and_one_that_lost_its_leader_are_on_the_list(world, make_event):
    event = make_event("neumitgliederabend", starts_at=clock.now() + timedelta(days=4))
    titles = [todo.title for todo in todos_for(world.user("ansprechperson"))]
    assert "Zzabend: niemand angemeldet. Ruf noch jemanden an?" in titles
    for one in ("newcomer", "member", "other_newcomer"):
        places.register(event, world.person(one), world.person(one))
    titles = [todo.title for todo in todos_for(world.user("ansprechperson"))]
    assert not [title for title in titles if "Ruf noch jemanden an" in title]
    assert not [
        todo for todo in todos_for(world.user("vorsitz")) if todo.kind == "event-leaderless"
    ]
    Event.objects.update(responsible=None)
    found = [todo for todo in todos_for(world.user("vorsitz")) if todo.kind == "event-leaderless"]
    assert [todo.title for todo in found] == ["Wer kümmert sich um „Zzabend“?"]
    event.refresh_from_db()
    event.text = "Neu"
    service.change(event, ["text"], world.person("vorsitz"))
    assert event.responsible == world.person("vorsitz")
