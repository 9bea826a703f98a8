"""The collected mail itself: one a day, at a decent hour, true when it leaves."""

import email.policy
import re
from email import message_from_bytes

import pytest

from members.models import DigestRun, Person
from members.services import digests
from members.services import onboarding as service
from members.services.digests import weekdays
from portal.common import clock, todos
from portal.common.models import OutgoingMail
from portal.common.outbox.services import drain
from portal.common.scope import scope
from portal.common.todos import Todo
from tests.concurrency import at_once
from tests.members.digest_help import (
    DAY,
    at,
    due_newcomer,
    keys_of,
    mails,
    named,
    run_on,
    text_to,
    weekday,
)

SENT, DROPPED, QUEUED = (
    OutgoingMail.State.SENT,
    OutgoingMail.State.DROPPED,
    OutgoingMail.State.QUEUED,
)


@pytest.fixture
def monday(world):
    """A Monday with no holiday near, on which the cast's newcomers are due for nobody."""
    return weekday(0, clock.today() + 20 * DAY)


@pytest.fixture
def contact(world):
    """The Ansprechperson, who has nobody yet."""
    person = world.person("ansprechperson")
    service.close([world.person(role) for role in ("newcomer", "other_newcomer")])
    return person


@pytest.fixture
def todo(contact):
    """One task of the Ansprechperson that the test can change."""
    shown = []
    todos.register("test")(lambda user, _: shown if user.person_id == contact.pk else [])
    yield shown
    del todos._sources[("test",)]


def task(step=0):
    return Todo("test:1", "test", "Ein Wechsel wartet", None, "/wechsel/", step=step)


def received(sink):
    return [
        message_from_bytes(path.read_bytes(), policy=email.policy.default)
        for path in sink.glob("*.eml")
    ]


# --- One a day ------------------------------------------------------------------------------


def test_several_things_are_one_mail_and_an_empty_day_is_none(monday, contact, todo, world, sink):
    run_on(monday)
    assert mails(contact) == []

    due_newcomer(world, monday + DAY)
    due_newcomer(world, monday + DAY, "Zzzwei", given_name="Ali")
    todo.append(task())
    run_on(monday + DAY)

    (mail,) = mails(contact)
    assert mail.state == SENT
    assert mail.body.count("zwei Menschen freuen sich auf deinen Anruf.") == 1
    assert mail.body.count("Ein Wechsel wartet: ") == 1


def test_neither_subject_nor_sender_nor_the_first_line_tells_of_a_membership(
    monday, contact, world, sink
):
    due_newcomer(world, monday)
    run_on(monday)

    letter = next(mail for mail in received(sink) if mail["To"] == contact.email)
    first_lines = letter.get_body(("plain",)).get_content()[:120]
    shown = f"{letter['Subject']} {letter['From']} {first_lines}".lower()
    assert not any(word in shown for word in ("spd", "partei", "mitglied", "ortsverein", "genoss"))
    text = re.sub(r"http\S+", "", letter.get_body(("plain",)).get_content())
    assert "zz" not in text.lower()  # no family name


def test_two_beats_at_once_make_one_digest(live_world, sink):
    from members.tasks import send_digests

    contact = live_world.person("ansprechperson")
    with at(weekday(1)):
        assert send_digests.name  # Celery makes it when first looked at, for one thread only
        at_once(send_digests, send_digests, send_digests)
        send_digests()
        drain()

    assert [mail.state for mail in mails(contact)] == [SENT]
    assert DigestRun.objects.count() == 1


def run_and_die():
    with scope("system:test"):
        digests.run()
        raise ZeroDivisionError


def test_a_crash_before_the_end_leaves_nothing_and_the_next_beat_does_it_all(
    monday, contact, world, sink
):
    due_newcomer(world, monday)
    with at(monday):
        with pytest.raises(ZeroDivisionError):
            run_and_die()
        assert mails(contact) == []
        assert keys_of(contact) == []
        digests.run()
        drain()
        digests.run()

    assert [mail.state for mail in mails(contact)] == [SENT]


def test_after_three_days_without_beat_each_reminder_is_sent_once(monday, contact, world, sink):
    dues = [
        due_newcomer(
            world, monday + offset * DAY + 10 * DAY, f"Zz{offset}", given_name=f"Nr{offset}"
        )
        for offset in range(1, 5)
    ]
    run_on(monday)

    for offset in (4, 5):
        run_on(monday + offset * DAY)

    assert [named(due) for due in dues] == [{"Ansprechperson": 1}] * 4
    texts = [mail.body for mail in mails(contact)]
    for number in range(1, 5):
        # Named on arrival, and once more ten days before; that one after the silence.
        assert [text.count(f"Seite von Nr{number} öffnen") for text in texts] == [1, 1]


def test_a_reminder_of_a_weekly_reader_waits_for_the_chosen_day(monday, contact, world, sink):
    digests.choose_day(contact, Person.DigestDay.WEDNESDAY)
    due_newcomer(world, monday)

    run_on(monday)
    run_on(monday + DAY)
    assert mails(contact) == []

    run_on(monday + 2 * DAY)
    assert [mail.state for mail in mails(contact)] == [SENT]


def test_the_chosen_day_is_made_up_for_after_a_holiday_or_a_silent_beat(
    monday, contact, world, sink
):
    digests.choose_day(contact, Person.DigestDay.WEDNESDAY)
    run_on(monday)
    due_newcomer(world, monday + 7 * DAY)

    run_on(monday + 4 * DAY)

    assert [mail.state for mail in mails(contact)] == [SENT]


@pytest.mark.parametrize(
    ("back", "days"), [(None, {4}), (1, {4}), (2, {3, 4}), (3, {2, 3, 4}), (30, set(range(7)))]
)
def test_the_run_looks_at_all_days_since_the_last(back, days):
    friday = weekday(4)

    assert weekdays(back and friday - back * DAY, friday) == days


# --- Decent hours ---------------------------------------------------------------------------


@pytest.mark.parametrize(("offset", "hour"), [(0, 6), (0, 21), (0, 23), (6, 12)])
def test_at_night_and_on_sundays_nothing_happens(monday, contact, world, sink, offset, hour):
    due_newcomer(world, monday)

    run_on(monday + offset * DAY, hour)

    assert (mails(contact), DigestRun.objects.count()) == ([], 0)


def test_a_queue_delayed_into_the_night_waits_and_nobody_gets_two_on_one_day(
    monday, contact, world, sink
):
    due_newcomer(world, monday)
    with at(monday, 20, 55):
        digests.run()
    with at(monday, 22):
        drain()
    assert mails(contact)[0].state == QUEUED

    with at(monday + DAY, 7):
        drain()
        due_newcomer(world, monday, "Zzspaeter", given_name="Ali")
        digests.run()
        drain()
    assert [mail.state for mail in mails(contact)] == [SENT]

    run_on(monday + 2 * DAY)
    assert [mail.state for mail in mails(contact)] == [SENT, SENT]
    assert text_to(contact).count("Seite von Ali öffnen") == 1
    assert text_to(contact).count("Seite von Kim öffnen") == 0


def test_what_could_not_leave_yesterday_is_told_with_todays(monday, contact, world, sink):
    due_newcomer(world, monday)
    with at(monday):
        digests.run()  # no drain: the mail server is away
    due_newcomer(world, monday + DAY, "Zzspaeter", given_name="Ali")

    run_on(monday + DAY)

    assert [mail.state for mail in mails(contact)] == [DROPPED, SENT]
    assert text_to(contact).count("Seite von Ali öffnen") == 1
    assert text_to(contact).count("Seite von Kim öffnen") == 1


# --- The rest of the list -------------------------------------------------------------------


def test_a_task_is_named_again_when_its_step_rises_or_it_comes_back(monday, contact, todo, sink):
    def days_told():
        return [(mail.sent_at.date() - monday).days for mail in mails(contact)]

    todo.append(task())
    run_on(monday)
    run_on(monday + DAY)
    assert days_told() == [0]
    todo[0] = task(step=1)
    run_on(monday + 2 * DAY)
    assert days_told() == [0, 2]
    todo.clear()
    run_on(monday + 3 * DAY)
    todo.append(task())
    run_on(monday + 4 * DAY)
    assert days_told() == [0, 2, 4]


def test_a_task_done_before_it_leaves_is_not_named(monday, contact, todo, sink):
    todo.append(task())
    with at(monday):
        digests.run()
        todo.clear()
        drain()

    assert [mail.state for mail in mails(contact)] == [DROPPED]


@pytest.mark.logs_errors
def test_one_broken_source_of_tasks_silences_nobody(monday, contact, world, sink):
    due_newcomer(world, monday)
    todos.register("test")(lambda user, _: 1 / 0)
    try:
        run_on(monday)
    finally:
        del todos._sources[("test",)]

    assert [mail.state for mail in mails(contact)] == [SENT]


def test_a_hundred_newcomers_make_a_mail_that_can_be_read(monday, contact, world, sink):
    for number in range(13):
        due_newcomer(world, monday, f"Zzn{number}")
    run_on(monday)

    text = text_to(contact)
    assert text.count("Seite von Kim öffnen") == 10
    assert text.count("… und 3 weitere auf deiner Liste.") == 1
    assert text.count("13 Menschen freuen sich auf deinen Anruf.") == 1
