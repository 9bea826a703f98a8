"""Who saw whom is written down, and very many in one day are too many (T2)."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from members.capabilities import kinds_granting
from members.models import Amt, District, LookRelease, LookStop, Person, User
from members.services import recovery
from portal.common import audit, clock
from portal.common.errors import DomainError
from portal.common.outbox import services as outbox

STOPPED = "members.looks_stopped"
RELEASED = "members.looks_released"

# One trip to the database. The lock comes in a statement of its own, because the one behind it
# must not look at the table before two tabs of the same person have queued up.
_RECORD = """
select set_config('app.scope', 'system:looks', true), set_config('app.user', '', true),
       pg_advisory_xact_lock(hashtextextended(%(viewer)s::text, 0));
with asked as (
    -- Whoever was erased while the page was made is nobody any more.
    select shown.person, shown.is_close
    from unnest(%(people)s::uuid[], %(close)s::boolean[]) as shown(person, is_close)
    join members_person p on p.id = shown.person
), today as (
    select person_id, is_close from members_look
    where viewer_id = %(viewer)s and day = %(day)s and not by_export
), verdict as (
    select (select count(*) from today) as seen,
           (select count(*) from asked
            where person not in (select person_id from today)) as fresh,
           %(step)s * (1 + (select count(*) from members_lookrelease r
                            join members_lookstop s on s.id = r.stop_id
                            where s.viewer_id = %(viewer)s and s.day = %(day)s)) as most
), written as (
    insert into members_look (viewer_id, person_id, day, is_close, by_export)
    select %(viewer)s, person, %(day)s, asked.is_close, false from asked, verdict
    where (fresh = 0 or seen + fresh <= most) and not exists (
        select from today
        where person_id = asked.person and (today.is_close or not asked.is_close)
    )
    on conflict (viewer_id, day, person_id) do update
    set is_close = members_look.is_close or excluded.is_close, by_export = false
)
select seen, fresh, most from verdict
"""
_RECORD_EXPORT = """
insert into members_look (viewer_id, person_id, day, is_close, by_export)
select %(viewer)s, unnest(%(people)s::uuid[]), %(day)s, %(close)s, true
on conflict (viewer_id, day, person_id) do update
set is_close = members_look.is_close or excluded.is_close
"""


class NotStopped(DomainError):
    """There is nothing to release, or it was released a moment ago."""


class NoSecondPerson(DomainError):
    """There is nobody who could be told."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many were seen before this page, how many it adds, and how many may be seen."""

    seen: int
    fresh: int
    most: int

    @property
    def is_too_many(self) -> bool:
        return self.fresh > 0 and self.seen + self.fresh > self.most


def record(viewer: UUID, people: Collection[UUID], close: Collection[UUID]) -> Verdict:
    """Write down whom a page shows; of a page that shows too many, nobody."""
    ids = list(people)
    values: dict[str, Any] = {
        "viewer": str(viewer),
        "people": [str(pk) for pk in ids],
        "close": [pk in close for pk in ids],
        "day": clock.today(),
        "step": settings.LOOKS_PER_DAY,
    }
    with connection.cursor() as cursor:
        cursor.execute(_RECORD, values)
        return Verdict(*cursor.fetchone())


def record_export(viewer: UUID, people: Collection[UUID], *, is_close: bool = True) -> None:
    """A file with a purpose is told to everybody in it, and is no step towards the stop."""
    values: dict[str, Any] = {
        "viewer": str(viewer),
        "people": [str(pk) for pk in people],
        "close": is_close,
        "day": clock.today(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_RECORD_EXPORT, values)


@transaction.atomic
def stop(viewer: Person, verdict: Verdict) -> LookStop:
    """Remember that somebody was stopped; staff and Datenschutz hear of it once a day."""
    values = {"stopped_at": clock.now(), "most": verdict.most}
    found, is_new = LookStop.objects.get_or_create(
        viewer=viewer, day=clock.today(), defaults=values
    )
    if is_new:
        audit.record("looks.stopped", viewer.pk, found, count=verdict.seen)
        for person in _alerted(viewer):
            _tell(STOPPED, person, f"{found.pk}:{person.pk}", {"stop": str(found.pk)})
    elif found.most < verdict.most:
        found.most, found.settled_at, found.settled_by = verdict.most, None, None
        found.save(update_fields=["most", "settled_at", "settled_by"])
    return found


def _alerted(viewer: Person) -> list[Person]:
    """Whoever answers for offices or for data protection, but not the one it is about."""
    district = District.current().gliederung
    kinds = [*kinds_granting("org.manage"), Amt.Kind.DATENSCHUTZ]
    held = Amt.objects.active().filter(kind__in=kinds, gliederung__path__in=district.ancestor_paths)
    people = Person.objects.filter(pk__in=held.values("person")).exclude(pk=viewer.pk)
    return list(people.exclude(email="").order_by("sort_name", "pk"))


def _tell(kind: str, person: Person, key: str, ids: dict[str, str]) -> None:
    outbox.queue(
        outbox.Draft(
            kind=kind,
            recipient_key=person.pk,
            address=person.email,
            dedupe_key=f"{kind}:{key}",
            ids=ids,
        )
    )


def may_release(user: User, found: LookStop) -> bool:
    """Somebody else who manages offices; for themselves only who works for the whole district."""
    if found.viewer_id == user.person_id:
        return user.sees_whole_district
    return user.can("org.manage", user.district.gliederung)


def may_see(user: User, found: LookStop) -> bool:
    """Whoever may release, and whoever is alerted; a colleague's reading is nobody else's."""
    top = user.district.gliederung
    told = any(
        amt.kind == Amt.Kind.DATENSCHUTZ and top.path.startswith(amt.gliederung.path)
        for amt in user.active_aemter
    )
    return told or may_release(user, found)


def is_open(found: LookStop) -> bool:
    """Is it today, and was the step that was reached last not released yet?"""
    is_done = found.releases.filter(from_most=found.most).exists()
    return found.day == clock.today() and not is_done


def may_settle(user: User, found: LookStop) -> bool:
    """Nobody settles what is about themselves."""
    is_me = found.viewer_id == user.person_id
    manages = user.can("org.manage", user.district.gliederung)
    return found.settled_at is None and manages and not is_me


@transaction.atomic
def release(found: LookStop, by: Person, reason: str) -> LookRelease:
    """Let one viewer see as many again today; each step once, and a second person is told."""
    held = LookStop.objects.select_for_update(of=("self",)).get(pk=found.pk)
    if held.day != clock.today():
        raise NotStopped("Das war an einem anderen Tag. Heute gilt wieder die volle Zahl.")
    if held.releases.filter(from_most=held.most).exists():
        raise NotStopped("Das ist schon freigegeben.")
    told = recovery.second_person(held.viewer_id, by.pk)
    if told is None:
        raise NoSecondPerson(
            "Dafür muss eine zweite Person Bescheid bekommen, und es gibt keine. Bitte trag im "
            "Gebiet eine zweite Person der Geschäftsstelle, den Datenschutz oder den Vorsitz ein."
        )
    now = clock.now()
    made = held.releases.create(
        from_most=held.most, reason=reason, made_at=now, made_by=by, told=told
    )
    _settle(held, by)
    audit.record("looks.released", by.pk, held, count=int(settings.LOOKS_PER_DAY))
    if told.email:
        _tell(RELEASED, told, str(made.pk), {"release": str(made.pk)})
    return made


def _settle(found: LookStop, by: Person) -> None:
    found.settled_at, found.settled_by = clock.now(), by
    found.save(update_fields=["settled_at", "settled_by"])


@transaction.atomic
def settle(found: LookStop, by: Person) -> None:
    """Somebody has asked and knows why it was so many."""
    held = LookStop.objects.select_for_update(of=("self",)).get(pk=found.pk)
    if held.settled_at is None:
        _settle(held, by)
        audit.record("looks.settled", by.pk, held)


@transaction.atomic
def mark_seen(found: LookStop, by: Person) -> None:
    """The second person has read why."""
    unseen = found.releases.filter(told=by, seen_at=None)
    if unseen.update(seen_at=clock.now()):
        audit.record("looks.release_seen", by.pk, found)
