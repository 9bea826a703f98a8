"""A paper as PDF: for people who sign, send on and file it."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from portal.common.outbox.letters import compile_pdf
from portal.dashboards.papers.document import Block

SOURCE = Path(__file__).with_name("paper.typ")


def as_pdf(title: str, note: str, blocks: Iterable[Block]) -> bytes:
    """Return an A4 PDF that screen readers can read; texts reach the typesetter as data."""
    data = [asdict(block) | {"kind": block.kind} for block in blocks]
    return compile_pdf(SOURCE, {"title": title, "note": note, "blocks": json.dumps(data)})
