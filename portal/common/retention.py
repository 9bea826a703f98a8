"""The registry of deletion rules: what goes, counted from when, after how long (DIN 66398).

Rules are data. A rule says which rows are due; `portal.common.retaining` carries it out at night,
and papers are made from it. Every app registers its own in `<app>/retention.py`:

    delete("members.absence", "members.Absence", "Abwesenheiten",
           start="last_day", since="dem letzten Tag", period=periods.ABSENCE)
    blank("onboarding.wishes", "members.Onboarding", "Motive und Erwartungen",
          start="started_on", since="dem Eintritt", period=periods.NEWCOMER_FILE,
          sets={"motives": [], "expectations": []})
    keep("members.Topic", "name", "sagt nichts über einen Menschen")

A field that no rule covers fails `tests/common/test_retention_registry.py`.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Any
from uuid import UUID

from dateutil.relativedelta import relativedelta
from django.apps import apps
from django.db.models import DateTimeField, F, Model, Q, QuerySet
from django.db.models.expressions import BaseExpression

from portal.common import clock, fields

Period = timedelta | relativedelta
Rows = QuerySet[Any, Any]
# Rules that count in hours run every hour, all others once a night.
SHORT = timedelta(days=1)
# Any fixed moment: a rule is known by what it asks the database on that day.
_SPECIMEN = datetime(2026, 1, 15, 12, tzinfo=UTC)


class Action(Enum):
    DELETE = "löschen"
    BLANK = "leeren"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One class of data and its end.

    Due is whatever lies under `where(day)` and whose `start` is `period` ago; `since` says in
    German what `start` is. `sets` are the fields to blank, with what stands there afterwards.
    """

    code: str
    model: str
    title: str
    start: str | BaseExpression
    since: str
    period: Period
    action: Action = Action.DELETE
    where: Callable[[date], Q] = lambda _day: Q()
    sets: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_hourly(self) -> bool:
        return isinstance(self.period, timedelta) and self.period <= SHORT

    @property
    def fingerprint(self) -> str:
        """The same as long as the rule does the same: what two people approved (four eyes)."""
        known = _fingerprints.get(self.code)
        if known and known[0] is self:
            return known[1]
        found = self._fingerprint()
        _fingerprints[self.code] = (self, found)
        return found

    def _fingerprint(self) -> str:
        sql, values = due(self, _SPECIMEN).values("pk").query.sql_with_params()
        # JSON comes in a wrapper that prints its place in memory.
        plain = [getattr(value, "adapted", value) for value in values]
        said = (self.code, self.model, self.action.value, sorted(self.sets.items()), sql, plain)
        return hashlib.sha256(repr(said).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Kept:
    """Fields that stay as long as their row, and why."""

    model: str
    names: frozenset[str]
    reason: str


@dataclass(frozen=True, slots=True)
class Eraser:
    """How rows go that need more than one statement.

    `erase` takes pks and the rule's code, and says how many are gone; `lock` is held while they
    are chosen, so that nobody changes meanwhile what made them due.
    """

    erase: Callable[[Collection[UUID], str], int]
    lock: Callable[[], None]


_rules: dict[str, Rule] = {}
# Made once per process: every page of staff asks whether a rule waits.
_fingerprints: dict[str, tuple[Rule, str]] = {}
_kept: list[Kept] = []
_companions: dict[str, str] = {}
_erasers: dict[str, Eraser] = {}
_holds: list[Callable[[], Rows]] = []


def _register(rule: Rule) -> None:
    if rule.code in _rules:
        raise ValueError(f"retention rule {rule.code} is registered twice")
    _rules[rule.code] = rule


def delete(code: str, model: str, title: str, **said: Any) -> None:
    """Rows of `model` go as a whole."""
    _register(Rule(code=code, model=model, title=title, **said))


def blank(code: str, model: str, title: str, *, sets: Mapping[str, Any], **said: Any) -> None:
    """The fields named in `sets` are emptied, the row stays."""
    _register(Rule(code=code, model=model, title=title, action=Action.BLANK, sets=sets, **said))


def keep(model: str, names: str, reason: str) -> None:
    """Fields that have no period of their own."""
    _kept.append(Kept(model, frozenset(names.split()), reason))


def goes_with_person(model: str, subject: str) -> None:
    """Rows that name a person by id without a foreign key: erased together with them."""
    _companions[model] = subject


def erased_by(model: str, eraser: Eraser) -> None:
    """Deleting rows of `model` takes what else is about them along."""
    _erasers[model] = eraser


def held_by(people: Callable[[], Rows]) -> None:
    """Register a query of the people whose data must not be touched (BDSG § 35 Abs. 3)."""
    _holds.append(people)


def rules() -> tuple[Rule, ...]:
    return tuple(_rules.values())


def find(code: str) -> Rule | None:
    return _rules.get(code)


def kept() -> tuple[Kept, ...]:
    return tuple(_kept)


def companions() -> dict[str, str]:
    """Return label → field of everything that goes with a person without a foreign key."""
    return dict(_companions)


def eraser(model: str) -> Eraser | None:
    return _erasers.get(model)


# --- Which rows ---------------------------------------------------------------------------------


def model_of(rule: Rule) -> type[Model]:
    return apps.get_model(rule.model)


def due(rule: Rule, at: datetime | None = None) -> Rows:
    """Every row whose time has come, held ones among them."""
    at = at or clock.now()
    rows = model_of(rule)._default_manager.alias(retention_start=_expression(rule))
    day = clock.day_of(at)
    found = rows.filter(rule.where(day), retention_start__lte=_cutoff(rule, rows, at))
    # What is blank already is done; without this every night would count it again.
    return found.exclude(**rule.sets) if rule.sets else found


def free(rule: Rule, rows: Rows) -> Rows:
    """Without what is about somebody whose data are held."""
    subject = _subject(rule)
    return rows.exclude(_is_held(subject)) if subject else rows


def held(rule: Rule, rows: Rows) -> Rows:
    subject = _subject(rule)
    return rows.filter(_is_held(subject)) if subject else rows.none()


def _subject(rule: Rule) -> str:
    found = fields.rules().get(rule.model)
    return found.subject if found and _holds else ""


def _is_held(subject: str) -> Q:
    condition = Q()
    for people in _holds:
        condition |= Q(**{f"{subject}__in": people()})
    return condition


def _expression(rule: Rule) -> BaseExpression | F:
    return F(rule.start) if isinstance(rule.start, str) else rule.start


def _cutoff(rule: Rule, rows: Rows, at: datetime) -> date | datetime:
    """A period counts days where its start is a day, and moments where it is a moment."""
    start = rows.query.annotations["retention_start"].output_field
    return at - rule.period if isinstance(start, DateTimeField) else clock.day_of(at) - rule.period


# --- Is everything covered? ---------------------------------------------------------------------


def uncovered(classes: Iterable[fields.FieldClass]) -> set[str]:
    """Return "label.field" of everything personal that no rule ever ends."""
    deleted = {rule.model for rule in rules() if rule.action is Action.DELETE} | set(_companions)
    harmless = set(classes)
    return {
        f"{label}.{name}"
        for label, classified in fields.rules().items()
        if classified.subject and not _goes_with(label, deleted, set())
        for name, kind in classified.fields.items()
        if kind not in harmless and name not in _named(label)
    }


def _named(label: str) -> set[str]:
    blanked = {name for rule in rules() if rule.model == label for name in rule.sets}
    return blanked.union(*(kept.names for kept in _kept if kept.model == label))


def _goes_with(label: str, deleted: set[str], seen: set[str]) -> bool:
    """Is the row deleted itself, or by cascade with one that is?"""
    if label in deleted:
        return True
    seen = seen | {label}
    above = {
        relation.related_model._meta.label
        for relation in apps.get_model(label)._meta.concrete_fields
        if relation.is_relation and relation.remote_field.on_delete.__name__ == "CASCADE"
    }
    return any(_goes_with(one, deleted, seen) for one in above - seen)
