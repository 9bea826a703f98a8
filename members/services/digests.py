"""Once a day: what is to be named to whom, and one mail for everybody who is named something."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import Max, Q
from django.utils import timezone

from members.models import Amt, DigestRun, District, Person, Reminder, User
from members.queries import reminders
from members.queries.chains import reachable
from portal.common import audit, clock, quiet
from portal.common.locks import lock_for_transaction
from portal.common.outbox.models import OutgoingMail
from portal.common.outbox.services import Draft, queue
from portal.common.todos import Todo, addressees_of_all, todos_knowing

log = structlog.get_logger(__name__)
DIGEST = "members.digest"
# The ladder names calls itself, rung by rung.
LADDER = ("call",)
TODO = "todo:"
IN_A_NEWER_ONE = "steht in einer neueren Sammelmail"
BY_PLACE = ("gliederung__path", "kind")
State = OutgoingMail.State

_NAME = """
insert into members_reminder (id, recipient_id, key, step, first_told_on, told_on, milestone_id)
select gen_random_uuid(), told.recipient, told.key, told.step, %(today)s, %(today)s,
       told.milestone_id
  from told
  left join members_reminder r on r.recipient_id = told.recipient and r.key = told.key
 where told.recipient = any(%(readers)s::uuid[]) and (r.id is null or r.step < told.step)
on conflict (recipient_id, key) do update
   set step = excluded.step, told_on = excluded.told_on
 where members_reminder.step < excluded.step
"""
# One large statement a day. The planner takes a table that has just been filled for empty and loops
# over it; compiling for so many small expressions costs more than it saves.
_PLAN = "set local enable_nestloop = off; set local jit = off; set local work_mem = '64MB'"
# What is asked for one person afterwards is small again and lives from indexes.
_PLAN_AGAIN = "set local enable_nestloop to default; set local work_mem to default"
# What stood in a mail that never left was not said.
_FORGET = """
delete from members_reminder r using common_outgoingmail m
 where m.kind = %(kind)s and m.state in ('dropped', 'failed')
   and m.recipient_key = r.recipient_id and r.told_on = (m.ids ->> 'day')::date
"""


@transaction.atomic
def run() -> int:
    """Put today's digests into the outbox, once however often this is called; returns how many.

    At night and on quiet days nothing happens; the next run looks at the days since the last.
    """
    now, today = clock.now(), clock.today()
    if quiet.next_allowed(now) > now:
        return 0
    lock_for_transaction(DIGEST)
    if DigestRun.objects.filter(day=today).exists():
        return 0
    last = DigestRun.objects.filter(day__lt=today).aggregate(day=Max("day"))["day"]
    DigestRun.objects.create(day=today)
    return write(_readers(today, weekdays(last, today)), today)


@transaction.atomic
def write(readers: Collection[UUID], today: date) -> int:
    """Name everything that is new to these readers, and put their digests into the outbox."""
    _execute(_FORGET, {"kind": DIGEST})
    _carry_over(readers, today)
    name_rungs(readers, today)
    _name_todos(readers, today)
    return _queue(today)


def name_rungs(readers: Collection[UUID], today: date) -> None:
    """Note what the ladder names to these readers on that day."""
    _execute(
        reminders.TOLD + _NAME,
        reminders.parameters(today) | {"readers": [str(pk) for pk in readers]},
    )


def weekdays(last: date | None, today: date) -> set[int]:
    """Return whose chosen weekday has come since the last run; a holiday only moves it."""
    days = min((today - last).days, 7) if last else 1
    return {(today - timedelta(days=back)).weekday() for back in range(days)}


def _execute(statement: str, values: dict) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_PLAN)
        cursor.execute(statement, values)
        cursor.execute(_PLAN_AGAIN)


def _readers(today: date, days: set[int]) -> set[UUID]:
    """Who holds an office and reads a digest today; nobody gets two on one day."""
    midnight = timezone.make_aware(datetime.combine(today, time()))
    had_one = OutgoingMail.objects.filter(
        Q(sent_at__gte=midnight) | Q(state=State.SENDING), kind=DIGEST
    )
    chosen = [Person.DigestDay.DAILY, *(str(day) for day in days)]
    held = reachable(Amt.objects.active(today), today).filter(person__digest_day__in=chosen)
    found = set(held.values_list("person_id", flat=True))
    return found - set(had_one.values_list("recipient_key", flat=True))


def _carry_over(readers: Collection[UUID], today: date) -> None:
    """What still waits from an earlier day is told with today's instead of beside it."""
    waiting = OutgoingMail.objects.select_for_update(skip_locked=True).filter(
        kind=DIGEST, state=State.QUEUED, recipient_key__in=readers
    )
    for mail in waiting:
        named = Reminder.objects.filter(recipient=mail.recipient_key, told_on=mail.ids["day"])
        named.update(told_on=today)
        mail.state, mail.reason = State.DROPPED, IN_A_NEWER_ONE
        mail.save(update_fields=["state", "reason"])


def _name_todos(readers: Collection[UUID], today: date) -> None:
    district, of_all = District.current(), addressees_of_all()
    held: dict[UUID, list[Amt]] = {}
    for amt in Amt.objects.active(today).select_related("gliederung__level").order_by(*BY_PLACE):
        held.setdefault(amt.person_id, []).append(amt)
    before: dict[UUID, dict[str, tuple[UUID, int]]] = {}
    told = Reminder.objects.filter(recipient__in=readers, key__startswith=TODO)
    for who, key, pk, step in told.values_list("recipient", "key", "pk", "step"):
        before.setdefault(who, {})[key] = (pk, step)
    gone: list[UUID] = []
    news: list[Reminder] = []
    for user in User.objects.filter(is_active=True, person__in=readers).iterator(500):
        # What each would ask for alone, asked once for all.
        user.current_aemter, user.district = held.get(user.person_id, []), district
        try:
            with transaction.atomic():
                todos = todos_knowing(user, of_all, LADDER)
        except Exception:
            # One broken source must not silence everybody's reminders.
            log.exception("digest_without_todos", user=str(user.pk))
            continue
        known = before.get(user.person_id, {})
        found = {TODO + name: todo for todo in todos for name in todo.names}
        gone += [pk for key, (pk, _) in known.items() if key not in found]
        news += [
            _reminder(user, key, todo, today)
            for key, todo in found.items()
            if key not in known or known[key][1] < todo.step
        ]
    _note(gone, news)


def _note(gone: list[UUID], news: list[Reminder]) -> None:
    """Name what is new or has risen, and forget what is done: it may come back as something new."""
    Reminder.objects.filter(pk__in=gone).delete()
    Reminder.objects.bulk_create(
        news,
        batch_size=2000,
        update_conflicts=True,
        unique_fields=["recipient", "key"],
        update_fields=["step", "told_on"],
    )


def _reminder(user: User, key: str, todo: Todo, today: date) -> Reminder:
    return Reminder(
        recipient_id=user.person_id, key=key, step=todo.step, first_told_on=today, told_on=today
    )


def _queue(today: date) -> int:
    named = Reminder.objects.filter(told_on=today).values("recipient")
    recipients = Person.objects.filter(pk__in=named).values_list("pk", "email")
    return queue(*(_draft(pk, email, today) for pk, email in recipients))


def _draft(person: UUID, email: str, day: date) -> Draft:
    return Draft(
        kind=DIGEST,
        recipient_key=person,
        address=email,
        dedupe_key=f"digest:{person}:{day}",
        ids={"person": str(person), "day": day.isoformat()},
    )


@transaction.atomic
def choose_day(person: Person, day: str) -> None:
    """Daily, or on one weekday (R8)."""
    person.digest_day = day
    person.save(update_fields=["digest_day"])
    audit.record("person.digest_day", person.pk, person, ["digest_day"])
