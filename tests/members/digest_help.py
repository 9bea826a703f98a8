"""What the tests of the digest share: a moved clock, a run, and what came of it."""

from datetime import date, datetime, time, timedelta

import time_machine
from django.db import connection

from members.models import Reminder
from members.queries import reminders
from members.services import digests
from portal.common import clock
from portal.common.models import OutgoingMail
from portal.common.outbox.services import drain
from portal.common.quiet import BERLIN, is_quiet_day

DAY = timedelta(days=1)


def at(day, hour=8, minute=0):
    """Move the clock to an hour in Berlin."""
    moment = datetime.combine(day, time(hour, minute), BERLIN)
    return time_machine.travel(moment, tick=False)


def open_day(day):
    """This day, or the next on which mail may leave."""
    while is_quiet_day(day):
        day += DAY
    return day


def weekday(number, after=None):
    """The next such weekday with no holiday, but Sundays, three weeks before and after."""
    day = (after or clock.today()) + DAY
    while day.weekday() != number or any(
        is_quiet_day(near) and near.weekday() != 6
        for near in (day + offset * DAY for offset in range(-21, 21))
    ):
        day += DAY
    return day


def run_on(day, hour=8):
    """The daily run of one day, and everything sent."""
    with at(day, hour):
        digests.run()
        drain()


def mails(person):
    found = OutgoingMail.objects.filter(kind=digests.DIGEST, recipient_key=person.pk)
    return list(found.order_by("created_at"))


def text_to(person):
    """The text of the newest digest that somebody got; "" for none."""
    sent = [mail for mail in mails(person) if mail.state == OutgoingMail.State.SENT]
    return sent[-1].body if sent else ""


def named(milestone):
    """Who has been told about a promise, and at which step."""
    rows = Reminder.objects.filter(milestone=milestone).select_related("recipient")
    return {row.recipient.given_name: row.step for row in rows}


def keys_of(person, prefix=""):
    rows = Reminder.objects.filter(recipient=person, key__startswith=prefix)
    return sorted(rows.values_list("key", flat=True))


def told_now(onboarding, day, *, ask_below=False):
    """What the statement finds for one newcomer: (recipient, key, step, role)."""
    with connection.cursor() as cursor:
        cursor.execute(
            reminders.TOLD + "select recipient, key, step, role from told where recipient notnull",
            reminders.parameters(day, only=[onboarding.pk], ask_below=ask_below),
        )
        return cursor.fetchall()


def due_newcomer(world, day, family_name="Zzneu", place="Gehrden", **values):
    """Somebody whose first promise falls due on this day, and nothing else is near."""
    from tests.world import make_newcomer

    onboarding = make_newcomer(family_name, world.gliederung(place), **values)
    onboarding.arrived_on = min(onboarding.arrived_on, day - 25 * DAY)
    onboarding.save(update_fields=["arrived_on"])
    first = onboarding.milestones.get(position=1)
    first.opens_on, first.due_on, first.legal_due_on = day - 40 * DAY, day, day
    first.save()
    later = date(day.year + 2, 1, 1)
    onboarding.milestones.exclude(pk=first.pk).update(
        opens_on=later - 60 * DAY, due_on=later, legal_due_on=later
    )
    onboarding.next_due_on = day
    onboarding.save(update_fields=["next_due_on"])
    return first
