"""What will be sent to a person: what waits in the outbox, and what an app already plans (R7)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.utils import timezone

from portal.common import clock
from portal.common.outbox import choices, kinds
from portal.common.outbox.models import OutgoingMail

DAYS = timedelta(days=30)
State, Channel = OutgoingMail.State, OutgoingMail.Channel


@dataclass(frozen=True, slots=True)
class Forecast:
    """One message a person will get: when, what, and why then."""

    day: date
    title: str
    way: str
    note: str = ""


Source = Callable[[UUID, date], Iterable[Forecast]]
_sources: dict[str, Source] = {}


def register(code: str) -> Callable[[Source], Source]:
    """Add a source `(person, until) -> forecasts` of what an app plans but has not queued yet."""

    def add(source: Source) -> Source:
        if code in _sources:
            raise ValueError(f"forecast {code} is registered twice")
        _sources[code] = source
        return source

    return add


@dataclass(frozen=True, slots=True)
class Outlook:
    """A month ahead and a month back."""

    coming: list[Forecast]
    sent: list[Forecast]


def outlook(recipient_key: UUID) -> Outlook:
    """Return what this person gets in the next 30 days, and got in the last."""
    until = clock.today() + DAYS
    rows = OutgoingMail.objects.filter(recipient_key=recipient_key).exclude(
        kind__startswith=kinds.LOGIN
    )
    unsent = rows.filter(state__in=[State.QUEUED, State.SENDING])
    waiting = [_waiting(row) for row in unsent.exclude(kind__in=choices.declined_by(recipient_key))]
    planned = [plan for source in _sources.values() for plan in source(recipient_key, until)]
    coming = [forecast for forecast in [*waiting, *planned] if forecast.day <= until]
    sent = rows.filter(state=State.SENT, sent_at__gte=clock.now() - DAYS).order_by("-sent_at")
    return Outlook(sorted(coming, key=lambda forecast: forecast.day), [_sent(row) for row in sent])


def _waiting(row: OutgoingMail) -> Forecast:
    day = max(timezone.localdate(row.not_before), clock.today())
    if row.capped_until:
        note = "wartet, damit es nicht zu viel wird"
    elif row.channel == Channel.LETTER:
        note = "ist gedruckt" if row.batch else "wird gedruckt"
    else:
        note = "" if row.not_before <= clock.now() else "wartet noch"
    return Forecast(day, kinds.title(row.kind), row.get_channel_display(), note)


def _sent(row: OutgoingMail) -> Forecast:
    assert row.sent_at is not None  # a constraint of the table
    return Forecast(
        timezone.localdate(row.sent_at), kinds.title(row.kind), row.get_channel_display()
    )
