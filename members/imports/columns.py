"""Which column of a file is which of our fields. Pure: no Django, no database."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping

from members.imports.sheet import Sheet, UnknownColumns, Unreadable, column_key, printable

# The first alias found wins; spelling is compared without case, blanks, dots and hyphens.
ALIASES: dict[str, tuple[str, ...]] = {
    "number": (
        "mitgliedsnummer",
        "mitgliedsnr",
        "mitgliednummer",
        "mitgliednr",
        "mitgliedernummer",
        "mglnr",
        "mnr",
        "mitgliedid",
        "mitgliedsid",
    ),
    "family_name": ("nachname", "familienname", "zuname", "name"),
    "given_name": ("vorname", "vornamen", "rufname"),
    "email": ("email", "emailadresse", "mailadresse", "mail", "emailprivat"),
    "phone": ("telefon", "telefonnummer", "festnetz", "telefonprivat", "tel"),
    "mobile": ("mobil", "handy", "mobiltelefon", "mobilnummer", "handynummer", "mobilfunk"),
    "plz": ("plz", "postleitzahl"),
    "street": ("strasse", "strassehausnummer", "strasseundhausnummer", "anschrift"),
    "city": ("ort", "wohnort", "stadt"),
    "born_on": ("geburtsdatum", "gebdatum", "geburtstag", "geborenam", "geboren"),
    "joined_on": (
        "eintrittsdatum",
        "eintritt",
        "eintrittam",
        "mitgliedseit",
        "beitrittsdatum",
        "beitritt",
        "aufnahmedatum",
    ),
    "left_on": ("austrittsdatum", "austritt", "austrittam"),
    "applied_on": ("antragsdatum", "antrag", "antragam"),
    "kind": ("mitgliedsart", "mitgliedschaftsart", "mitgliedstyp", "status", "art"),
    "gliederung": ("ortsverein", "ov", "gliederung", "ortsvereinname"),
}
LABELS = {
    "number": "Mitgliedsnummer",
    "family_name": "Nachname",
    "given_name": "Vorname",
    "email": "E-Mail",
    "phone": "Telefon",
    "mobile": "Mobil",
    "plz": "PLZ",
    "street": "Straße",
    "city": "Ort",
    "born_on": "Geburtsdatum",
    "joined_on": "Eintrittsdatum",
    "left_on": "Austrittsdatum",
    "applied_on": "Antragsdatum",
    "kind": "Mitgliedsart",
    "gliederung": "Gliederung",
}
REQUIRED = ("number", "family_name")
_KNOWN = {alias for aliases in ALIASES.values() for alias in aliases}
_ON_THE_PAGE = "oder ordne die Spalten einmal im Portal auf der Seite „Import“ zu."
# A date, an address, a long number (but no year): what stands in rows and never names a column.
_DATA = re.compile(
    r"\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{4}-\d{2}-\d{2}.*|[^\s@]+@[^\s@.]+\.\S+|\+?[\d ]{5,}"
)
# So much of a cell is looked at: a cell of a thousand dots must not keep anybody waiting.
_LOOKED_AT = 60


def alias(name: str) -> str:
    """Return a column's name as ALIASES spells it."""
    text = unicodedata.normalize("NFC", name).casefold().replace("ß", "ss")
    return re.sub(r"[^a-zäöü0-9]", "", text)


def recognised(header: list[str]) -> dict[str, int]:
    """Return field → column; the alias named first in ALIASES wins."""
    keys = [alias(cell) for cell in header]
    found = {}
    for name, aliases in ALIASES.items():
        column = next((keys.index(known) for known in aliases if known in keys), None)
        if column is not None:
            found[name] = column
    return found


def looks_like_data(header: list[str]) -> bool:
    """A first row with a date or an address in it is a member, not a header."""
    return any(_DATA.fullmatch(cell.strip()[:_LOOKED_AT]) for cell in header)


def by_names(sheet: Sheet, mapping: Mapping[str, str]) -> dict[str, int]:
    """Return field → column for a mapping field → column name that somebody saved."""
    keys = [column_key(name) for name in sheet.names]
    return {name: keys.index(column_key(column)) for name, column in mapping.items()}


def understood(sheet: Sheet) -> dict[str, int]:
    """Return field → column by the names we know; raises where they do not suffice."""
    columns = recognised(sheet.header)
    if not columns:
        raise UnknownColumns(
            "In der ersten Zeile steht kein bekannter Spaltenname. Erwartet werden zum Beispiel "
            "„Mitgliedsnummer“, „Vorname“, „Nachname“ und „Eintrittsdatum“. Benenne sie "
            f"um, {_ON_THE_PAGE}"
        )
    _refuse_doubled(sheet)
    for name in REQUIRED:
        if name not in columns:
            raise UnknownColumns(
                f"Die Spalte „{LABELS[name]}“ fehlt. Nimm sie in den Export auf, {_ON_THE_PAGE}"
            )
    return columns


def _refuse_doubled(sheet: Sheet) -> None:
    """Which of two columns of the same name is meant, nobody can know."""
    often = {key for key, count in Counter(map(alias, sheet.header)).items() if count > 1}
    twice = sorted(cell for cell in sheet.header if alias(cell) in often & _KNOWN)
    if twice:
        raise Unreadable(
            f"Die Spalte „{printable(twice[0])}“ kommt mehrfach vor. "
            "Bitte entferne die überzählige Spalte."
        )
