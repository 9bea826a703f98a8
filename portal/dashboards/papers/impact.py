"""Outline of the data protection impact assessment (Art. 35)."""

from collections.abc import Iterator

from portal.dashboards.papers.activities import ACTIVITIES
from portal.dashboards.papers.derive import is_special
from portal.dashboards.papers.document import Block, Heading, House, Points, Table, Text
from portal.dashboards.papers.goals import MEANING, SHORT, Goal
from portal.dashboards.papers.risks import LATER, RISKS, Risk

MARK = "x"
OPEN_QUESTIONS = (
    "Sind Gliederungen vor Ort eigene Verantwortliche (Vereinbarung nach Art. 26)?",
    "Wie hoch sind Eintrittswahrscheinlichkeit und Schwere je Risiko? Die Spalten fehlen hier "
    "mit Absicht: Das bewerten Menschen.",
    "Welche Fristen des Löschkonzepts gelten so, welche sind zu ändern?",
    "Ab welchem Alter dürfen Mitglieder das Portal ohne Einwilligung der Eltern benutzen?",
)


def impact(house: House) -> Iterator[Block]:
    """Describe, weigh, measure, prove, and say what is open (Art. 35 Abs. 7)."""
    yield Text(
        f"Verantwortlich: {house.controller}. Datenschutzbeauftragte:r: {house.protection}. "
        "Eine Folgenabschätzung ist nötig, weil die Mitgliedschaft in einer Partei nach Art. 9 "
        "DSGVO besonders geschützt ist, es um viele Menschen geht und auch um Minderjährige."
    )
    yield Heading("Was geschieht")
    yield Points(
        tuple(
            f"{activity.name}: {activity.purpose}" + (" (Art. 9)" if is_special(activity) else "")
            for activity in ACTIVITIES
        )
    )
    yield Text(
        "Rechtsgrundlagen, Personen und Empfänger stehen im Verzeichnis der "
        "Verarbeitungstätigkeiten, die Fristen im Löschkonzept."
    )
    yield Heading("Welche Ziele zu schützen sind")
    yield Table(
        "Ziele",
        ("Kürzel", "Ziel (Standard-Datenschutzmodell)", "Was es hier heißt"),
        tuple((SHORT[goal], goal.value, MEANING[goal]) for goal in Goal),
    )
    yield Heading("Welches Risiko welches Ziel bedroht")
    yield Table(
        "Risiken und Ziele",
        ("Nr.", "Risiko", *(SHORT[goal] for goal in Goal)),
        tuple(_marks(risk) for risk in RISKS),
    )
    yield Heading("Was das Portal dagegen tut und welcher Test es belegt")
    yield Text("Die Tests laufen bei jeder Änderung. Ein Test, den es nicht gibt, fiele dort auf.")
    yield Table(
        "Maßnahmen und Nachweise",
        ("Nr.", "Maßnahme", "Nachweis"),
        tuple((r.code, r.measure, ", ".join(r.proof)) for r in RISKS if r.measure != LATER),
    )
    yield from _open()


def _open() -> Iterator[Block]:
    yield Heading("Noch nicht im Portal, vor dem Bau zu bewerten")
    yield Points(tuple(f"{r.code}: {r.text}" for r in RISKS if r.measure == LATER))
    yield Heading("Offene Fragen an die oder den Datenschutzbeauftragte:n")
    yield Points(OPEN_QUESTIONS)


def _marks(risk: Risk) -> tuple[str, ...]:
    return (risk.code, risk.text, *(MARK if goal in risk.goals else "" for goal in Goal))
