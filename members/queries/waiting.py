"""What waits for a user on the list "Zu tun", whatever it is about: one query for all of it."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    CharField,
    Count,
    DateField,
    Exists,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    UUIDField,
    Value,
)
from django.db.models.functions import Cast, Coalesce, Length, TruncDate

from members import admission, seen
from members.models import (
    Amt,
    District,
    Gliederung,
    Interest,
    Membership,
    Mentor,
    Person,
    RightsRequest,
    Tandem,
    TandemReport,
    User,
)
from members.models.interest import applications
from members.models.retention import held_people
from members.queries import (
    chains,
    coverage,
    looks,
    offices,
    recertification,
    tandems,
    transfers,
    win_back,
)
from members.queries.responsible import LOOKS_AFTER
from portal.common import clock, retention
from portal.common.models import ExportRun, RetentionApproval

# Counted: one item however many they are.
MINE, MOVES, ASK, OFFICES, LEFT, HELD = "mine", "moves", "ask", "offices", "left", "held"
RULES, FILES, VACANT = "rules", "files", "vacant"
ASKED_MENTOR, TANDEMS, REPORTS, APPLIED = "asked_mentor", "tandems", "reports", "applied"
# One item each, by name.
APPLICATION, INTEREST, RIGHTS = "application", "interest", "rights"
STOPPED, RELEASED = "stopped", "released"
# What nobody but those who look after the whole district can settle.
DESK = "desk"
# What a mentor has to answer, office or not.
MENTOR = "mentor"
# What whoever coordinates the mentoring has to call about.
BOARD = "board"
GROUPS = (MINE, MOVES, INTEREST, APPLICATION, DESK, MENTOR, BOARD)
DESK_RIGHTS = (
    "people.view",
    "retention.approve",
    "org.manage",
    "export.run",
    "people.edit",
    "rights.answer",
)
Part = QuerySet[Any, Any]
# After that somebody who is interested is not only the Ansprechperson's.
INTEREST_WAITS = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One row: `day` is the first of them, or when this one applied, was confirmed or is due.

    `cases` are the ids of what is counted.
    """

    kind: str
    count: int
    day: date | None
    pk: UUID | None = None
    person: UUID | None = None
    name: str = ""
    cases: tuple[UUID, ...] = ()


def waiting_for(user: User, today: date, groups: Collection[str] = GROUPS) -> Iterator[Waiting]:
    """Return what this user may settle; without an office nothing, and no query."""
    parts = [*_parts(user, today, groups)]
    if not parts:
        return
    rows = list(parts[0].union(*parts[1:], all=True)) if parts[1:] else list(parts[0])
    seen.note(row[4] for row in rows)
    for kind, count, day, pk, person, given, family, cases in rows:
        yield Waiting(kind, count, day, pk, person, given or family, tuple(cases))


def _parts(user: User, today: date, groups: Collection[str]) -> Iterator[Part]:
    if user.can("onboarding.act"):
        yield from _of_newcomers(user, today, groups)
    if DESK in groups:
        yield from _on_the_desk(user, today)
    if MENTOR in groups and user.is_mentor:
        asked = tandems.unanswered_by(user.person)
        yield _counted(ASKED_MENTOR, asked, day="asked_at")
    if BOARD in groups and user.can("mentoring.coordinate"):
        yield from _of_the_mentoring(user, today)


def _of_newcomers(user: User, today: date, groups: Collection[str]) -> Iterator[Part]:
    if MINE in groups:
        yield _counted(MINE, _mine(user), "looks_after")
    if MOVES in groups:
        yield _counted(MOVES, transfers.waiting_for(user), day="started_at")
    if INTEREST in groups:
        yield _to_call(user, today)
    if APPLICATION in groups and user.can("admission.decide"):
        yield _to_decide(user, today)


def _on_the_desk(user: User, today: date) -> Iterator[Part]:
    if not any(map(user.can, DESK_RIGHTS)):
        return  # spares most users the query for the district
    district = user.district.gliederung
    if user.can("retention.approve", district):
        yield _rules_to_approve(user)
    if user.can("org.manage", district):
        yield from _of_the_organisation(user)
    yield from _of_the_office(user, district, today)


def _of_the_office(user: User, district: Gliederung, today: date) -> Iterator[Part]:
    if user.can("export.run", district):
        files = ExportRun.objects.filter(
            made_by=user.person_id, deleted_at=None, delete_on__lte=today
        )
        yield _counted(FILES, files, day="delete_on")
    if user.can("people.edit", district):
        left = win_back.still_open().filter(person__in=Person.objects.visible_to(user))
        yield _counted(LEFT, left, day="left_on")
    if user.can("rights.answer", district):
        asked = RightsRequest.objects.waiting().exclude(person=user.person_id)
        yield _each(asked, RIGHTS, "person__", F("due_on"))
    if user.sees_whole_district:
        yield _counted(REPORTS, TandemReport.objects.told_to(user).open(), day="created_at")
    if user.sees_whole_district and user.can("onboarding.act"):
        held = Interest.objects.filter(state=Interest.State.HELD)
        yield _counted(HELD, held, day="created_at")


def _of_the_organisation(user: User) -> Iterator[Part]:
    yield _counted(ASK, coverage.to_ask(user))
    yield _counted(VACANT, offices.without(offices.taking_members(user), *LOOKS_AFTER))
    yield _counted(OFFICES, recertification.left_to(user))
    stopped = looks.unsettled().exclude(viewer=user.person_id)
    yield _each(stopped, STOPPED, "viewer__", F("day"), "viewer_id")
    released = looks.unseen_releases(user.person_id)
    yield _each(released, RELEASED, "viewer__", F("day"), "viewer_id")


def _of_the_mentoring(user: User, today: date) -> Iterator[Part]:
    """The coordinator's; the office's only while there is none (R6)."""
    due, applied = tandems.needing_somebody(today), Mentor.objects.applied(today)
    if user.sees_whole_district:
        coordinators = Amt.objects.active(today).filter(kind=Amt.Kind.MENTORING)
        due, applied = due.filter(~Exists(coordinators)), applied.filter(~Exists(coordinators))
    yield _counted(TANDEMS, Tandem.objects.filter(pk__in=due.values("pk")))
    yield _counted(APPLIED, applied, day="active_from")


def _rules_to_approve(user: User) -> Part:
    """Deletion rules that wait for this user's yes; the other yes is somebody else's."""
    current = [rule.fingerprint for rule in retention.rules()]
    said = RetentionApproval.objects.filter(
        Q(second_by__isnull=False) | Q(first_by=user.person_id), fingerprint__in=current
    )
    number = said.order_by().values(one=Value(1)).annotate(number=Count("pk")).values("number")
    missing = Value(len(current)) - Coalesce(Subquery(number), 0)
    nobody = Cast(Value(None), UUIDField())
    return (
        District.objects.alias(missing=missing)
        .filter(missing__gt=0)
        .values_list(
            Value(RULES, CharField()),
            missing,
            Cast(Value(None), DateField()),
            nobody,
            nobody,
            Value("", CharField()),
            Value("", CharField()),
            Cast(Value("{}"), ArrayField(UUIDField())),
        )
    )


def _mine(user: User) -> QuerySet[Any]:
    return coverage.overcommitted(coverage.ASK_YOURSELF).filter(pk=user.person_id)


def _counted(kind: str, rows: QuerySet[Any], what: str = "pk", day: str = "") -> Part:
    first: Any = _day(day) if day else Cast(Value(None), DateField())
    grouped = rows.order_by().annotate(part=Value(kind, CharField())).values("part")
    return grouped.annotate(
        number=Count(what, distinct=True),
        first=first,
        no_pk=Cast(Value(None), UUIDField()),
        no_person=Cast(Value(None), UUIDField()),
        no_given=Value("", CharField()),
        no_family=Value("", CharField()),
        cases=ArrayAgg(what, distinct=True),
    ).values_list("part", "number", "first", "no_pk", "no_person", "no_given", "no_family", "cases")


def _day(name: str) -> Any:
    """The first day, of a column with moments or with days."""
    return Cast(Min(name), DateField()) if name.endswith("_on") else TruncDate(Min(name))


def _each(rows: QuerySet[Any], kind: str, names: str, day: Any, person: str = "person_id") -> Part:
    return rows.order_by().values_list(
        Value(kind, CharField()),
        Value(1),
        day,
        "pk",
        person,
        f"{names}given_name",
        f"{names}family_name",
        Cast(Value("{}"), ArrayField(UUIDField())),
    )


def _to_call(user: User, today: date) -> Part:
    """One's own; the office's too when nobody has spoken or tried for two weeks."""
    waiting = Interest.objects.filter(
        state=Interest.State.CONFIRMED, talked_on=None, person__no_contact_since=None
    )
    whose = Q(responsible=user.person_id)
    if user.sees_whole_district:
        nobody_tried = Q(tried_on=None) | Q(tried_on__lte=today - INTEREST_WAITS)
        whose |= nobody_tried & Q(confirmed_at__lte=clock.now() - INTEREST_WAITS)
    else:
        waiting = waiting.exclude(person__in=held_people())
    waiting = waiting.filter(whose)
    return _each(waiting, INTEREST, "", TruncDate("confirmed_at"))


def _to_decide(user: User, today: date) -> Part:
    """The Vorsitz from day 21 on; when the month is over the office too, or where none is there."""
    due = Membership.objects.filter(
        applications(), applied_on__lte=today - admission.REMINDED_AFTER
    ).exclude(person=user.person_id)
    chairs = chains.answering(Amt.objects.active(today), today).filter(kind=Amt.Kind.VORSITZ)
    there = chains.over(chairs, "person__gliederung__path").exclude(person=OuterRef("person"))
    if user.sees_whole_district:
        over = Q(applied_on__lt=admission.over_since(today))
        due = due.filter(over | ~Exists(there))
    else:
        own = Gliederung.objects.where(user, can="admission.decide")
        due = due.filter(person__gliederung__in=own).exclude(person__in=held_people())
        # Of several the nearest one; at one's own place it is always one's own.
        nearest = there.order_by(Length("gliederung__path").desc()).values("gliederung__path")[:1]
        at = [amt.gliederung.path for amt in user.active_aemter if amt.kind == Amt.Kind.VORSITZ]
        turn = Q(nearest__in=at) | Q(person__gliederung__path__in=at)
        due = due.annotate(nearest=Subquery(nearest)).filter(turn)
    return _each(due, APPLICATION, "person__", F("applied_on"))
