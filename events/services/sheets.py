"""The list at the door, the door's code and name tags, as a tagged PDF; first names only (R12)."""

import json
from collections.abc import Sequence
from pathlib import Path

import qrcode  # type: ignore[import-untyped]  # has no stubs

from events import texts
from events.models import Event, Registration
from events.services import doors
from portal.common.outbox import letters

SOURCE = Path(__file__).with_name("sheet.typ")


def pdf(event: Event, found: Sequence[Registration]) -> bytes:
    """One page with the code, the list, the questions, then name tags to cut out."""
    code = qrcode.QRCode(border=0)
    code.add_data(doors.url(event))
    people = [
        {
            "name": one.first_name,
            "more": one.companions,
            "needs": one.needs,
            "question": one.question,
        }
        for one in found
    ]
    said = {
        "title": event.title,
        "when": texts.when(event),
        "where": texts.where(event),
        "people": people,
        "work": event.kind.questions[:2],
        "code": code.get_matrix(),
    }
    return letters.compile_pdf(SOURCE, {"event": json.dumps(said)})
