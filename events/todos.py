"""What waits for whoever leads an event (R6): one query for all of it."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import CharField, Count, F, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse

from events import times
from events.models import CheckItem, Event, Registration
from events.services import mailing
from members.capabilities import kinds_granting
from members.models import Amt, Gliederung, User
from members.models.people import former_member
from portal.common import clock
from portal.common.todos import Todo, register_several

REPORT_WITHIN = timedelta(days=3)
ASKED_FOR = timedelta(days=14)
AHEAD = timedelta(days=3)
TOLD_WITHIN = timedelta(days=7)
FEW, THIN_WITHIN = 3, timedelta(days=5)
REPORT, THIN, LEADERLESS, CALL, ITEM = (
    "event-report",
    "event-thin",
    "event-leaderless",
    "event-call",
    "event-item",
)
PUBLISHED, CANCELLED = Event.State.PUBLISHED, Event.State.CANCELLED
Rows = Any


@dataclass(frozen=True, slots=True)
class Waiting:
    """One row; `at` is when the event begins or ends, `word` a task, a first name or a state."""

    kind: str
    pk: UUID
    event: UUID
    title: str
    word: str
    state: str
    at: datetime
    due_on: date | None
    number: int


def _reports() -> Rows:
    """Over for at most two weeks, and nobody has said how it was."""
    since = clock.now() - ASKED_FOR
    rows = Event.objects.filter(state=PUBLISHED, report=None, ends_at__gte=since)
    return rows.filter(ends_at__lt=clock.now())


def _thin() -> Rows:
    """Soon, for newcomers, and hardly anybody has said yes."""
    coming = Registration.objects.filter(event=OuterRef("pk"), state__in=Registration.HOLDING)
    number = coming.order_by().values("event").annotate(number=Count("pk")).values("number")
    rows = Event.objects.filter(
        state=PUBLISHED,
        needs_registration=True,
        kind__is_for_newcomers=True,
        starts_at__gt=clock.now(),
        starts_at__lt=clock.now() + THIN_WITHIN,
    )
    return rows.annotate(number=Coalesce(Subquery(number), 0)).filter(number__lt=FEW)


def _leaderless() -> Rows:
    """Coming, and whoever answered for it is gone."""
    gone = former_member(OuterRef("responsible"))
    rows = Event.objects.filter(state=PUBLISHED, starts_at__gt=clock.now())
    return rows.filter(Q(responsible=None) | Q(gone))


def _calls() -> Rows:
    """Somebody without e-mail has to hear soon of a free place, a new time, or that it is off."""
    lately = clock.now() - TOLD_WITHIN
    news = Q(event__state=CANCELLED) | Q(event__sequence__gt=0)
    concerned = Q(state__in=mailing.CONCERNED, event__changed_at__gt=lately) & news
    return Registration.objects.filter(
        Q(state=Registration.State.OFFERED) | concerned,
        person__email="",
        event__starts_at__gt=clock.now(),
        event__starts_at__lt=clock.now() + TOLD_WITHIN,
    )


def _items() -> Rows:
    rows = CheckItem.objects.filter(done_on=None, due_on__lte=clock.today() + AHEAD)
    # What was to be done before is over with the event; what comes after it stays.
    still = Q(event__ends_at__gte=clock.now()) | Q(due_on__gt=F("event__ends_at__date"))
    return rows.filter(still, event__state=PUBLISHED)


def _row(rows: Rows, kind: str, event: str, at: str, word: Any = None, number: Any = None) -> Rows:
    """The columns of `Waiting`; `event` leads from the row to the event ("" for itself)."""
    due_on = F("due_on") if kind == ITEM else Cast(F(f"{event}{at}"), CheckItem.due_on.field)
    return rows.order_by().values_list(
        Value(kind, CharField()),
        F("pk"),
        F(f"{event}pk"),
        Cast(f"{event}title", CharField()),
        Cast(word or Value(""), CharField()),
        Cast(F("state") if kind == CALL else F(f"{event}state"), CharField()),
        F(f"{event}{at}"),
        due_on,
        Cast(number or Value(0), IntegerField()),
    )


def _waiting(user: User) -> Iterator[Waiting]:
    me = user.person_id
    mine = Q(owner=me) | Q(owner=None, event__responsible=me)
    parts = [
        _row(_reports().filter(responsible=me), REPORT, "", "ends_at"),
        _row(_thin().filter(responsible=me), THIN, "", "starts_at", number=F("number")),
        _row(
            _calls().filter(event__responsible=me),
            CALL,
            "event__",
            "starts_at",
            Coalesce(F("person__given_name"), F("person__family_name")),
        ),
        _row(_items().filter(mine), ITEM, "event__", "ends_at", F("text")),
    ]
    if user.can("events.manage"):
        rows = _leaderless().filter(
            gliederung__in=Gliederung.objects.where(user, can="events.manage")
        )
        parts.append(_row(rows, LEADERLESS, "", "starts_at"))
    found = [Waiting(*row) for row in parts[0].union(*parts[1:], all=True)]
    yield from sorted(found, key=lambda one: (one.kind, one.due_on or one.at.date(), str(one.pk)))


def _report(one: Waiting, today: date) -> Todo:
    return Todo(
        key=f"{REPORT}:{one.pk}",
        kind=REPORT,
        title=f"Wie war es? Zwei Minuten Bericht: {one.title}",
        due_on=times.local(one.at).date() + REPORT_WITHIN,
        url=reverse("events:report", args=[one.event]),
    )


def _thin_one(one: Waiting, today: date) -> Todo:
    came = {0: "niemand", 1: "erst eine Person"}.get(one.number, f"erst {one.number}")
    return Todo(
        key=f"{THIN}:{one.pk}",
        kind=THIN,
        title=f"{one.title}: {came} angemeldet. Ruf noch jemanden an?",
        due_on=times.local(one.at).date() - timedelta(days=1),
        url=reverse("events:prepare", args=[one.event]),
    )


def _leaderless_one(one: Waiting, today: date) -> Todo:
    """Whoever opens it and saves answers for it from then on."""
    return Todo(
        key=f"{LEADERLESS}:{one.pk}",
        kind=LEADERLESS,
        title=f"Wer kümmert sich um „{one.title}“?",
        due_on=min(today + AHEAD, times.local(one.at).date()),
        url=reverse("events:edit", args=[one.event]),
    )


def _call(one: Waiting, today: date) -> Todo:
    """Post would come too late (R1)."""
    what = "ein Platz ist frei" if one.state == Registration.State.OFFERED else "Neues zum Termin"
    return Todo(
        key=f"{CALL}:{one.pk}:{one.state}",
        kind=CALL,
        title=f"Ruf {one.word} an: {one.title}, {what}",
        due_on=today,
        url=reverse("events:participants", args=[one.event]),
    )


def _item(one: Waiting, today: date) -> Todo:
    return Todo(
        key=f"{ITEM}:{one.pk}",
        kind=ITEM,
        title=f"{one.word} ({one.title})",
        due_on=one.due_on,
        url=reverse("events:prepare", args=[one.event]),
    )


_TODO: dict[str, Callable[[Waiting, date], Todo]] = {
    REPORT: _report,
    THIN: _thin_one,
    LEADERLESS: _leaderless_one,
    CALL: _call,
    ITEM: _item,
}


def _responsible(rows: Callable[[], Rows], path: str) -> Callable[[date], Collection[UUID]]:
    return lambda _today: set(rows().exclude(**{path: None}).values_list(path, flat=True))


def of_items(_today: date) -> Collection[UUID]:
    found = _items().values_list("owner", "event__responsible")
    return {owner or responsible for owner, responsible in found if owner or responsible}


def of_leaderless(today: date) -> Collection[UUID]:
    paths = {
        path
        for event in _leaderless().select_related("gliederung")
        for path in event.gliederung.ancestor_paths
    }
    if not paths:
        return set()
    held = Amt.objects.active(today).filter(
        gliederung__path__in=paths, kind__in=kinds_granting("events.manage")
    )
    return set(held.values_list("person", flat=True))


@register_several(
    {
        REPORT: _responsible(_reports, "responsible"),
        THIN: _responsible(_thin, "responsible"),
        LEADERLESS: of_leaderless,
        CALL: _responsible(_calls, "event__responsible"),
        ITEM: of_items,
    }
)
def what_waits(user: User, today: date, kinds: Collection[str]) -> Iterable[Todo]:
    for one in _waiting(user):
        if one.kind in kinds:
            yield _TODO[one.kind](one, today)
