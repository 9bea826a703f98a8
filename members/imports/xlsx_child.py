"""The child that opens Excel files: XLSX on standard input, one JSON list per row on output.

It runs alone and imports nothing of ours, so that a file which breaks it breaks nothing else.
The last line says how it ended.
"""

import io
import json
import resource
import sys
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

MEMORY = 512 * 1024 * 1024
CPU_SECONDS = 20
MAX_CHARACTERS = 10_000_000
MAX_BLANK_ROWS = 20_000
HEADER_WITHIN = 50


class Refused(Exception):
    """The message is the code of a sentence the parent knows."""


def limit_yourself() -> None:
    """Little memory, little time, and no file larger than nothing."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def text_of(cell: Any) -> str:
    """Return what a person sees in the cell: days as ISO, numbers without a trailing .0."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return _padded(value, cell.number_format)
    if isinstance(value, (bool, float)) or type(value).__module__ == "datetime":
        return str(value)
    return "=" + type(value).__name__  # formulas over several cells


def _padded(value: int, number_format: str) -> str:
    """German postal codes are numbers shown with the format 00000."""
    zeros = len(number_format) if set(number_format) == {"0"} else 0
    return str(value).zfill(zeros)


def _trimmed(row: tuple[Any, ...]) -> list[str]:
    texts = [text_of(cell) for cell in row]
    while texts and not texts[-1].strip():
        texts.pop()
    return texts


def sheet_rows(content: bytes, max_rows: int, max_columns: int) -> Iterator[list[str]]:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
    sheet = next((s for s in book.worksheets if s.sheet_state == "visible"), None)
    if sheet is None:
        raise Refused("empty")
    # What a file says about its own size is not to be believed.
    sheet.reset_dimensions()
    head = sheet.iter_rows(max_row=HEADER_WITHIN, max_col=max_columns + 1)
    width = next((len(texts) for row in head if (texts := _trimmed(row))), 0)
    if width == 0:
        raise Refused("empty")
    if width > max_columns:
        raise Refused("columns")
    filled, characters = 0, 0
    for number, row in enumerate(sheet.iter_rows(max_col=width)):
        texts = _trimmed(row)
        filled += bool(texts)
        characters += sum(map(len, texts))
        if filled > max_rows + 1:
            raise Refused("rows")
        if number - filled > MAX_BLANK_ROWS:
            raise Refused("blank")
        if characters > MAX_CHARACTERS:
            raise Refused("size")
        yield texts


def main() -> str:
    limit_yourself()
    # openpyxl would take these where they are installed; they need time and memory.
    for heavy in ("numpy", "PIL", "lxml"):
        sys.modules[heavy] = None  # type: ignore[assignment]  # the way to forbid an import
    import warnings

    warnings.simplefilter("ignore")
    max_rows, max_columns = int(sys.argv[1]), int(sys.argv[2])
    content = sys.stdin.buffer.read()
    try:
        for texts in sheet_rows(content, max_rows, max_columns):
            sys.stdout.write(json.dumps(texts) + "\n")
    except Refused as refusal:
        return str(refusal)
    except MemoryError:
        return "size"
    except Exception:  # whatever a broken file does to a parser
        return "broken"
    return "ok"


if __name__ == "__main__":
    sys.stdout.write(json.dumps({"end": main()}) + "\n")
