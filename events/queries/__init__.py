"""Read what pages show of events."""

from calendar import Calendar
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from events import times
from events.models import Event, EventReport, Registration
from members.models import Amt, Contact, Onboarding, Person, User
from members.models.retention import held_people
from members.suggestions import DAY, EVENING, LEAVES_FREE, MORNING, shift_on
from portal.common import clock

State = Registration.State
OWN_STATES = {
    State.INVITED: "eingeladen",
    State.REGISTERED: "du bist dabei",
    State.WAITING: "Warteliste",
    State.OFFERED: "Platz für dich frei",
}
# Fewer than so many evenings are no experience (F2).
EXPERIENCED = 5
# So long before an evening its invitations leave: whoever came after that has not been asked.
INVITED_BEFORE = timedelta(days=21)
SATURDAY, NOON, EVENING_BEGINS = 5, 12, 17


def shown_to(user: Any) -> QuerySet[Any]:
    """Events this user sees, with what they said and how many places are taken."""
    me = user.person_id if user.is_authenticated else None
    own = Registration._base_manager.filter(event=OuterRef("pk"), person=me, person__isnull=False)
    seats = (
        Registration._base_manager.filter(event=OuterRef("pk"), state__in=Registration.HOLDING)
        .order_by()
        .values("event")
        .annotate(sum=Sum(1 + F("companions")))
        .values("sum")
    )
    return (
        Event.objects.visible_to(user)
        .select_related("kind", "gliederung__level", "kommune")
        .annotate(own_state=Subquery(own.values("state")[:1]), taken=Coalesce(Subquery(seats), 0))
    )


def narrowed(rows: QuerySet[Any], kommune: str, kind: str) -> QuerySet[Any]:
    """What does not exist finds nothing."""
    if kommune:
        rows = rows.filter(kommune__ags=kommune)
    if kind:
        rows = rows.filter(kind__code=kind)
    return rows


def coming(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.filter(ends_at__gte=clock.now()).order_by("starts_at", "pk")


def fits_shift(person: Person, event: Event) -> bool:
    """Is this person surely free then, by the shifts they told (R11)?"""
    start = times.local(event.starts_at)
    letter = shift_on(person.shifts, person.shifts_from, start.date())
    return _part_of_day(start) in LEAVES_FREE[letter]


def _part_of_day(start: datetime) -> str:
    """A workday's afternoon is nobody's surely free time but a day off."""
    if start.weekday() >= SATURDAY or NOON <= start.hour < EVENING_BEGINS:
        return DAY
    return MORNING if start.hour < NOON else EVENING


@dataclass(frozen=True, slots=True)
class Month:
    """Weeks of days of one month, each day with its events."""

    first: date
    weeks: list[list["Day"]]
    before: date
    after: date

    @property
    def has_events(self) -> bool:
        return any(day.events for week in self.weeks for day in week if day.is_inside)


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    is_inside: bool
    is_today: bool
    events: list[Any] = field(default_factory=list)


def next_month(rows: QuerySet[Any]) -> date:
    """The month of what comes next, so that nobody looks at an empty page first."""
    first = coming(rows).values_list("starts_at", flat=True).first()
    day = max(times.local(first).date(), clock.today()) if first else clock.today()
    return day.replace(day=1)


def month(rows: QuerySet[Any], first: date) -> Month:
    """The calendar page of the month that begins on `first`."""
    weeks = Calendar().monthdatescalendar(first.year, first.month)
    start = times.local(datetime.combine(weeks[0][0], datetime.min.time(), times.ZONE))
    end = start + timedelta(days=7 * len(weeks) + 1)
    on: dict[date, list[Any]] = defaultdict(list)
    for event in rows.filter(starts_at__gte=start, starts_at__lt=end).order_by("starts_at", "pk"):
        on[times.local(event.starts_at).date()].append(event)
    today = clock.today()
    return Month(
        first,
        [
            [Day(day, day.month == first.month, day == today, on[day]) for day in week]
            for week in weeks
        ],
        (first - timedelta(days=1)).replace(day=1),
        (first + timedelta(days=32)).replace(day=1),
    )


def participants(event: Event) -> QuerySet[Registration]:
    """Whoever comes or waits, in the order of a list at the door."""
    found = Registration.objects.filter(event=event).exclude(
        state__in=[State.CANCELLED, State.ASKED, State.INVITED]
    )
    new = Onboarding._base_manager.filter(person=OuterRef("person"), state=Onboarding.State.RUNNING)
    talk = Contact._base_manager.filter(submit_token=OuterRef("pk"))
    found = found.annotate(is_new=Exists(new), has_talked=Exists(talk))
    found = found.exclude(person__in=held_people(), person__isnull=False)
    return found.select_related("person__gliederung").order_by("state", "queued_at", "pk")


def helpers(event: Event) -> QuerySet[Person]:
    """Who can be asked to help: offices of the host, whoever is registered or was asked."""
    held = Amt.objects.active().filter(gliederung=event.gliederung)
    coming = Registration._base_manager.filter(event=event, state=State.REGISTERED)
    chosen = Q(pk__in=event.delegates.values("pk")) | Q(pk__in=event.greeters.values("pk"))
    chosen |= Q(pk=event.awareness_id)
    people = Person._base_manager.filter(
        chosen | Q(pk__in=held.values("person")) | Q(pk__in=coming.values("person"))
    )
    return people.exclude(pk__in=held_people()).order_by("given_name", "sort_name")


def to_invite(event: Event) -> QuerySet[Person]:
    """New below the host since the last evening, or missed it, or called again (F2).

    Whoever was asked before, wants no contact or is restricted is left out.
    """
    asked = Registration._base_manager.filter(event=event, person__isnull=False).values("person")
    running = Onboarding.objects.running().filter(
        person__gliederung__path__startswith=event.gliederung.path, person__no_contact_since=None
    )
    wanted = Q(wave__isnull=False)
    if last := _last_of_kind(event):
        was_there = Registration._base_manager.filter(event=last, came=True).values("person")
        since = times.local(last.starts_at).date() - INVITED_BEFORE
        wanted |= Q(arrived_on__gte=since) & ~Q(person__in=was_there)
        wanted |= Q(person__in=_missed(event).values("person"))
    else:
        wanted = Q()
    found = Person.objects.filter(pk__in=running.filter(wanted).values("person"))
    return found.exclude(pk__in=asked).exclude(pk__in=held_people())


def _missed(event: Event) -> QuerySet[Registration]:
    return Registration._base_manager.filter(
        event__kind=event.kind,
        event__gliederung=event.gliederung,
        event__ends_at__lt=clock.now(),
        state=State.REGISTERED,
        came=False,
    )


def _last_of_kind(event: Event) -> Event | None:
    before = Event.objects.past().filter(
        state=Event.State.PUBLISHED, kind=event.kind, gliederung=event.gliederung
    )
    return before.order_by("-starts_at").first()


@dataclass(frozen=True, slots=True)
class Turnout:
    """How many came to the last five of a kind; None of it without experience."""

    median: int
    least: int
    most: int
    number: int


def turnout(event: Event) -> Turnout | None:
    counts = list(
        EventReport.objects.filter(event__kind=event.kind, event__ends_at__lt=clock.now())
        .order_by("-event__starts_at")
        .values_list("headcount", flat=True)[:EXPERIENCED]
    )
    if len(counts) < EXPERIENCED:
        return None
    return Turnout(int(median(counts)), min(counts), max(counts), len(counts))


def led_by(user: User) -> QuerySet[Event]:
    return Event.objects.led_by(user).select_related("kind", "gliederung__level")
