"""Plan an event: create, change, move, cancel, repeat, copy."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import OuterRef

from events import times
from events.models import CheckItem, Event, Registration, Series
from events.services import mailing, places
from members.models import Person
from members.models.people import former_member
from portal.common import audit, clock
from portal.common.errors import DomainError

# Half a year of a weekly meeting.
MOST_REPEATS = 30
# What everybody who is registered has to hear of.
MATTERS = ("starts_at", "ends_at", "place", "address", "online_url")
COPIED = (
    "kind title text gliederung audience place address kommune online_url access extras cost "
    "language guests needs_registration capacity awareness"
).split()


class EventRefused(DomainError):
    """What an event cannot become."""


@transaction.atomic
def create(event: Event, by: Person, repeat: tuple[str, date] | None = None) -> Event:
    """Announce a new event, and with `repeat` (rhythm, last day) the ones after it."""
    _check(event)
    event.responsible = event.responsible or by
    event.state = Event.State.PUBLISHED
    event.changed_at = clock.now()
    if repeat:
        event.series = Series.objects.create(rhythm=repeat[0], until=repeat[1])
    event.save()
    _add_checklist(event)
    audit.record("event.created", by.pk, event)
    for day in _days(event, repeat):
        _again(event, day, by)
    return event


def _days(event: Event, repeat: tuple[str, date] | None) -> list[date]:
    if repeat is None:
        return []
    first = times.local(event.starts_at).date()
    days = list(times.repeated(first, *repeat))
    if not days:
        raise EventRefused("Bis zu diesem Tag kommt kein weiterer Termin zustande.")
    if len(days) > MOST_REPEATS:
        raise EventRefused(f"Das wären {len(days)} Termine. Bitte plane höchstens {MOST_REPEATS}.")
    return days


def _again(first: Event, day: date, by: Person) -> Event:
    """The same at the same time of day, whatever the clocks did in between."""
    start, end = times.local(first.starts_at), times.local(first.ends_at)
    try:
        starts_at = times.moment(day, start.time())
        ends_at = times.moment(day + (end.date() - start.date()), end.time())
    except times.NoSuchTime as error:
        raise EventRefused(f"Am {day:%d.%m.%Y}: {error}") from error
    event = copy(first, starts_at, ends_at)
    event.series, event.state = first.series, Event.State.PUBLISHED
    event.responsible = first.responsible
    event.save()
    _add_checklist(event)
    audit.record("event.created", by.pk, event)
    return event


def copy(event: Event, starts_at: datetime, ends_at: datetime) -> Event:
    """A new one that is like this one, not stored yet."""
    values = {name: getattr(event, name) for name in COPIED}
    return Event(**values, starts_at=starts_at, ends_at=ends_at, changed_at=clock.now())


def _check(event: Event, *, moved: bool = True) -> None:
    if event.ends_at <= event.starts_at:
        raise EventRefused("Das Ende liegt vor dem Beginn.")
    if event.ends_at - event.starts_at > timedelta(days=14):
        raise EventRefused("Länger als zwei Wochen? Bitte lege einzelne Termine an.")
    if moved and event.starts_at < clock.now():
        raise EventRefused("Dieser Zeitpunkt ist schon vorbei.")
    if event.register_until and event.register_until > event.ends_at:
        raise EventRefused("Die Anmeldung endet nach dem Termin.")


def _add_checklist(event: Event) -> None:
    day, today = times.local(event.starts_at).date(), clock.today()
    CheckItem.objects.bulk_create(
        CheckItem(event=event, text=text, due_on=max(day - timedelta(days=before), today))
        for before, text in event.kind.steps()
    )


@transaction.atomic
def change(event: Event, changed: Iterable[str], by: Person) -> None:
    """Store a changed event; who is registered hears of a new time or place once."""
    changed = list(changed)
    before = Event.objects.select_for_update().get(pk=event.pk)
    if before.is_cancelled:
        raise EventRefused("Dieser Termin ist abgesagt.")
    if before.is_over:
        raise EventRefused("Dieser Termin ist vorbei.")
    _check(event, moved=before.starts_at != event.starts_at)
    if event.capacity is not None:
        taken = Registration.objects.filter(event=event).holding().seats()
        if event.capacity < taken:
            raise EventRefused(f"{taken} Plätze sind schon vergeben.")
    matters = any(getattr(before, name) != getattr(event, name) for name in MATTERS)
    event.sequence = before.sequence + matters
    if before.responsible is None or _has_left(before.responsible):
        event.responsible = by  # whoever takes it over answers for it
    event.changed_at = clock.now()
    event.save()
    if before.starts_at != event.starts_at:
        days = times.local(event.starts_at).date() - times.local(before.starts_at).date()
        _move_checklist(event, days)
        Registration.objects.filter(event=event, offered_until__gt=event.starts_at).update(
            offered_until=event.starts_at
        )
    places.fill(event)
    if matters:
        mailing.tell_changed(event)
    audit.record("event.changed", by.pk, event, changed)


def _has_left(person: Person) -> bool:
    return Person.objects.filter(former_member(OuterRef("pk")), pk=person.pk).exists()


def _move_checklist(event: Event, by: timedelta) -> None:
    for item in event.checklist.filter(done_on=None):
        item.due_on = max(item.due_on + by, clock.today())
        item.save(update_fields=["due_on"])


@transaction.atomic
def cancel(event: Event, reason: str, by: Person, *, following: bool = False) -> int:
    """Call it off, with `following` the later ones of its series too; returns how many."""
    rows = Event.objects.select_for_update().exclude(state=Event.State.CANCELLED).coming()
    if following and event.series_id:
        rows = rows.filter(series=event.series_id, starts_at__gte=event.starts_at)
    else:
        rows = rows.filter(pk=event.pk)
    found = list(rows.order_by("pk"))  # as whoever passes places on
    for one in found:
        one.state, one.cancelled_because = Event.State.CANCELLED, reason
        one.sequence, one.changed_at = one.sequence + 1, clock.now()
        one.save(update_fields=["state", "cancelled_because", "sequence", "changed_at"])
        mailing.tell_cancelled(one)
        audit.record("event.cancelled", by.pk, one)
    return len(found)


def take(item: CheckItem, by: Person) -> None:
    """„Mache ich“: from then on it is on this person's list."""
    CheckItem.objects.filter(pk=item.pk, owner=None, done_on=None).update(owner=by)


def tick(item: CheckItem, by: Person, *, done: bool) -> None:
    """Say that something is done, or not after all; who does it owns it."""
    item.done_on = clock.today() if done else None
    item.owner = by if done and item.owner is None else item.owner
    item.save(update_fields=["done_on", "owner"])
