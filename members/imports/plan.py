"""Compare cleaned rows with what is stored: one verdict per row, nothing written yet."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from dateutil.relativedelta import relativedelta
from django.db.models import Exists, OuterRef

from members.imports.places import Place, Places
from members.imports.reader import LABELS
from members.imports.rules import Row
from members.models import District, ImportRow, Membership, Person
from members.sorting import sort_name

Verdict = ImportRow.Verdict
# What a report always names; "same" appears when there is such a row.
ORDER = tuple(code for code in Verdict.values if code != Verdict.SAME)
PERSON_FIELDS = ("given_name", "family_name", "email", "phone", "mobile", "plz", "adult_on")
MEMBERSHIP_FIELDS = ("kind", "joined_on", "applied_on")
LOOKUP_CHUNK = 5000


@dataclass(slots=True)
class Planned:
    """What the import will do with one row."""

    row: Row
    verdict: str
    place: Place | None = None
    membership: Membership | None = None
    changed: list[str] = field(default_factory=list)
    is_newcomer: bool = False

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
            totals[planned.verdict] += 1
        return {"rows": len(self.planned)} | totals

    @property
    def mails(self) -> int:
        return sum(p.is_newcomer and bool(p.row.values.get("email")) for p in self.planned)

    @property
    def letters(self) -> int:
        return sum(p.is_newcomer and not p.row.values.get("email") for p in self.planned)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def make_plan(rows: Iterable[Row], today: date) -> Plan:
    """Decide about every row; reads the database, writes nothing."""
    rows = list(rows)
    stored = _stored_memberships([row.values.get("number", "") for row in rows])
    places = Places()
    newcomer_since = today - relativedelta(months=District.current().newcomer_months)
    planned = [_plan_row(row, stored, places, today, newcomer_since) for row in rows]
    _warn_about_lookalikes(planned)
    return Plan(planned)


def _stored_memberships(numbers: list[str]) -> dict[str, Membership]:
    found: dict[str, Membership] = {}
    for start in range(0, len(numbers), LOOKUP_CHUNK):
        chunk = numbers[start : start + LOOKUP_CHUNK]
        memberships = Membership.objects.filter(number__in=chunk).select_related("person")
        found |= {membership.number: membership for membership in memberships}
    return found


def _plan_row(
    row: Row, stored: Mapping[str, Membership], places: Places, today: date, newcomer_since: date
) -> Planned:
    if row.is_rejected:
        return Planned(row, Verdict.REJECTED)
    membership = stored.get(row.values["number"])
    if membership is None:
        return _plan_unknown(Planned(row, Verdict.NEW, places.place(row)), newcomer_since)
    planned = Planned(row, Verdict.UNCHANGED, places.place(row), membership)
    planned.changed = _differences(planned, membership, today)
    planned.verdict = _verdict(planned, membership)
    return planned


def _plan_unknown(planned: Planned, newcomer_since: date) -> Planned:
    """Somebody whose Mitgliedsnummer was never seen: newcomer, older member, or gone already."""
    left, joined = planned.left_on(), planned.joined_on()
    if left:
        planned.verdict = Verdict.LEFT
    planned.is_newcomer = left is None and joined is not None and joined >= newcomer_since
    return planned


def _verdict(planned: Planned, membership: Membership) -> str:
    if "left_on" in planned.changed and planned.row.values.get("left_on"):
        return Verdict.LEFT
    if membership.has_ended and "left_on" not in planned.changed:
        planned.changed = []
        return Verdict.UNCHANGED
    if "gliederung" in planned.changed:
        return Verdict.MOVED
    return Verdict.CHANGED if planned.changed else Verdict.UNCHANGED


def _is_of_age(person: Person, today: date) -> bool:
    """The day was reached; that the file no longer has it is no change."""
    return person.adult_on is not None and person.adult_on <= today


def _differences(planned: Planned, membership: Membership, today: date) -> list[str]:
    values, person = planned.row.values, membership.person
    unreadable = {problem.field for problem in planned.row.problems}
    changed = [
        name
        for name in PERSON_FIELDS
        if name in values
        and values[name] != _text(getattr(person, name))
        and not (name == "adult_on" and _is_of_age(person, today))
        and not _was_dropped(name, values, unreadable)
    ]
    changed += [
        name
        for name in (*MEMBERSHIP_FIELDS, "left_on")
        if name in values and values[name] != _text(getattr(membership, name))
    ]
    place = planned.place
    if place and place.gliederung and place.gliederung != person.gliederung_id:
        changed.append("gliederung")
    return changed


def _was_dropped(name: str, values: Mapping[str, str], unreadable: set[str]) -> bool:
    """An unreadable address or number must not wipe out the good one that is stored."""
    label = LABELS.get("born_on" if name == "adult_on" else name, "")
    return not values[name] and label in unreadable


def _text(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return str(value or "")


def _warn_about_lookalikes(planned: list[Planned]) -> None:
    """„Vermutlich dieselbe Person“: somebody without Mitgliedsnummer fits a new row (R5)."""
    new = [p for p in planned if p.membership is None and p.verdict != Verdict.REJECTED]
    if not new:
        return
    by_email, by_phone, by_name = _people_without_membership()
    for p in new:
        values = p.row.values
        name = (sort_name(values["family_name"], values.get("given_name", "")), values.get("plz"))
        phones = {values.get("phone"), values.get("mobile")} - {"", None}
        if values.get("email", "").lower() in by_email or phones & by_phone or name in by_name:
            p.row.warn(
                "family_name",
                "Vermutlich dieselbe Person ist schon von Hand eingetragen. Bitte prüfen.",
            )


def _people_without_membership() -> tuple[set[str], set[str], set[tuple[str, str]]]:
    people = Person.objects.filter(~Exists(Membership.objects.filter(person=OuterRef("pk"))))
    emails: set[str] = set()
    phones: set[str] = set()
    names: set[tuple[str, str]] = set()
    for person in people.only("email", "phone", "mobile", "sort_name", "plz"):
        emails |= {person.email.lower()} - {""}
        phones |= {person.phone, person.mobile} - {""}
        if person.plz:
            names.add((person.sort_name, person.plz))
    return emails, phones, names
