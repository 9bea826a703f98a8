"""Compare cleaned rows with what is stored: one verdict per row, nothing written yet."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from dateutil.relativedelta import relativedelta

from members.imports.lookalikes import Lookalikes
from members.imports.places import UNKNOWN_PLZ, Place, Places
from members.imports.reader import LABELS
from members.imports.rules import REJECTED, Problem, Row
from members.models import (
    District,
    Gliederung,
    ImportRow,
    Membership,
    Onboarding,
    Person,
    Transfer,
)
from members.models.interest import applications
from members.sorting import sort_name
from portal.common import clock, periods

Verdict = ImportRow.Verdict
Decision = ImportRow.Decision
# What a report always names; "same" appears when there is such a row.
ORDER = tuple(code for code in Verdict.values if code != Verdict.SAME)
ADDRESS_FIELDS = ("street", "city")
PERSON_FIELDS = (
    "given_name",
    "family_name",
    "email",
    "phone",
    "mobile",
    "plz",
    *ADDRESS_FIELDS,
    "adult_on",
)
MEMBERSHIP_FIELDS = ("kind", "joined_on", "applied_on")
LOOKUP_CHUNK = 5000
# So long the export may still name the old Ortsverein of somebody whom we moved by hand.
EXPORT_LAGS = timedelta(days=60)
Reason = Membership.LeftReason
LOOKALIKE = "Vermutlich dieselbe Person ist schon von Hand eingetragen. Bitte prüfen."
LEFT_LONG_AGO = "Der Austritt ist länger als 90 Tage her. Diese Person wird nicht angelegt."
EXIT_STAYS = "Der Austritt wurde von Hand eingetragen und steht noch nicht im Export. Er bleibt."


@dataclass(frozen=True, slots=True)
class Decided:
    """What a human said about a row that looks like somebody known."""

    decision: str
    person: UUID | None


NOT_DECIDED = Decided("", None)


@dataclass(slots=True)
class Planned:
    """What the import will do with one row."""

    row: Row
    verdict: str
    place: Place | None = None
    membership: Membership | None = None
    changed: list[str] = field(default_factory=list)
    is_newcomer: bool = False
    decided: Decided = NOT_DECIDED
    # The export says that an application was granted: the clock begins now (B6).
    is_admitted: bool = False

    @property
    def is_same(self) -> bool:
        """A human said that this row is somebody who was entered by hand."""
        return self.verdict == Verdict.SAME and self.membership is not None

    @property
    def is_created(self) -> bool:
        """The row becomes a new person."""
        if self.verdict == Verdict.SAME:
            return self.decided.decision == Decision.OTHER
        return self.membership is None and self.verdict in (Verdict.NEW, Verdict.LEFT)

    @property
    def is_welcomed(self) -> bool:
        """A mail or a letter leaves because of this row."""
        if not self.is_newcomer:
            return False
        if self.is_admitted:
            return True
        if self.membership is not None:
            person = self.membership.person
            return not (person.has_arrived or person.has_left)  # type: ignore[attr-defined]  # annotated by Lookalikes
        return self.is_created

    def comes_back(self, today: date) -> bool:
        """An exit that the export no longer knows, or has put off, was a mistake."""
        left = self.left_on()
        return "left_on" in self.changed and (left is None or left > today)

    def joined_on(self) -> date | None:
        return _day(self.row.values.get("joined_on", ""))

    def left_on(self) -> date | None:
        return _day(self.row.values.get("left_on", ""))


@dataclass(frozen=True, slots=True)
class Plan:
    planned: list[Planned]

    @property
    def counts(self) -> dict[str, int]:
        totals = dict.fromkeys(ORDER, 0)
        for planned in self.planned:
            totals[planned.verdict] = totals.get(planned.verdict, 0) + 1
        return {"rows": len(self.planned)} | totals

    @property
    def left_behind(self) -> int:
        """Rows about which nobody has said yet who they are."""
        return sum(p.verdict == Verdict.SAME and not p.decided.decision for p in self.planned)

    @property
    def mails(self) -> int:
        return sum(p.is_welcomed and bool(p.row.values.get("email")) for p in self.planned)

    @property
    def letters(self) -> int:
        return sum(p.is_welcomed and not p.row.values.get("email") for p in self.planned)


def is_found_anew(problem: Problem) -> bool:
    """Does this warning depend on what is stored, so that the next plan says it again or not?"""
    if problem.level == REJECTED:
        return False
    return problem.field == LABELS["gliederung"] or problem.message in (
        UNKNOWN_PLZ,
        LOOKALIKE,
        EXIT_STAYS,
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def newcomer_since(today: date) -> date:
    """Who joined on this day or later is a newcomer (R4)."""
    return today - relativedelta(months=District.current().newcomer_months)


def make_plan(
    rows: Iterable[Row], today: date, decided: Mapping[int, Decided] | None = None
) -> Plan:
    """Decide about every row; reads the database, writes nothing."""
    rows = list(rows)
    known = _Known(rows, today)
    planned = [_plan_row(row, known) for row in rows]
    _find_admitted(planned, known)
    _find_lookalikes(planned, decided or {}, known)
    return Plan(planned)


class _Known:
    """What the rows are compared with, read once."""

    def __init__(self, rows: list[Row], today: date) -> None:
        self.today = today
        self.places = Places()
        self.newcomer_since = newcomer_since(today)
        self.memberships = _stored_memberships([row.values.get("number", "") for row in rows])
        self.applications = _stored_applications()
        lately = Transfer.objects.filter(
            state=Transfer.State.DONE,
            source=Transfer.Source.HAND,
            ended_at__date__gte=today - EXPORT_LAGS,
        )
        self.moved_by_hand = set(lately.values_list("person_id", "from_gliederung_id"))
        self.names = dict(Gliederung.objects.values_list("pk", "name"))


def _stored_memberships(numbers: list[str]) -> dict[str, Membership]:
    found: dict[str, Membership] = {}
    for start in range(0, len(numbers), LOOKUP_CHUNK):
        chunk = numbers[start : start + LOOKUP_CHUNK]
        memberships = Membership.objects.filter(number__in=chunk).select_related("person")
        found |= {str(membership.number): membership for membership in memberships}
    return found


def _stored_applications() -> dict[tuple[str, ...], Membership]:
    """Without a number only everything together tells who an application is of."""
    found = Membership.objects.filter(applications(), number=None).select_related("person")
    return {
        (m.person.sort_name, m.person.plz, _text(m.applied_on)): m for m in found if m.person.plz
    }


def _stored(row: Row, known: "_Known") -> Membership | None:
    values = row.values
    if values["number"]:
        return known.memberships.get(values["number"])
    name = sort_name(values["family_name"], values.get("given_name", ""))
    return known.applications.get((name, values.get("plz", ""), values.get("applied_on", "")))


def _plan_row(row: Row, known: _Known) -> Planned:
    if row.is_rejected:
        return Planned(row, Verdict.REJECTED)
    membership = _stored(row, known)
    planned = Planned(row, Verdict.UNCHANGED, known.places.place(row), membership)
    if membership is None:
        return _plan_unknown(planned, known.newcomer_since)
    planned.changed = _differences(planned, membership, known)
    planned.verdict = _verdict(planned, membership)
    return planned


def _plan_unknown(planned: Planned, newcomer_since: date) -> Planned:
    """Somebody whose Mitgliedsnummer was never seen: newcomer, older member, or gone already."""
    left = planned.left_on()
    if left and left <= clock.today() - periods.EXIT:
        # Erased here, or would be tonight: an old export must not bring anybody back.
        planned.row.warn("left_on", LEFT_LONG_AGO)
        return planned
    planned.verdict = Verdict.LEFT if left else Verdict.NEW
    planned.is_newcomer = is_newcomer(planned.row.values, newcomer_since)
    return planned


def is_newcomer(values: Mapping[str, str], since: date) -> bool:
    joined = _day(values.get("joined_on", ""))
    return not values.get("left_on") and joined is not None and joined >= since


def _verdict(planned: Planned, membership: Membership) -> str:
    if "left_on" in planned.changed and planned.row.values.get("left_on"):
        return Verdict.LEFT
    if membership.has_ended and "left_on" not in planned.changed:
        planned.changed = []
        return Verdict.UNCHANGED
    if "gliederung" in planned.changed:
        return Verdict.MOVED
    return Verdict.CHANGED if planned.changed else Verdict.UNCHANGED


def _find_admitted(planned: list[Planned], known: _Known) -> None:
    """Newcomers are also those whose application is known and has been granted since."""
    granted = [
        p
        for p in planned
        if p.membership
        and "joined_on" in p.changed
        and p.membership.joined_on is None
        and p.membership.applied_on
        and is_newcomer(p.row.values, known.newcomer_since)
    ]
    people = [p.membership.person_id for p in granted if p.membership]
    running = Onboarding.objects.running().filter(person__in=people) if people else ()
    arriving = {onboarding.person_id for onboarding in running}
    for p in granted:
        p.is_newcomer = p.is_admitted = p.membership.person_id not in arriving  # type: ignore[union-attr]  # chosen above


def _is_of_age(person: Person, today: date) -> bool:
    """The day was reached; that the file no longer has it is no change."""
    return person.adult_on is not None and person.adult_on <= today


def _differences(planned: Planned, membership: Membership, known: _Known) -> list[str]:
    values, person = planned.row.values, membership.person
    unreadable = {problem.field for problem in planned.row.problems}
    changed = [
        name
        for name in PERSON_FIELDS
        if name in values
        and values[name] != _text(getattr(person, name))
        and not (name == "adult_on" and _is_of_age(person, known.today))
        and not _was_dropped(name, values, unreadable)
        and not _was_typed(name, values)
    ]
    changed += [
        name
        for name in MEMBERSHIP_FIELDS
        if name in values and values[name] != _text(getattr(membership, name))
    ]
    if _exit_changes(planned.row, membership):
        changed.append("left_on")
    if _place_changes(planned, person, known):
        changed.append("gliederung")
    return changed


def _was_typed(name: str, values: Mapping[str, str]) -> bool:
    """A street that staff entered for a letter stays while the file has none."""
    return name in ADDRESS_FIELDS and not values[name] and not values.get("email")


def _exit_changes(row: Row, membership: Membership) -> bool:
    """An exit entered by hand holds until the export knows it too; a death holds for ever."""
    if "left_on" not in row.values or row.values["left_on"] == _text(membership.left_on):
        return False
    if membership.left_reason == Reason.REFUSED and row.values.get("joined_on"):
        return True  # refused here, admitted after all
    if membership.left_reason and not row.values["left_on"]:
        row.warn("left_on", EXIT_STAYS)
        return False
    return membership.left_reason != Reason.DEATH


def _place_changes(planned: Planned, person: Person, known: _Known) -> bool:
    place = planned.place
    if place is None or place.gliederung is None or place.gliederung == person.gliederung_id:
        return False
    if (person.pk, place.gliederung) in known.moved_by_hand:
        planned.row.warn(
            "gliederung",
            f"Der Export nennt noch {known.names[place.gliederung]}, der Wechsel ist aber schon "
            "vollzogen. Es bleibt dabei.",
        )
        return False
    return True


def _was_dropped(name: str, values: Mapping[str, str], unreadable: set[str]) -> bool:
    """An unreadable address or number must not wipe out the good one that is stored."""
    label = LABELS.get("born_on" if name == "adult_on" else name, "")
    return not values[name] and label in unreadable


def _text(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return str(value or "")


def _find_lookalikes(planned: list[Planned], decided: Mapping[int, Decided], known: _Known) -> None:
    """Set aside rows that look like somebody entered by hand; a human decides (R5)."""
    new = [p for p in planned if p.membership is None and p.verdict != Verdict.REJECTED]
    if not new:
        return
    lookalikes = Lookalikes()
    for p in new:
        if not lookalikes.of(p.row.values):
            continue
        p.verdict = Verdict.SAME
        p.decided = decided.get(p.row.number, NOT_DECIDED)
        p.row.warn("family_name", LOOKALIKE)
        person = lookalikes.people.get(p.decided.person) if p.decided.person else None
        if person and p.decided.decision == Decision.SAME:
            _plan_same(p, person, known)


def _plan_same(planned: Planned, person: Person, known: _Known) -> None:
    """The row updates somebody who was here before their Mitgliedsnummer."""
    stored = Membership.objects.filter(person=person).order_by("has_ended", "-joined_on").first()
    planned.membership = stored or Membership(person=person, first_seen_on=known.today)
    planned.membership.person = person  # the one that knows whether it has arrived
    planned.changed = ["number", *_differences(planned, planned.membership, known)]
