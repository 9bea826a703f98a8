"""Tandems for the pages of both sides, for the coordinator's board and for Zu tun."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Avg, Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from members import seen
from members.models import (
    Kommune,
    MatchingRun,
    MatchProposal,
    Mentor,
    Onboarding,
    Person,
    Tandem,
    TandemFeedback,
    Topic,
)
from members.models.onboarding import OPEN_FOR_MENTORS
from members.models.retention import held_people
from members.models.tandems import (
    CLOSING_BEFORE,
    FIRST_MEETING_WITHIN,
    SILENT_AFTER,
    TandemQuerySet,
    still_looking,
)
from portal.common import clock

# A number about fewer people is shown to nobody.
FEWEST = 6
# So many lines of the board say why two people were brought together.
DECISIONS = 20
FEEDBACK_FOR = timedelta(days=60)  # after the closing talk


def parts_of(person: Person) -> TandemQuerySet:
    """What this person is or was a side of, unless the other side has blocked it."""
    own = Q(newcomer=person) | Q(mentor=person) | Q(second=person)
    found: TandemQuerySet = Tandem.objects.filter(own).without_held(person)
    by_other = Q(outcome=Tandem.Outcome.BLOCKED) & ~Q(ended_by=person)
    return found.exclude(pk__in=Tandem.objects.filter(by_other).values("pk"))


def begun_by(person: Person) -> TandemQuerySet:
    """What can be reported: it has begun, however it ended.

    The newcomer always can; a mentor not after the newcomer has blocked them (T24).
    """
    own = Q(newcomer=person) | Q(mentor=person) | Q(second=person)
    found: TandemQuerySet = Tandem.objects.filter(own).without_held(person)
    by_newcomer = Q(outcome=Tandem.Outcome.BLOCKED, ended_by=F("newcomer")) & ~Q(newcomer=person)
    return found.filter(started_on__isnull=False).exclude(
        pk__in=Tandem.objects.filter(by_newcomer).values("pk")
    )


def of_person(person: Person) -> TandemQuerySet:
    """What this person may open: what is open, and what was closed to say how it was."""
    since = clock.today() - FEEDBACK_FOR
    still = ~Q(state=Tandem.State.ENDED) | Q(outcome=Tandem.Outcome.COMPLETED, ended_on__gte=since)
    return parts_of(person).filter(still)


def unanswered_by(person: Person) -> QuerySet[Tandem]:
    """Who waits for this mentor's yes."""
    asked = Tandem.objects.of_mentor(person).filter(state=Tandem.State.ASKED)
    return asked.filter(Q(mentor=person, mentor_yes_on=None) | Q(second=person, second_yes_on=None))


def needing_somebody(today: date) -> QuerySet[Tandem]:
    """Where the coordinator calls: no first meeting in two weeks, silence, the end has passed."""
    found: Any = Tandem.objects.open().without_held().with_last_sign()
    no_start = Q(last_met_on=None, called_on=None, started_on__lte=today - FIRST_MEETING_WITHIN)
    silent = no_start | Q(last_sign_on__lte=today - SILENT_AFTER) | Q(planned_end__lt=today)
    # All have said yes, and only the paper signed at home is missing.
    paper = Q(mentor_yes_on__isnull=False, second_yes_on__isnull=False)
    return found.filter(
        (Q(state=Tandem.State.ACTIVE) & silent) | (Q(state=Tandem.State.ASKED) & paper)
    )


@dataclass(slots=True)
class Card:
    """One tandem on the board; names only once both have said yes."""

    tandem: Any
    why: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    code: str
    title: str
    empty: str
    cards: list[Card] = field(default_factory=list)
    more: int = 0


def board(kommune: UUID | None, topic: UUID | None) -> list[Column]:
    """Proposed, waiting, active, silent, closing: every open tandem stands in one column."""
    today = clock.today()
    rows = Tandem.objects.open().without_held().with_last_sign()
    if kommune:
        rows = rows.filter(newcomer__kommune=kommune)
    if topic:
        rows = rows.filter(newcomer__topics=topic)
    rows = rows.select_related(
        "newcomer__kommune", "newcomer__gliederung", "mentor__gliederung", "second__gliederung"
    )
    columns = {
        "waiting": Column("waiting", "Wartet auf Ja", "Gerade wartet niemand."),
        "active": Column("active", "Läuft", "Noch läuft kein Tandem."),
        "silent": Column("silent", "Still", "Alle treffen sich. Schön!"),
        "closing": Column("closing", "Abschluss", "Gerade endet nichts."),
    }
    for tandem in rows.order_by("started_on", "asked_at", "pk"):
        code, why = _column(tandem, today)
        columns[code].cards.append(Card(tandem, why))
    return [_proposed(kommune, topic), *columns.values()]


def _proposed(kommune: UUID | None, topic: UUID | None) -> Column:
    found = MatchProposal.objects.filter(run__state=MatchingRun.State.CURRENT, mentor__isnull=False)
    if kommune:
        found = found.filter(onboarding__person__kommune=kommune)
    if topic:
        found = found.filter(onboarding__person__topics=topic)
    return Column("proposed", "Vorge\u00adschlagen", "", more=found.count())


def _column(tandem: Any, today: date) -> tuple[str, str]:
    if tandem.state == Tandem.State.ASKED:
        return "waiting", _waits_for(tandem)
    if tandem.planned_end < today:
        return "closing", "Das Ende ist vorbei, der Abschluss fehlt."
    if tandem.last_sign_on <= today - SILENT_AFTER:
        return "silent", f"Seit {(today - tandem.last_sign_on).days} Tagen kein Treffen."
    late = tandem.last_met_on is None and tandem.called_on is None
    if late and tandem.started_on <= today - FIRST_MEETING_WITHIN:
        return "silent", "Nach zwei Wochen noch kein erstes Treffen."
    if tandem.planned_end <= today + CLOSING_BEFORE:
        return "closing", ""
    return "active", ""


def _waits_for(tandem: Any) -> str:
    if tandem.has_all_yeses:
        return "Es fehlt die Einwilligung der Eltern."
    return "Die Mentor:in ist gefragt."


@dataclass(frozen=True, slots=True)
class Place:
    """Capacity against demand in one Kommune."""

    kommune: Any
    wanted: int
    free: int

    @property
    def lacks(self) -> int:
        return max(0, self.wanted - self.free)


def places() -> list[Place]:
    """Every Kommune with who waits for a mentor and how many places are free there."""
    waiting = Onboarding.objects.filter(still_looking(), OPEN_FOR_MENTORS)
    waiting = waiting.exclude(person__in=Tandem.objects.open().values("newcomer"))
    wanted = dict(waiting.order_by().values_list("person__kommune").annotate(people=Count("pk")))
    capacity = (
        Mentor.objects.available(clock.today())
        .order_by()
        .values_list("person__kommune")
        .annotate(places=Sum("capacity"))
    )
    free: dict[UUID | None, int] = dict(capacity)
    there = Mentor.objects.available(clock.today()).values("person")
    for side in ("mentor", "second"):
        taken = Tandem.objects.open().filter(**{f"{side}__in": there})
        used = taken.order_by().values_list(f"{side}__kommune").annotate(people=Count("pk"))
        for kommune, people in used:
            free[kommune] = free.get(kommune, 0) - people
    return [
        Place(kommune, wanted.get(kommune.pk, 0), max(0, free.get(kommune.pk, 0)))
        for kommune in Kommune.objects.order_by("name")
    ]


def topics_without_mentor() -> list[tuple[str, int]]:
    """Topics of newcomers who wait, of which no available mentor speaks: name and how many."""
    mentors = Mentor.objects.available(clock.today()).filter(person__topics=OuterRef("pk"))
    waiting = Onboarding.objects.filter(still_looking(), OPEN_FOR_MENTORS)
    people = waiting.filter(person__topics=OuterRef("pk")).order_by()
    number = people.values(topic=OuterRef("pk")).annotate(people=Count("pk")).values("people")
    found = Topic.objects.exclude(code="sonstiges").exclude(Exists(mentors))
    return list(
        found.annotate(people=Coalesce(number, 0))
        .filter(people__gt=0)
        .order_by("-people", "name")
        .values_list("name", "people")
    )


def feedback() -> Mapping[str, Any] | None:
    """What both sides said at the end, in sums; nothing about fewer than six people."""
    said = TandemFeedback.objects.aggregate(
        people=Count("pk"),
        helped=Count("pk", filter=Q(useful__gte=3)),
        again=Count("pk", filter=Q(again=True)),
        involved=Count("pk", filter=Q(involved=True)),
        meetings=Avg("meetings"),
    )
    return said if said["people"] >= FEWEST else None


def decisions() -> list[Any]:
    """The newest pairs with the reasons of the run, for as long as they are kept; no names."""
    rows = Tandem.objects.without_held().select_related(
        "newcomer__gliederung", "mentor__gliederung", "run"
    )
    return list(rows.order_by("-asked_at", "pk")[:DECISIONS])


def mentors_list() -> QuerySet[Mentor]:
    """Everybody who is or would like to be a mentor, new ones first, with their open tandems."""
    open_ones = Q(person__tandems_as_mentor__state__in=["asked", "active"])
    seconds = Q(person__tandems_as_second__state__in=["asked", "active"])
    found = (
        Mentor.objects.exclude(active_to__lt=clock.today())
        .exclude(person__in=held_people())
        .select_related("person__gliederung")
    )
    return found.annotate(
        busy=Count("person__tandems_as_mentor", filter=open_ones, distinct=True)
        + Count("person__tandems_as_second", filter=seconds, distinct=True)
    ).order_by(F("prepared_on").desc(nulls_first=True), "person__sort_name", "pk")


def note_names(columns: Sequence[Column]) -> None:
    """Say whom the board shows by name."""
    shown = [card.tandem for column in columns for card in column.cards]
    active = [one for one in shown if one.state == Tandem.State.ACTIVE or one.has_all_yeses]
    seen.note(one.newcomer_id for one in active)
    seen.note(person.pk for one in active for person in one.mentors)
