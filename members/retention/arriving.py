"""What is written down about newcomers; the dates of what was promised stay as facts."""

from django.db.models import Q

from members.models import MatchingRun, Onboarding, Tandem, WaveReply
from portal.common import periods
from portal.common.retention import blank, delete

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
    "Motive, Erwartungen, Anrufwünsche und Wunsch-Mentor:in",
    "",
    {
        "motives": [],
        "expectations": [],
        "asked_for_call_at": None,
        "follow_up_on": None,
        "wished_mentor": "",
    },
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

# --- Mentoring ----------------------------------------------------------------------------------

_NO = [Tandem.Outcome.NO, Tandem.Outcome.MENTOR_NO, Tandem.Outcome.LAPSED]
_BLOCKED = [Tandem.Outcome.BLOCKED]

delete(
    "tandem.no",
    "members.Tandem",
    "Wer einen Vorschlag nicht wollte oder nicht antwortete",
    start="ended_on",
    since="der Antwort",
    period=periods.TANDEM_NO,
    where=lambda _day: Q(outcome__in=_NO),
)
delete(
    "tandem",
    "members.Tandem",
    "Beendete Tandems mit ihren Treffen und Rückmeldungen",
    start="ended_on",
    since="dem Ende",
    period=periods.TANDEM,
    where=lambda _day: ~Q(outcome__in=[*_NO, *_BLOCKED]),
)
delete(
    "tandem.blocked",
    "members.Tandem",
    "Gesperrte Tandems, damit die beiden einander nicht wieder vorgeschlagen werden",
    start="ended_on",
    since="der Sperre",
    period=periods.TANDEM_BLOCKED,
    where=lambda _day: Q(outcome__in=_BLOCKED),
)
delete(
    "tandem.report",
    "members.TandemReport",
    "Geklärte Meldungen aus dem Mentoring",
    start="closed_on",
    since="der Klärung",
    period=periods.TANDEM_REPORT,
)
delete(
    "pair_rule",
    "members.PairRule",
    "Wer einander immer oder nie vorgeschlagen wird",
    start="made_at",
    since="der Festlegung",
    period=periods.PAIR_RULE,
)
