"""Every row about one person over all models, as the field registry finds them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import Q

from members.models import Person
from members.queries.my_data import label_of
from members.services.export import rules as kept
from members.services.export import words
from portal.common.fields import FieldClass, rules
from portal.common.models import AuditEvent, ConsentText
from portal.common.outbox import kinds

# Whose name is told with the name of its level.
DEEPER = {"members.Gliederung": "level"}


class Cell(NamedTuple):
    """One value: as stored, and as said; `is_plain` is for machines only."""

    name: str
    label: str
    raw: Any
    text: str
    is_plain: bool


@dataclass(frozen=True, slots=True)
class Table:
    """All rows of one model."""

    label: str
    title: str
    rows: list[list[Cell]]

    @property
    def readable(self) -> list[list[Cell]]:
        """What a human reads of it; sorted out here, because a template is slower."""
        return [[cell for cell in row if cell.text and not cell.is_plain] for row in self.rows]


class Logged(NamedTuple):
    """One entry of the log: what, by whom, never with which values."""

    at: datetime
    code: str
    text: str
    by: str
    fields: list[str]


@dataclass(frozen=True, slots=True)
class Everything:
    tables: list[Table]
    log: list[Logged]

    @property
    def count(self) -> int:
        return len(self.log) + sum(len(table.rows) for table in self.tables)


def everything(person: Person) -> Everything:
    """Collect it: one query for each model, however many rows there are."""
    found = {label: _rows(label, person) for label in kept.contained()}
    events = _events(person, {row.pk for rows in found.values() for row in rows})
    ids = [pk for rows in found.values() for row in rows for pk in _people_in(row)]
    who = words.Who(person, [*ids, *(event.actor for event in events)])
    tables = [
        Table(label, words.title_of(rows[0]), [list(_cells(row, who)) for row in rows])
        for label, rows in found.items()
        if rows
    ]
    return Everything(tables, [_logged(event, who, person) for event in events])


def _rows(label: str, person: Person) -> list[Any]:
    model: Any = apps.get_model(label)
    keys = [field.name for field in model._meta.concrete_fields if field.related_model]
    keys += [
        f"{field.name}__{DEEPER[field.related_model._meta.label]}"
        for field in model._meta.concrete_fields
        if field.related_model and field.related_model._meta.label in DEEPER
    ]
    found = model._default_manager.filter(**{rules()[label].subject: person.pk})
    many = [field.name for field in model._meta.many_to_many]
    return list(found.select_related(*keys).prefetch_related(*many).order_by("pk"))


def _events(person: Person, about: set[Any]) -> list[AuditEvent]:
    """What was done to these rows, and what the person did; never to whom."""
    ids = [pk for pk in about if isinstance(pk, UUID)]
    found = AuditEvent.objects.filter(Q(subject__in=ids) | Q(actor=person.pk))
    return list(found.order_by("at", "pk"))


def _logged(event: AuditEvent, who: words.Who, person: Person) -> Logged:
    by = who.said(event.actor) or "das Portal"
    if event.code.startswith("tandem.") and event.actor not in (None, person.pk):
        by = "jemand anderes"  # who it is would be a name before both yeses, or after a block
    return Logged(event.at, event.code, words.logged(event.code), by, event.fields)


def _fields(row: models.Model) -> Iterator[tuple[Any, FieldClass]]:
    """The fields of this row that belong into the file."""
    for name, kind in rules()[row._meta.label].fields.items():
        if not kept.why_not(type(row), name, kind):
            yield row._meta.get_field(name), kind


def _people_in(row: models.Model) -> Iterator[UUID | None]:
    for field, kind in _fields(row):
        if kind is FieldClass.LINK:
            yield getattr(row, field.attname)


def _cells(row: Any, who: words.Who) -> Iterator[Cell]:
    for field, kind in _fields(row):
        raw = _raw(row, field, kind, who)
        text = words.in_words(row, field, raw)
        is_plain = kind is FieldClass.TECHNICAL and _is_unnamed(field)
        yield Cell(field.name, label_of(row, field), raw, text, is_plain)


def _raw(row: Any, field: Any, kind: FieldClass, who: words.Who) -> Any:
    if kind is FieldClass.LINK:
        return who.said(getattr(row, field.attname))
    if field.many_to_many:
        return [str(entry) for entry in getattr(row, field.name).all()]
    value = getattr(row, field.name)
    if isinstance(value, ConsentText):
        return words.of_text(value)
    if field.name == "body" and not _is_ones_own(row):
        return ""
    return str(value) if isinstance(value, models.Model) else value


def _is_ones_own(row: Any) -> bool:
    """Mails to whoever helps name the people they are about: then only the envelope is told."""
    kind = kinds.find(row.kind)
    return kind is not None and not kind.names_others


def _is_unnamed(field: Any) -> bool:
    """A column that nobody has found a German word for is for machines."""
    return bool(field.verbose_name == field.name.replace("_", " "))
