"""The file itself: a readable page and the same for machines, in one ZIP (Art. 15, 20 GDPR)."""

import io
import json
import zipfile
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from members.models import District, Person
from members.queries import my_data, who_sees_me
from members.queries.who_sees_me import Circle
from members.services import rights
from members.services.export import rules, words
from members.services.export.rows import Everything, everything
from portal.common import audit, clock

HTML, JSON = "meine-daten.html", "meine-daten.json"


@dataclass(frozen=True, slots=True)
class File:
    """A download; its name tells nobody where it comes from (R12)."""

    name: str
    content: bytes


@transaction.atomic
def own(person: Person) -> File:
    """Everything about oneself, at once and as often as one likes."""
    found = everything(person)
    audit.record("export.own", person.pk, person, count=found.count)
    return _packed(person, found)


@transaction.atomic
def for_person(person: Person, reason: str, by: Person) -> File:
    """The same for somebody who asked in another way; the person reads that and why."""
    rights.note_access(person, reason, by)
    found = everything(person)
    audit.record("export.for_person", by.pk, person, count=found.count)
    return _packed(person, found)


def _packed(person: Person, found: Everything) -> File:
    district = District.current()
    circles = who_sees_me.circles(my_data.load(person.pk), district)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(HTML, _html(person, found, circles, district))
        archive.writestr(JSON, _json(found, circles))
    return File(f"meine-daten-{clock.today():%Y-%m-%d}.zip", buffer.getvalue())


def _html(person: Person, found: Everything, circles: list[Circle], district: District) -> str:
    groups = [
        (title, [table for table in found.tables if table.label in labels])
        for title, labels in words.GROUPS
    ]
    grouped = {label for _, labels in words.GROUPS for label in labels}
    groups.append(("Zugang und Weiteres", [t for t in found.tables if t.label not in grouped]))
    context = {
        "person": person,
        "made_at": timezone.localtime(clock.now()),
        "groups": [(title, tables) for title, tables in groups if tables],
        "log": found.log,
        "circles": circles,
        "left_out": _left_out(),
        "district": district,
    }
    return render_to_string("members/export/my_data.html", context)


def _left_out() -> list[str]:
    """Each reason once; which columns it is about stands in the part for machines."""
    return sorted({*rules.NEVER.values(), *rules.LEFT_OUT.values()})


def _json(found: Everything, circles: list[Circle]) -> str:
    content: dict[str, Any] = {
        "erstellt_am": clock.now(),
        "daten": {
            table.label: [{cell.name: cell.raw for cell in row} for row in table.rows]
            for table in found.tables
        },
        "protokoll": [
            {"am": e.at, "code": e.code, "was": e.text, "von": e.by, "felder": e.fields}
            for e in found.log
        ],
        # Offices only: who holds them is their data.
        "wer_mich_sieht": [
            {"amt": c.office, "ort": c.place, "anzahl": c.count, "warum": c.why, "seit": c.since}
            for c in circles
        ],
        "nicht_enthalten": rules.LEFT_OUT,
    }
    return json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
