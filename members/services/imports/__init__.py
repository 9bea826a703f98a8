"""From a file to members: stage it, apply it, let exits take effect, settle what stayed open."""

from members.services.imports.applying import MANY_MESSAGES, PlanChanged, apply
from members.services.imports.exits import end_memberships
from members.services.imports.staging import FileRefused, discard, erase_staging, stage
from members.services.imports.undecided import decide_gliederung

__all__ = [
    "MANY_MESSAGES",
    "FileRefused",
    "PlanChanged",
    "apply",
    "decide_gliederung",
    "discard",
    "end_memberships",
    "erase_staging",
    "stage",
]
