"""Offices and what people do for others, ways in, imports."""

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from members.models import ImportRun, Onboarding
from members.retention.people import office_ends
from members.services.signing_in import NOBODY
from portal.common import periods
from portal.common.retention import blank, delete
from portal.common.retention_rules import OPEN

delete(
    "office.ended",
    "members.Amt",
    "Beendete Ämter",
    start=office_ends(),
    since="dem Ende des Amtes",
    period=periods.OFFICE,
)
delete(
    "absence",
    "members.Absence",
    "Abwesenheiten",
    start="last_day",
    since="dem letzten Tag",
    period=periods.ABSENCE,
)
delete(
    "reminder",
    "members.Reminder",
    "Was wem in Erinnerung gerufen wurde",
    start="told_on",
    since="der letzten Erinnerung",
    period=periods.REMINDER,
)
delete(
    "assignment",
    "members.Assignment",
    "Wer wen übernommen hat",
    start=Coalesce(F("undone_at"), F("made_at")),
    since="der Übernahme",
    period=periods.ASSIGNMENT,
    # What holds decides who calls.
    where=lambda _day: ~Q(onboarding__state=Onboarding.State.RUNNING) | Q(undone_at__isnull=False),
)
delete(
    "transfer",
    "members.Transfer",
    "Wechsel der Gliederung",
    start="ended_at",
    since="dem Abschluss",
    period=periods.TRANSFER,
)
delete(
    "phone_answer",
    "members.PhoneAnswer",
    "Vermerke, wer eine Antwort am Telefon aufschrieb",
    start="entered_at",
    since="dem Anruf",
    period=periods.PHONE_ANSWER,
)
delete(
    "meldung",
    "members.Meldung",
    "„Sag mir Bescheid“ zu Orten zum Mitmachen",
    start=Coalesce(F("answered_at"), F("withdrawn_at"), F("created_at")),
    since="der Antwort",
    period=periods.MELDUNG,
)

# --- What people ask about their data, and who looked at it ---------------------------------------

delete(
    "rights.answered",
    "members.RightsRequest",
    "Beantwortete Anfragen zu den eigenen Daten",
    start="answered_on",
    since="der Antwort",
    period=periods.RIGHTS_REQUEST,
)
delete(
    "look",
    "members.Look",
    "Wer an welchem Tag wessen Daten ansah",
    start="day",
    since="diesem Tag",
    period=periods.LOOK,
)
delete(
    "look.stopped",
    "members.LookStop",
    "Wer angehalten wurde, weil es sehr viele Menschen waren",
    start="day",
    since="diesem Tag",
    period=periods.LOOK,
)
delete(
    "export",
    "common.ExportRun",
    "Vermerke über ausgegebene Dateien",
    start="made_at",
    since="der Ausgabe",
    period=periods.EXPORT,
)

# --- Signing in ---------------------------------------------------------------------------------

delete(
    "session",
    "members.Session",
    "Abgelaufene Anmeldungen",
    start="expire_date",
    since="dem Ablauf",
    period=periods.AT_ONCE,
)
delete(
    "invitation",
    "members.Invitation",
    "Einladungen zu einem Zugang",
    start="expires_at",
    since="dem Ablauf",
    period=periods.INVITATION,
)
delete(
    "one_time_code",
    "members.OneTimeCode",
    "Einmalcodes vom Telefon",
    start="expires_at",
    since="dem Ablauf",
    period=periods.ONE_TIME_CODE,
)
delete(
    "mail.nobody",
    "common.OutgoingMail",
    "Platzhalter für Adressen, die niemand kennt",
    start="created_at",
    since="dem Anlegen",
    period=periods.MAIL_TO_NOBODY,
    where=lambda _day: ~OPEN & Q(kind=NOBODY),
)

# --- Import -------------------------------------------------------------------------------------

delete(
    "import.rows",
    "members.ImportRow",
    "Zeilen eines Imports",
    start="run__created_at",
    since="dem Hochladen",
    period=periods.IMPORT,
    where=lambda _day: ~Q(run__state=ImportRun.State.APPLYING),
)
blank(
    "import.files",
    "members.ImportRun",
    "Dateien, die niemand bestätigt hat",
    start="created_at",
    since="dem Hochladen",
    period=periods.IMPORT,
    where=lambda _day: Q(state__in=["uploaded", "mapping", "staged"]),
    sets={
        "state": ImportRun.State.DISCARDED.value,
        "content": None,
        "columns": [],
        "unused_columns": [],  # in a file without a header: somebody's name
        "reason": "Nicht bestätigt, nach 24 Stunden gelöscht.",
    },
)
delete(
    "import.changes",
    "members.ImportChange",
    "Was ein Import geändert hat; danach lässt er sich nicht mehr zurücknehmen",
    start="run__applied_at",
    since="der Übernahme",
    period=periods.IMPORT,
    where=lambda _day: ~Q(run__state=ImportRun.State.UNDOING),
)
