"""The one place that writes CSV: a spreadsheet must never run what somebody typed (T13)."""

import csv
import io
from collections.abc import Iterable

# What a spreadsheet takes for the beginning of a formula; the wide forms count in East Asia.
STARTERS = frozenset("=+-@|%\t\r\n＝＋－＠")


def harmless(value: object) -> str:
    """Return the cell as text that every spreadsheet shows and none calculates."""
    text = "" if value is None else str(value)
    blanks = text[: len(text) - len(text.lstrip())]
    starts = text[len(blanks) : len(blanks) + 1]
    risky = starts in STARTERS if starts else False
    return f"'{text}" if risky or STARTERS & set(blanks) else text


def as_csv(header: Iterable[object], rows: Iterable[Iterable[object]]) -> bytes:
    """Return a file that German Excel opens by double click: semicolons, UTF-8 with BOM."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for row in (header, *rows):
        writer.writerow([harmless(cell) for cell in row])
    return text.getvalue().encode("utf-8-sig", errors="replace")
