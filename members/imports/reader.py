"""Bytes of a membership export → table of texts. Pure: no Django, no database."""

import csv
import io
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 50_000
MAX_COLUMNS = 200
SEPARATORS = (";", ",", "\t")

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
    "born_on": "Geburtsdatum",
    "joined_on": "Eintrittsdatum",
    "left_on": "Austrittsdatum",
    "applied_on": "Antragsdatum",
    "kind": "Mitgliedsart",
    "gliederung": "Gliederung",
}
REQUIRED = ("number", "family_name")


class Unreadable(Exception):
    """The file as a whole cannot be taken; the message says why and what to do, in German."""


@dataclass(frozen=True, slots=True)
class Line:
    number: int  # as a spreadsheet counts: the header is 1
    cells: dict[str, str]  # field → text as in the file; mapped columns only


@dataclass(frozen=True, slots=True)
class Table:
    lines: list[Line]
    fields: frozenset[str]  # which fields the file has a column for
    unused_columns: list[str] = field(default_factory=list)
    encoding: str = ""


def _header_key(text: str) -> str:
    text = unicodedata.normalize("NFC", text).casefold().replace("ß", "ss")
    return re.sub(r"[^a-zäöü0-9]", "", text)


def decode(content: bytes) -> tuple[str, str]:
    """Return text and encoding: by BOM, else strict UTF-8, else Windows-1252."""
    for bom, encoding in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if content.startswith(bom):
            return _strictly(content, encoding), encoding
    if content.startswith((b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"%PDF", b"GIF8")):
        raise Unreadable(
            "Das ist keine CSV-Datei. Bitte exportiere die Mitgliederliste als CSV "
            "(in Excel: „Speichern unter“, Dateityp „CSV“)."
        )
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _strictly(content, "cp1252"), "cp1252"


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(
            "Der Zeichensatz der Datei ist nicht lesbar. Bitte speichere sie als „CSV UTF-8“."
        ) from error


def _records(text: str, separator: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    records, filled = [], 0
    try:
        for record in reader:
            records.append(record)
            filled += any(record)
            if filled > MAX_ROWS + 1:
                raise Unreadable(
                    f"Die Datei hat mehr als {MAX_ROWS:n} Zeilen. Bitte teile sie auf."
                )
    except csv.Error as error:
        raise Unreadable(
            f"Ab Zeile {len(records) + 1} passen die Anführungszeichen nicht zusammen. "
            "Bitte prüfe die Zeile und exportiere die Datei neu."
        ) from error
    return records


def _mapping(header: list[str]) -> dict[str, int]:
    """Return field → column; the alias named first in ALIASES wins."""
    keys = [_header_key(cell) for cell in header]
    found = {}
    for name, aliases in ALIASES.items():
        column = next((keys.index(alias) for alias in aliases if alias in keys), None)
        if column is not None:
            found[name] = column
    return found


def _first_record(text: str, separator: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), [])
    except csv.Error:
        return []


def _separator(text: str) -> str:
    """Return the separator under which most column names are known."""
    return max(SEPARATORS, key=lambda s: len(_mapping(_first_record(text, s))))


def _checked_mapping(header: list[str]) -> dict[str, int]:
    if len(header) > MAX_COLUMNS:
        raise Unreadable(f"Die Datei hat mehr als {MAX_COLUMNS} Spalten. Ist es die richtige?")
    named = [_header_key(cell) for cell in header if _header_key(cell)]
    known = {alias for aliases in ALIASES.values() for alias in aliases}
    often = {key for key, count in Counter(named).items() if count > 1 and key in known}
    twice = sorted({cell for cell in header if _header_key(cell) in often})
    mapping = _mapping(header)
    if not mapping:
        raise Unreadable(
            "In der ersten Zeile steht kein bekannter Spaltenname. Erwartet werden zum Beispiel "
            "„Mitgliedsnummer“, „Vorname“, „Nachname“ und „Eintrittsdatum“."
        )
    if twice:
        raise Unreadable(
            f"Die Spalte „{twice[0]}“ kommt mehrfach vor. Bitte entferne die überzählige Spalte."
        )
    for name in REQUIRED:
        if name not in mapping:
            raise Unreadable(
                f"Die Spalte „{LABELS[name]}“ fehlt. Bitte nimm sie in den Export auf."
            )
    return mapping


def read(content: bytes) -> Table:
    """Read a membership export; raises Unreadable with a German sentence.

    Takes `;`, `,` and TAB, UTF-8 with and without BOM, UTF-16 with BOM, and Windows-1252.
    """
    if len(content) > MAX_BYTES:
        raise Unreadable("Die Datei ist größer als 5 MB. Bitte teile sie auf.")
    text, encoding = decode(content)
    if "\x00\x00" in text or text.count("\x00") > len(text) // 10:
        raise Unreadable(
            "Der Zeichensatz der Datei ist nicht lesbar. Bitte speichere sie als „CSV UTF-8“."
        )
    text = re.sub(r"\Asep=.\r?\n", "", text, count=1, flags=re.IGNORECASE)
    if not text.strip():
        raise Unreadable("Die Datei ist leer.")
    records = _records(text, _separator(text))
    mapping = _checked_mapping(records[0])
    lines = [
        Line(number, {name: _cell(record, column) for name, column in mapping.items()})
        for number, record in enumerate(records[1:], start=2)
        if any(cell.strip() for cell in record)
    ]
    if not lines:
        raise Unreadable("Die Datei hat nur eine Kopfzeile und keine Mitglieder.")
    unused = [
        _printable(cell)
        for column, cell in enumerate(records[0])
        if column not in mapping.values() and _printable(cell)
    ]
    return Table(lines, frozenset(mapping), unused, encoding)


def _printable(cell: str) -> str:
    """Return a column name fit to be shown and stored."""
    return "".join(c for c in cell if c.isprintable()).strip()[:60]


def _cell(record: list[str], column: int) -> str:
    return record[column] if column < len(record) else ""
