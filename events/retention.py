"""When the data of people go (the registry is in portal.common.retention, periods beside it)."""

from django.db.models import F, Q

from events.services import guests
from portal.common import periods
from portal.common.locks import lock_for_transaction
from portal.common.retention import Eraser, blank, delete, erased_by

erased_by(
    "events.Registration",
    Eraser(guests.forget, lambda: lock_for_transaction("events.registrations")),
)
delete(
    "registration",
    "events.Registration",
    "Anmeldungen zu Terminen",
    start=F("event__ends_at"),
    since="dem Termin",
    period=periods.REGISTRATION,
)
delete(
    "registration.guest",
    "events.Registration",
    "Gäste von Terminen",
    start=F("event__ends_at"),
    since="dem Termin",
    period=periods.GUEST,
    where=lambda _day: Q(person=None),
)
blank(
    "registration.words",
    "events.Registration",
    "Was jemand braucht, und Fragen vorab",
    sets={"needs": "", "question": ""},
    start=F("event__ends_at"),
    since="dem Termin",
    period=periods.REGISTRATION_WORDS,
)
delete(
    "registration.no",
    "events.Registration",
    "Absagen und unbeantwortete Einladungen",
    start=F("event__ends_at"),
    since="dem Termin",
    period=periods.REGISTRATION_NO,
    where=lambda _day: Q(state__in=["cancelled", "invited", "waiting", "offered", "asked"]),
)
