"""Letters as PDF: A4 for a window envelope, large type, tagged for screen readers.

Texts reach the typesetter as data, never as source, so nothing in a name is a command.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).with_name("letter.typ")
_LIST, _BOX, _CUT = "- ", "[ ] ", "----"


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter. `sender` stands in the window: it must not tell what we are (R12)."""

    sender: str
    address: tuple[str, ...]
    day: str
    subject: str
    body: str
    language: str = "de"


def blocks(body: str) -> list[dict[str, Any]]:
    """Sort a text into paragraphs, lists, tick boxes and the line to cut along."""
    found: list[dict[str, Any]] = []
    for paragraph in re.split(r"\n\s*\n", body.strip()):
        for line in paragraph.splitlines():
            kind, text = _kind(line.strip())
            if found and found[-1]["kind"] == kind and found[-1]["open"]:
                found[-1]["lines"].append(text)
            else:
                found.append({"kind": kind, "lines": [text], "open": True})
        found[-1]["open"] = False
    return found


def _kind(line: str) -> tuple[str, str]:
    if line == _CUT:
        return "cut", ""
    if line.startswith(_LIST):
        return "list", line.removeprefix(_LIST)
    if line.startswith(_BOX):
        return "boxes", line.removeprefix(_BOX)
    return "text", line


@cache
def _fonts() -> Any:
    # Loaded when the first letter is printed; most processes never print one.
    import font_source_sans_pro
    import typst

    folder = Path(font_source_sans_pro.__file__).parent / "files"
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)]
    )


def compile_pdf(source: Path, inputs: dict[str, str]) -> bytes:
    """Set a document of ours with this data: a PDF that screen readers can read (PDF/UA-1)."""
    import typst

    # A compiler made from bytes works once only.
    compiler = typst.Compiler(source.read_bytes(), font_paths=_fonts())
    made = compiler.compile(sys_inputs=inputs, format="pdf", pdf_standards=["ua-1"])
    assert isinstance(made, bytes)  # it is a list for pictures of several pages only
    return made


def as_pdf(letters: Iterable[Letter], title: str) -> bytes:
    """Set all letters in their order; each begins on a new page."""
    data = [asdict(letter) | {"blocks": blocks(letter.body)} for letter in letters]
    return compile_pdf(SOURCE, {"letters": json.dumps(data), "title": title})
