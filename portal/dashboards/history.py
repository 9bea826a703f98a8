"""Who changed which fields of a row, from the audit log: never with values."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model

from members.models import Person, User
from portal.common import audit_codes
from portal.common.models import AuditEvent
from portal.common.verwaltung import Section

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Change:
    at: datetime
    who: str
    what: str
    fields: str


def changes(user: User, section: Section, row: Model, labels: dict[str, str]) -> list[Change]:
    """Return the latest changes of the kinds this section shows (reading is none, R31)."""
    events = list(
        AuditEvent.objects.filter(subject=row.pk, code__in=section.events).order_by("-at")[:SHOWN]
    )
    people = Person.objects.visible_to(user).in_bulk({event.actor for event in events} - {None})
    return [
        Change(
            at=event.at,
            who=_name(people.get(event.actor)) if event.actor else "vom System",
            what=audit_codes.sentence(event.code) or event.code,
            fields=", ".join(_labels(row, labels, event.fields)),
        )
        for event in events
    ]


def _name(person: Person | None) -> str:
    return person.full_name if person else "jemand, der nicht mehr im Portal ist"


def _labels(row: Model, labels: dict[str, str], names: list[str]) -> Iterator[str]:
    for name in names:
        yield str(labels.get(name) or field_label(type(row), name) or name)


def field_label(model: type[Model], name: str) -> str:
    """Return what people call a field; nothing if the model has none of this name."""
    try:
        return str(getattr(model._meta.get_field(name), "verbose_name", ""))
    except FieldDoesNotExist:
        return ""
