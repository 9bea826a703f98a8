"""Bytes of a membership export → table of texts. Pure: no Django, no database."""

import csv
import io
import re
import unicodedata

from members.imports import columns, gate, xlsx
from members.imports.columns import LABELS, REQUIRED
from members.imports.sheet import (
    MAX_BYTES,
    MAX_COLUMNS,
    MAX_ROWS,
    Line,
    Sheet,
    Table,
    Unreadable,
    pick,
)

__all__ = ["LABELS", "MAX_BYTES", "REQUIRED", "Line", "Table", "Unreadable", "open_sheet", "read"]

MAX_CONTROL = 2
SEPARATORS = (";", ",", "\t")
CHARSET = "Der Zeichensatz der Datei ist nicht lesbar. Bitte speichere sie als „CSV UTF-8“."
NO_TEXT = (
    "Das ist keine CSV-Datei. Bitte exportiere die Mitgliederliste als CSV "
    "(in Excel: „Speichern unter“, Dateityp „CSV“)."
)
_SEP_LINE = re.compile(r"\Asep=(.)\r?\n", re.IGNORECASE)
_MULTIBYTE = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|\xf0[\x80-\xbf]{3}")
_HIGH = re.compile(rb"[\x80-\xff]")


def read(content: bytes, name: str = "") -> Table:
    """Read an export whose columns we know by name; raises Unreadable with a German sentence."""
    sheet = open_sheet(content, name)
    return pick(sheet, columns.understood(sheet))


def open_sheet(content: bytes, name: str = "") -> Sheet:
    """Read a file without asking what its columns mean.

    Takes XLSX, and CSV with `;`, `,` and TAB in UTF-8 with and without BOM, UTF-16 with BOM, and
    Windows-1252.
    """
    if gate.kind_of(content, name) == gate.XLSX:
        return _sheet(list(enumerate(xlsx.rows(content), start=1)), "xlsx")
    text, encoding = decode(content)
    if "\x00\x00" in text or text.count("\x00") > len(text) // 10:
        raise Unreadable(CHARSET)
    told = _SEP_LINE.match(text)
    text = text[told.end() :] if told else text
    separator = told[1] if told and told[1] in SEPARATORS else _separator(text)
    return _sheet(list(enumerate(_records(text, separator), start=1)), encoding)


def _sheet(records: list[tuple[int, list[str]]], encoding: str) -> Sheet:
    filled = [(n, record) for n, record in records if any(cell.strip() for cell in record)]
    if not filled:
        raise Unreadable("Die Datei ist leer.")
    header = filled[0][1]
    while not header[-1].strip():
        header = header[:-1]
    _check_header(header)
    if len(filled) == 1:
        raise Unreadable("Die Datei hat nur eine Kopfzeile und keine Mitglieder.")
    return Sheet(header, filled[1:], encoding)


def _check_header(header: list[str]) -> None:
    if len(header) > MAX_COLUMNS:
        raise Unreadable(f"Die Datei hat mehr als {MAX_COLUMNS} Spalten. Ist es die richtige?")
    control = [c for c in "".join(header) if unicodedata.category(c) == "Cc" and c not in "\t\r\n"]
    if len(control) > MAX_CONTROL:  # one may come from a sloppy export; many come from a picture
        raise Unreadable(NO_TEXT)
    if columns.looks_like_data(header):
        raise Unreadable(
            "In der ersten Zeile stehen schon Angaben zu einem Mitglied. "
            "Bitte setze eine Zeile mit den Namen der Spalten darüber."
        )
    if len(header) < len(REQUIRED):
        raise Unreadable(
            "In der Datei ist nur eine Spalte zu erkennen. Gebraucht werden mindestens "
            f"{' und '.join(LABELS[name] for name in REQUIRED)}, getrennt durch Semikolon."
        )


def decode(content: bytes) -> tuple[str, str]:
    """Return text and encoding: by BOM, else strict UTF-8, else Windows-1252."""
    for bom, encoding in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if content.startswith(bom):
            return _strictly(content, encoding), encoding
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        _refuse_damaged_utf8(content, error.start)
        return _strictly(content, "cp1252"), "cp1252"


def _refuse_damaged_utf8(content: bytes, where: int) -> None:
    """One broken byte must not turn every ü of the file into Ã¼."""
    pairs = len(_MULTIBYTE.findall(content))
    others = len(_HIGH.findall(_MULTIBYTE.sub(b"", content)))
    if pairs > others:
        line = content.count(b"\n", 0, where) + 1
        raise Unreadable(
            f"In Zeile {line} ist ein Zeichen beschädigt. "
            "Bitte exportiere die Datei noch einmal, am besten als „CSV UTF-8“."
        )


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(CHARSET) from error


def _records(text: str, separator: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    records, filled = [], 0
    try:
        for record in reader:
            records.append(record)
            filled += any(record)
            if filled > MAX_ROWS + 1:
                raise Unreadable(f"Die Datei hat mehr als {MAX_ROWS} Zeilen. Bitte teile sie auf.")
    except csv.Error as error:
        raise Unreadable(
            f"Ab Zeile {len(records) + 1} passen die Anführungszeichen nicht zusammen. "
            "Bitte prüfe die Zeile und exportiere die Datei neu."
        ) from error
    return records


def _separator(text: str) -> str:
    """Return the separator under which most column names are known, else most columns appear."""

    def promise(separator: str) -> tuple[int, int]:
        first = _first_record(text, separator)
        return len(columns.recognised(first)), len(first)

    return max(SEPARATORS, key=promise)


def _first_record(text: str, separator: str) -> list[str]:
    try:
        records = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        return next((record for record in records if any(cell.strip() for cell in record)), [])
    except csv.Error:
        return []
