"""The deletion concept in the form of DIN 66398: kind of data, start, period, what happens."""

from collections.abc import Callable, Iterator

from portal.common import retention
from portal.dashboards.papers.activities import ACTIVITIES, Activity
from portal.dashboards.papers.derive import (
    Period,
    companions,
    in_words,
    rules_of,
    staying,
    unclaimed_rules,
)
from portal.dashboards.papers.document import Block, Heading, House, Points, Table, Text

STEPS = (
    "Jede Regel steht im Programm als Datensatz; Verzeichnis, Hinweise und dieses Papier werden "
    "daraus gemacht.",
    "Eine neue oder geänderte Regel zählt zuerst nur. Sie löscht, wenn zwei verschiedene Menschen "
    "Ja gesagt haben.",
    "Jede Nacht läuft jede Regel für sich; eine, die scheitert, hält keine andere auf. Was in "
    "Stunden zählt, läuft stündlich.",
    "Eine Sperre hält fest, was zum Beispiel für einen Rechtsstreit gebraucht wird (§ 35 Abs. 3 "
    "BDSG): Die Daten ruhen, statt gelöscht zu werden.",
    "Von jedem Lauf bleiben Zahlen ohne Personen. Wer gelöscht ist, steht als Kennung in einer "
    "Datei außerhalb der Sicherungen, damit das Zurückspielen niemanden wiederbringt.",
    "Geleert heißt: Der Inhalt ist weg, die Zeile ohne ihn bleibt für die Zahlen.",
)


def deletion(house: House) -> Iterator[Block]:
    """What goes when; one rule is one row, grouped by what it is for."""
    yield Text(f"Verantwortlich: {house.controller}. Datenschutzbeauftragte:r: {house.protection}.")
    yield Heading("Wie gelöscht wird")
    yield Points(STEPS)
    yield Heading("Löschregeln")
    for activity in ACTIVITIES:
        if rules := rules_of(activity):
            yield Heading(activity.name, level=3)
            yield _rules(activity.name, rules)
    if rules := unclaimed_rules():
        yield Heading("Vermerke ohne Personen", level=3)
        yield _rules("Vermerke ohne Personen", rules)
    yield Heading("Was mit anderem gelöscht wird")
    yield _others("Wann", companions)
    yield Heading("Was bleibt, und warum")
    yield _others("Begründung", staying)


def _others(word: str, found: Callable[[Activity], list[Period]]) -> Table:
    rows = [(period.title, period.until) for one in ACTIVITIES for period in found(one)]
    return Table(word, ("Datenart", word), tuple(rows))


def _rules(name: str, rules: list[retention.Rule]) -> Table:
    return Table(
        name,
        ("Datenart", "Beginn der Frist", "Frist", "Was geschieht", "Regel"),
        tuple(
            (
                rule.title,
                f"nach {rule.since}",
                in_words(rule.period) if rule.period else "sofort",
                rule.action.value,
                rule.code,
            )
            for rule in rules
        ),
    )
