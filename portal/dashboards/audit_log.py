"""The *Protokoll*: who did what, never with which values, for the data-protection office."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.apps import apps
from django.core.paginator import Page, Paginator
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from members.models import Amt, Contact, Hold, Membership, Onboarding, Person
from portal.common import audit_codes, retention
from portal.common.forms import DayInput, PortalFormMixin
from portal.common.models import AuditEvent
from portal.dashboards.history import field_label

ROWS_PER_PAGE = 50
# Where the label of a field is looked for when the event's own kind of row does not have it.
ELSEWHERE: tuple[type[Model], ...] = (Person, Onboarding, Membership, Contact, Amt, Hold)
MOST_LABELS = 5
DATE_ERROR = {"invalid": "Bitte ein Datum wie 24.12.2026."}


class FilterForm(PortalFormMixin, forms.Form):
    """What the list is narrowed by; every field may stay empty."""

    von = forms.DateField(label="von", required=False, widget=DayInput(), error_messages=DATE_ERROR)
    bis = forms.DateField(label="bis", required=False, widget=DayInput(), error_messages=DATE_ERROR)
    worum = forms.ChoiceField(label="Worum es geht", required=False)
    wer = forms.ChoiceField(label="Wer im Amt", required=False)

    def __init__(self, *args: Any, holders: dict[UUID, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = [(group.code, group.title) for group in audit_codes.groups()]
        people = sorted(((str(pk), name) for pk, name in holders.items()), key=lambda one: one[1])
        self.fields["worum"].choices = [("", "alles"), *groups]  # type: ignore[attr-defined]
        self.fields["wer"].choices = [("", "alle"), *people]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        first, last = values.get("von"), values.get("bis")
        if first and last and last < first:
            self.add_error("bis", "Das Ende liegt vor dem Anfang. Bitte tausch die beiden Tage.")
        return values


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as it is read."""

    at: datetime
    what: str
    who: str
    about: str
    fields: str


def holders() -> dict[UUID, str]:
    """Everybody who holds or held an office, with the newest one: whom the log may name."""
    held = Amt.objects.select_related("person", "gliederung").order_by("beginn", "pk")
    return {
        amt.person_id: f"{amt.person.full_name} ({amt.get_kind_display()}, {amt.gliederung.name})"
        for amt in held
    }


def found(values: dict[str, Any]) -> QuerySet[AuditEvent]:
    """The events the filter asks for, newest first."""
    events = AuditEvent.objects.order_by("-at", "-id")
    if values.get("von"):
        events = events.filter(at__gte=_midnight(values["von"]))
    if values.get("bis"):
        events = events.filter(at__lt=_midnight(values["bis"] + timedelta(days=1)))
    if group := audit_codes.find(values.get("worum", "")):
        events = events.filter(group.events)
    if values.get("wer"):
        # What this person did, and what was done to their own row.
        events = events.filter(Q(actor=values["wer"]) | Q(subject=values["wer"]))
    return events


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def page(events: QuerySet[AuditEvent], number: str | None) -> Page[AuditEvent]:
    return Paginator(events, ROWS_PER_PAGE).get_page(number)


def entries(events: list[AuditEvent], names: dict[UUID, str]) -> list[Entry]:
    """Read the events of one page; one query says which of the unnamed actors still exist."""
    unnamed = {event.actor for event in events} - set(names) - {None}
    known = set(Person.objects.filter(pk__in=unnamed).values_list("pk", flat=True))
    return [
        Entry(
            at=event.at,
            what=audit_codes.sentence(event.code) or f"Vorgang „{event.code}“",
            who=_who(event.actor, names, known),
            about=_about(event),
            fields=_in_short(list(_labels(event))),
        )
        for event in events
    ]


def _who(actor: UUID | None, names: dict[UUID, str], known: set[UUID]) -> str:
    """Office holders by name; members acted about themselves and are not named (R12)."""
    if actor is None:
        return "das Portal selbst"
    if actor in names:
        return names[actor]
    return "ein Mitglied" if actor in known else "nicht mehr im Portal"


def _model(event: AuditEvent) -> type[Model] | None:
    try:
        return apps.get_model(event.subject_type) if event.subject_type else None
    except (LookupError, ValueError):
        return None  # a table that newer code has dropped


def _about(event: AuditEvent) -> str:
    model = _model(event)
    kind = str(model._meta.verbose_name) if model else ""
    if event.count == 1:
        return kind
    return f"{kind}, {event.count}-mal" if kind else f"{event.count}-mal"


def _labels(event: AuditEvent) -> Iterator[str]:
    own = _model(event)
    models = (own, *ELSEWHERE) if own else ELSEWHERE
    for name in event.fields:
        rule = retention.find(name)
        labels = (label for model in models if (label := field_label(model, name)))
        yield rule.title if rule else next(labels, name)


def _in_short(labels: list[str]) -> str:
    """The first few: approving every rule at once would fill a page."""
    more = len(labels) - MOST_LABELS
    shown = ", ".join(labels[:MOST_LABELS])
    return f"{shown} und {more} weitere" if more > 0 else shown
