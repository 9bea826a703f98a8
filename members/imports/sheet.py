"""What every kind of file becomes: a header, records of texts, and at last lines of fields."""

import hashlib
import unicodedata
from dataclasses import dataclass, field

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 50_000
MAX_COLUMNS = 200
EXAMPLES = 3
LOOKED_THROUGH = 500  # rows, for examples


class Unreadable(Exception):
    """The file as a whole cannot be taken; the message says why and what to do, in German."""


class UnknownColumns(Unreadable):
    """The file can be read, but nobody has said yet what its columns mean."""


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


def printable(text: str, longest: int = 60) -> str:
    """Return a text from a file fit to be shown and stored."""
    return "".join(c for c in " ".join(text.split()) if c.isprintable())[:longest].strip()


def column_key(name: str) -> str:
    """Return what stays the same when a column is written a little differently."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def header_key(names: list[str]) -> str:
    """Return what is the same for the same columns in any order."""
    return hashlib.sha256("\n".join(sorted(map(column_key, names))).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file that was read but not yet understood; records do not contain the header."""

    header: list[str]
    records: list[tuple[int, list[str]]]  # number as a spreadsheet counts, cells
    encoding: str

    @property
    def names(self) -> list[str]:
        """The header as it is shown; a column without a name is called by its place."""
        return [printable(name) or f"Spalte {n}" for n, name in enumerate(self.header, start=1)]

    def examples(self, column: int) -> list[str]:
        """Return the first different texts of a column."""
        found: list[str] = []
        for _, record in self.records[:LOOKED_THROUGH]:
            text = printable(cell(record, column), 40)
            if text and text not in found:
                found.append(text)
            if len(found) == EXAMPLES:
                break
        return found


def cell(record: list[str], column: int) -> str:
    return record[column] if column < len(record) else ""


def pick(sheet: Sheet, columns: dict[str, int]) -> Table:
    """Return the lines of a sheet whose columns are known."""
    lines = [
        Line(number, {name: cell(record, column) for name, column in columns.items()})
        for number, record in sheet.records
    ]
    used = set(columns.values())
    unused = [
        printable(name)
        for column, name in enumerate(sheet.header)
        if column not in used and printable(name)
    ]
    return Table(lines, frozenset(columns), unused, sheet.encoding)
