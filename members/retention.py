"""When the data of people go (the registry is in portal.common.retention, periods beside it).

Whatever is not named here goes with the person: every row that points to one by cascade.
"""

from datetime import date
from typing import Any

from django.db.models import DateField, Exists, F, Func, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Greatest, Least, TruncDate

from members.models import (
    Amt,
    ImportRun,
    Interest,
    MatchingRun,
    Membership,
    Mentor,
    MitmachOrt,
    Onboarding,
    User,
    WaveReply,
)
from members.models.people import former_member, held_people
from members.services import erasure
from members.services.people import lock_people
from members.services.signing_in import NOBODY
from portal.common import periods
from portal.common.retention import Eraser, blank, delete, erased_by, held_by
from portal.common.retention_rules import OPEN

erased_by("members.Person", Eraser(erasure.erase, lock_people))
erased_by("members.Interest", Eraser(erasure.erase_forms, lock_people))
held_by(held_people)

# --- People -------------------------------------------------------------------------------------

_PERSON = OuterRef("pk")
_REFUSED = Membership.LeftReason.REFUSED


def _memberships() -> Any:
    return Membership._base_manager.filter(person=_PERSON)


def _was_a_member() -> Q:
    """More than an application that was refused."""
    return Q(Exists(_memberships().exclude(left_reason=_REFUSED)))


def _left_on() -> Subquery:
    return Subquery(_memberships().order_by("-left_on").values("left_on")[:1])


def _office_ends() -> Least:
    """The last day of a term, as `Amt.last_day` says it."""
    worn_out = Func(
        Greatest(F("beginn"), F("renewed_on")),
        template="(%(expressions)s + interval '24 months')::date",
        output_field=DateField(),
    )
    return Least(F("ende"), TruncDate("ended_at"), worn_out)


def _last_office() -> Subquery:
    ended = Amt.objects.filter(person=_PERSON).annotate(over=_office_ends()).order_by("-over")
    return Subquery(ended.values("over")[:1])


def _last_interest() -> Subquery:
    last = Greatest(TruncDate("confirmed_at"), F("talked_on"), F("tried_on"))
    confirmed = Interest._base_manager.filter(person=_PERSON, state=Interest.State.CONFIRMED)
    return Subquery(confirmed.annotate(last=last).order_by("-last").values("last")[:1])


def _is_nothing_else(day: date) -> Q:
    """No membership or application, no office, no mentor, nobody who welcomes people somewhere."""
    return ~(
        Q(Exists(_memberships()))
        | Q(Exists(Amt.objects.unfinished(day).filter(person=_PERSON)))
        | Q(Exists(Mentor._base_manager.filter(person=_PERSON)))
        | Q(Exists(MitmachOrt._base_manager.filter(host=_PERSON)))
    )


delete(
    "person.left",
    "members.Person",
    "Ausgetretene Mitglieder mit allem, was zu ihnen gehört",
    start=_left_on(),
    since="dem Austritt",
    period=periods.EXIT,
    where=lambda _day: (
        former_member(_PERSON)
        & _was_a_member()
        & ~Q(Exists(Interest._base_manager.filter(person=_PERSON, state=Interest.State.CONFIRMED)))
    ),
)
delete(
    "person.refused",
    "members.Person",
    "Menschen, deren Antrag abgelehnt wurde",
    start=_left_on(),
    since="der Entscheidung",
    period=periods.NOT_ADMITTED,
    where=lambda _day: former_member(_PERSON) & ~_was_a_member(),
)
delete(
    "person.interested",
    "members.Person",
    "Interessierte, die nicht Mitglied wurden",
    start=_last_interest(),
    since="dem letzten Kontakt",
    period=periods.INTERESTED,
    # Former members who thought about coming back are among them.
    where=lambda day: _is_nothing_else(day) | former_member(_PERSON),
)
delete(
    "person.unknown",
    "members.Person",
    "Menschen ohne Mitgliedschaft, Amt, Zugang und Interesse",
    start=Greatest(F("added_on"), _last_office()),
    since="dem Eintragen oder dem letzten Amt",
    period=periods.UNKNOWN,
    where=lambda day: (
        _is_nothing_else(day)
        & ~Q(Exists(User._base_manager.filter(person=_PERSON)))
        & ~Q(Exists(Interest._base_manager.filter(person=_PERSON)))
    ),
)
delete(
    "person.unused_login",
    "members.Person",
    "Menschen, die nur noch einen Zugang haben und ihn nicht benutzen",
    start=Greatest(F("added_on"), _last_office(), TruncDate("user__last_login")),
    since="der letzten Anmeldung",
    period=periods.UNKNOWN,
    where=lambda day: (
        _is_nothing_else(day)
        & Q(user__isnull=False)
        & ~Q(Exists(Interest._base_manager.filter(person=_PERSON)))
    ),
)
blank(
    "person.minor",
    "members.Person",
    "Tag der Volljährigkeit",
    start="adult_on",
    since="diesem Tag",
    period=periods.AT_ONCE,
    sets={"adult_on": None},
)
delete(
    "hold.over",
    "members.Hold",
    "Aufgehobene Sperren mit ihrem Grund",
    start=Coalesce(TruncDate("lifted_at"), F("until")),
    since="dem Ende der Sperre",
    period=periods.HOLD_OVER,
)

# --- „Ich will mitmachen“ -----------------------------------------------------------------------

delete(
    "interest.unconfirmed",
    "members.Interest",
    "Anfragen, deren Adresse niemand bestätigt hat",
    start="link_until",
    since="dem Ablauf des Links (er gilt drei Tage)",
    period=periods.LINK_EXPIRED,
    where=lambda _day: Q(state=Interest.State.NEW),
)
delete(
    "interest.held",
    "members.Interest",
    "Anfragen, die zu prüfen waren und niemand freigab",
    start="created_at",
    since="dem Eingang",
    period=periods.HELD_FORM,
    where=lambda _day: Q(state=Interest.State.HELD),
)
delete(
    "interest.closed",
    "members.Interest",
    "Beendete Anfragen",
    start="closed_on",
    since="dem Ende",
    period=periods.CLOSED_FORM,
    where=lambda _day: Q(state=Interest.State.CLOSED),
)
delete(
    "interest.joined",
    "members.Interest",
    "Anfragen von Menschen, die Mitglied wurden",
    start=Greatest(TruncDate("confirmed_at"), F("talked_on"), F("tried_on")),
    since="dem letzten Kontakt",
    period=periods.INTERESTED,
    where=lambda _day: (
        Q(state__in=[Interest.State.CONFIRMED, Interest.State.JOINED])
        & Q(Exists(Membership._base_manager.filter(person=OuterRef("person"), has_ended=False)))
    ),
)

# --- Arriving -----------------------------------------------------------------------------------

_RUNNING = Onboarding.State.RUNNING


def _newcomer_file(
    code: str, model: str, title: str, onboarding: str, sets: dict[str, object]
) -> None:
    """Twelve months after the entry; where something promised is still open, twice as long."""
    path = f"{onboarding}__" if onboarding else ""
    for suffix, runs, period in (
        ("", False, periods.NEWCOMER_FILE),
        ("_open", True, periods.NEWCOMER_FILE_STILL_OPEN),
    ):
        running = Q(**{f"{path}state": _RUNNING})
        blank(
            code + suffix,
            model,
            f"{title}, solange noch etwas offen ist" if runs else title,
            start=f"{path}started_on",
            since="dem Eintritt",
            period=period,
            where=lambda _day, condition=running if runs else ~running: condition,
            sets=sets,
        )


_newcomer_file(
    "newcomer.notes",
    "members.Contact",
    "Notizen zu Gesprächen",
    "onboarding",
    {"note": "", "partner": ""},
)
_newcomer_file(
    "newcomer.wishes",
    "members.Onboarding",
    "Motive, Erwartungen und Anrufwünsche",
    "",
    {"motives": [], "expectations": [], "asked_for_call_at": None, "follow_up_on": None},
)
_newcomer_file(
    "newcomer.parteibuch",
    "members.Parteibuch",
    "Anlass der Übergabe des Parteibuchs",
    "milestone__onboarding",
    {"occasion": ""},
)
delete(
    "newcomer.pulse",
    "members.Pulse",
    "Nachfragen „Bist du angekommen?“ mit Antwort",
    start="asked_on",
    since="der Frage",
    period=periods.PULSE,
)
delete(
    "wave.refused",
    "members.WaveReply",
    "„Lieber nicht“ auf eine Einladung",
    start="answered_at",
    since="der Antwort",
    period=periods.WAVE_NO,
    where=lambda _day: Q(answer=WaveReply.Answer.NO),
)
delete(
    "wave.replies",
    "members.WaveReply",
    "Antworten auf Einladungen",
    start="answered_at",
    since="der Antwort",
    period=periods.WAVE_REPLY,
)
delete(
    "matching.proposals",
    "members.MatchProposal",
    "Vorschläge für Mentor:innen aus früheren Läufen",
    start="run__created_at",
    since="dem Lauf",
    period=periods.MATCHING,
    where=lambda _day: ~Q(run__state__in=[MatchingRun.State.CURRENT, MatchingRun.State.QUEUED]),
)

# --- Who does what ------------------------------------------------------------------------------

delete(
    "office.ended",
    "members.Amt",
    "Beendete Ämter",
    start=_office_ends(),
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
    where=lambda _day: ~Q(onboarding__state=_RUNNING) | Q(undone_at__isnull=False),
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
