"""An Excel file → rows of texts, read by a child process that may use little and knows nothing."""

import json
import subprocess
import sys
from pathlib import Path

from members.imports.gate import BROKEN, TOO_MUCH
from members.imports.sheet import MAX_COLUMNS, MAX_ROWS, Unreadable

CHILD = Path(__file__).with_name("xlsx_child.py")
WALL_SECONDS = 40
SENTENCES = {
    "rows": f"Die Datei hat mehr als {MAX_ROWS} Zeilen. Bitte teile sie auf.",
    "columns": f"Die Datei hat mehr als {MAX_COLUMNS} Spalten. Ist es die richtige?",
    "blank": "Die Tabelle hat sehr viele leere Zeilen. Bitte lösche sie oder nimm CSV.",
    "empty": "Die Datei ist leer.",
    "size": TOO_MUCH,
    "broken": BROKEN,
}


def rows(content: bytes, seconds: float = WALL_SECONDS) -> list[list[str]]:
    """Return the first visible sheet row by row; raises Unreadable with a German sentence."""
    try:
        # Isolated and without our environment: the child has no secrets it could lose.
        child = subprocess.run(
            [sys.executable, "-I", "-B", str(CHILD), str(MAX_ROWS), str(MAX_COLUMNS)],
            input=content,
            capture_output=True,
            timeout=seconds,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Unreadable(TOO_MUCH) from error
    if child.returncode < 0:  # ended by the limit on processor time
        raise Unreadable(TOO_MUCH)
    lines = child.stdout.decode().splitlines()
    end = json.loads(lines.pop()) if lines else {"end": "broken"}
    if child.returncode != 0 or end != {"end": "ok"}:
        code = end.get("end", "broken") if isinstance(end, dict) else "broken"
        raise Unreadable(SENTENCES.get(code, BROKEN))
    return [json.loads(line) for line in lines]
