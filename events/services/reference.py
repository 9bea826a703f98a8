"""The kinds of events every installation starts with."""

from events.models import EventKind
from portal.common import reference

WELCOMED = "Wie seid ihr aufgenommen worden?"
CHANGE = "Wo und wie muss sich die SPD ändern?"
TAKE_PART = "Wobei willst du mitmachen?"
ROOM = ("14: Raum klären", "3: Getränke besorgen", "0: aufbauen und Licht prüfen")
PUBLIC = ("28: Referent:innen anfragen", *ROOM, "14: Ankündigung an Presse und Aushang")
# code, name, minutes, registration, for newcomers, checklist, agenda, questions
KINDS = (
    (
        "neumitgliederabend",
        "Neumitgliederabend",
        120,
        True,
        True,
        (
            "21: Raum klären",
            "14: Neumitglieder einladen",
            "14: Patinnen und Paten fragen",
            "7: wer noch nichts gesagt hat, anrufen",
            "3: Getränke besorgen",
            "1: Namensschilder und Liste drucken",
            "0: aufbauen, an der Tür begrüßen",
        ),
        (
            "15: Ankommen",
            "10: Begrüßung durch Patinnen und Paten",
            "20: Vorstellungsrunde",
            "15: Wie die Partei hier aufgebaut ist, Begriffe",
            "30: Gruppenarbeit an zwei Fragen",
            "15: Was kam heraus?",
            "15: Wobei du mitmachen kannst, nächster Abend",
        ),
        (WELCOMED, CHANGE, TAKE_PART),
    ),
    ("stammtisch", "Stammtisch", 120, False, False, ("3: Tisch reservieren",), (), ()),
    (
        "spieleabend",
        "Spiele- oder Kneipenabend",
        180,
        False,
        False,
        ("3: Tisch reservieren",),
        (),
        (),
    ),
    ("workshop", "Workshop", 180, True, False, ROOM, (), ("Was nimmst du mit?",)),
    (
        "bildung",
        "Bildungsangebot „Erste Schritte“",
        120,
        True,
        False,
        ROOM,
        (),
        ("Was war neu für dich?",),
    ),
    ("fest-anderer", "Fest anderer", 240, False, False, ("7: wer geht zusammen hin?",), (), ()),
    (
        "mitgliederversammlung",
        "Mitgliederversammlung",
        150,
        False,
        False,
        ("21: Einladung mit Tagesordnung verschicken", *ROOM, "1: Stimmkarten bereitlegen"),
        ("10: Begrüßung", "20: Bericht", "60: Aussprache", "30: Anträge und Wahlen"),
        (),
    ),
    ("podium", "Podiumsdiskussion", 120, False, False, PUBLIC, (), ()),
    ("fest", "Fest", 300, False, False, (*PUBLIC, "14: GEMA anmelden"), (), ()),
    (
        "verteilaktion",
        "Verteilaktion",
        120,
        True,
        False,
        ("7: Material abholen", "3: Gebiete einteilen, immer zu zweit"),
        (),
        (),
    ),
    ("seminar", "Seminar", 480, True, False, ROOM, (), ("Was nimmst du mit?",)),
    ("vernetzung", "Vernetzungstreffen", 120, True, False, ROOM, (), ()),
    ("sprechstunde", "Sprechstunde", 90, False, False, (), (), ()),
    (
        "infostand",
        "Infostand",
        180,
        True,
        False,
        ("21: Genehmigung prüfen", "7: Material abholen"),
        (),
        (),
    ),
)


@reference.register
def load_kinds() -> None:
    """Create what is missing; what staff changed stays."""
    for position, kind in enumerate(KINDS):
        code, name, minutes, registers, for_newcomers, checklist, agenda, questions = kind
        EventKind.objects.get_or_create(
            code=code,
            defaults={
                "name": name,
                "position": position,
                "minutes": minutes,
                "needs_registration": registers,
                "is_for_newcomers": for_newcomers,
                "checklist": list(checklist),
                "agenda": list(agenda),
                "questions": list(questions),
            },
        )
