"""Who looked at my data, as I may know it (Art. 15): office, place and days, never times (R31)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from dateutil.relativedelta import relativedelta
from django.db.models import Count, Exists, OuterRef, QuerySet

from members.capabilities import kinds_granting
from members.models import Amt, Look, LookRelease, LookStop, Person
from members.queries.who_sees_me import WHY, Naming
from portal.common import clock

TOLD_MONTHS = 12
FORMER = "Ein früheres Amt"
OTHER_WHY = "Hat bei der Arbeit für dieses Amt Angaben von dir gesehen."


@dataclass(slots=True)
class Looked:
    """One office at one place, and on which days it saw me, the newest first."""

    office: str
    place: str
    why: str
    names: list[str] = field(default_factory=list)
    days: list[date] = field(default_factory=list)


def seen_by(person: Person) -> list[Looked]:
    """Return who saw more than my name in the last 12 months, the latest first."""
    since = clock.today() - relativedelta(months=TOLD_MONTHS)
    looks = Look.objects.filter(person=person, is_close=True, day__gte=since)
    seen = list(looks.order_by("-day").values_list("viewer", "day").distinct())
    if not seen:
        return []
    held, naming = _held_by(viewer for viewer, _ in seen), Naming(person)
    above = person.gliederung.ancestor_paths if person.gliederung else []
    found: dict[tuple[UUID | None, str], Looked] = {}
    for viewer, day in seen:
        amt = _through(held.get(viewer, []), day, above)
        key = (amt.gliederung_id, amt.kind) if amt else (None, "")
        entry = found.setdefault(key, _entry(amt))
        if day not in entry.days:
            entry.days.append(day)
        for name in naming.names([amt] if amt else []):
            if name not in entry.names:
                entry.names.append(name)
    return list(found.values())


def _held_by(viewers: Iterable[UUID]) -> dict[UUID, list[Amt]]:
    held: dict[UUID, list[Amt]] = {}
    rows = Amt.objects.filter(person__in=set(viewers)).select_related("person", "gliederung__level")
    for amt in rows.order_by("-gliederung__path", "kind", "-beginn"):
        held.setdefault(amt.person_id, []).append(amt)
    return held


def _through(aemter: list[Amt], day: date, above: list[str]) -> Amt | None:
    """The office that showed me on that day; for want of one, any that ran then."""
    then = [amt for amt in aemter if amt.beginn <= day <= amt.last_day]
    near = (amt for amt in then if amt.kind in _why() and amt.gliederung.path in above)
    return next(near, None) or next(iter(then), None)


def _why() -> dict[str, str]:
    return {kind: why for can, why in reversed(WHY.items()) for kind in kinds_granting(can)}


def _entry(amt: Amt | None) -> Looked:
    if amt is None:
        return Looked(FORMER, "", OTHER_WHY)
    why = _why().get(amt.kind, OTHER_WHY)
    return Looked(amt.get_kind_display(), str(amt.gliederung), why)


def stops() -> QuerySet[LookStop]:
    """Everybody who was stopped, with how often it was released."""
    found = LookStop.objects.select_related("viewer", "settled_by")
    return found.annotate(released=Count("releases"))


def seen_on(found: LookStop) -> int:
    """How many different people this viewer saw on that day."""
    return Look.objects.filter(viewer=found.viewer_id, day=found.day, by_export=False).count()


def unsettled() -> QuerySet[LookStop]:
    return LookStop.objects.filter(settled_at=None)


def unseen_releases(told: UUID) -> QuerySet[LookStop]:
    """Stops with a release that this second person has not read yet."""
    unseen = LookRelease.objects.filter(stop=OuterRef("pk"), told=told, seen_at=None)
    return LookStop.objects.filter(Exists(unseen))
