"""The accessibility statement: what was checked, how, and what is not good yet."""

from collections.abc import Iterator
from datetime import date

from portal.dashboards.papers.document import Block, Heading, House, Points, Text

# Both change together: whoever looks again writes down when and what was found.
CHECKED_ON = date(2026, 11, 30)
GAPS = (
    "Ein Test mit Menschen, die einen Screenreader nutzen, steht noch aus. Bis dahin wissen wir "
    "nicht, wie gut das Portal mit NVDA und VoiceOver zu benutzen ist.",
    "Die meisten Seiten gibt es noch nicht in einfachem Deutsch und keine in Gebärdensprache.",
    "Briefe und Papiere sind als PDF für Screenreader ausgezeichnet, mit einem geprüft ist das "
    "noch nicht.",
)
METHOD = (
    "Selbstbewertung. Jede Seite wird bei jeder Änderung automatisch geprüft (axe-core und eigene "
    "Regeln): leer, gefüllt und mit Fehlern; auf dem Telefon und am Bildschirm; hell und dunkel; "
    "bei 320 Pixel Breite und doppelter Schriftgröße.",
    "Die wichtigsten Wege werden nur mit der Tastatur und ohne JavaScript ausprobiert.",
    "Automatische Prüfungen finden nur einen Teil der Hindernisse.",
)


def accessibility(house: House) -> Iterator[Block]:
    """Voluntary, on the model public bodies use."""
    yield Text(
        "Alle sollen dieses Portal benutzen können. Wir richten uns freiwillig nach den Regeln "
        "WCAG 2.2, Stufe AA."
    )
    yield Heading("Wie gut es ist")
    yield Text(
        "Nach unserer eigenen Prüfung sind die Regeln überwiegend eingehalten. Vollständig "
        "nachgewiesen ist es nicht."
    )
    yield Heading("Was noch nicht gut ist")
    yield Points(GAPS)
    yield Heading("Wie wir prüfen")
    yield Points(METHOD)
    yield Text(f"Stand: {CHECKED_ON:%d.%m.%Y}.")
    yield Heading("Etwas stört dich?")
    yield Text(
        f"Sag uns bitte Bescheid: {house.email}, Telefon {house.phone}. Wir antworten innerhalb "
        f"von 14 Tagen. Hilft das nicht, wende dich an: {house.office}, {house.address}."
    )
