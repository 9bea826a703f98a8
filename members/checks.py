"""A deploy check for what visitors read: nobody goes live with the words of a template (E020)."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register

from members.management.commands.setup_district import EXAMPLE
from members.models import District

# What stands in the Impressum and in the notices on data protection.
PUBLIC = (
    "party",
    "office_name",
    "street",
    "city",
    "phone",
    "email",
    "responsible",
    "data_protection",
    "authority",
)
TEMPLATE = tomllib.loads(EXAMPLE)["district"]
_PLACEHOLDER = re.compile(
    r"\b(todo|fixme|x{3,}|tbd|muster\w*)\b|\bexample\.\w+|\.(example|invalid|test)\b|…|\.\.\.|[«»<>]",
    re.IGNORECASE,
)
# A mail address, or enough digits for a number.
_REACHED = re.compile(r"[^@\s]+@[^@\s]+\.\w+|(\d[\s/()+-]*){6,}")
WHERE = "(Verwaltung → Einstellungen)"


@register(Tags.security, Tags.database, deploy=True)
def check_public_words(app_configs: Any, databases: Any = None, **kw: Any) -> list[CheckMessage]:
    """Refuse placeholders in Impressum and notices (run with --database default).

    Before the district is set up there is nothing to read yet, and nothing is said.
    """
    district = District.objects.first() if databases else None
    return [Error(problem, id="portal.E020") for problem in _problems(district)]


def _problems(district: District | None) -> Iterator[str]:
    if district is None:
        return
    labels = {field.name: field.verbose_name for field in District._meta.concrete_fields}
    for name in PUBLIC:
        label = labels[name]
        value = getattr(district, name).strip()
        if not value:
            yield f"„{label}“ ist leer {WHERE}."
        elif value == TEMPLATE[name] or _PLACEHOLDER.search(value):
            yield f"„{label}“ ist noch ein Platzhalter: {value} {WHERE}."
        elif name == "data_protection" and not _REACHED.search(value):
            yield f"„{label}“ hat weder E-Mail noch Telefon: {value} {WHERE}."
