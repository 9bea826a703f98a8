"""When the data of people go (the registry is in portal.common.retention, periods beside it)."""

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from portal.common import periods
from portal.common.retention import blank, delete

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
    start=Coalesce(F("event__ends_at"), F("created_at")),
    since="dem Termin",
    period=periods.REGISTRATION_NO,
    where=lambda _day: Q(state__in=["cancelled", "invited", "waiting", "offered", "asked"]),
)
