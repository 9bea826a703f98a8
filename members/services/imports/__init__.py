"""From a file to members: stage it, apply it, let exits take effect, settle what stayed open."""

from members.services.imports.applying import MANY_MESSAGES, PlanChanged, apply
from members.services.imports.exits import end_memberships
from members.services.imports.staging import (
    FileRefused,
    check,
    discard,
    erase_staging,
    forget_profile,
    give_up,
    map_columns,
    receive,
    stage,
)
from members.services.imports.undecided import decide_gliederung

__all__ = [
    "MANY_MESSAGES",
    "FileRefused",
    "PlanChanged",
    "apply",
    "check",
    "decide_gliederung",
    "discard",
    "end_memberships",
    "erase_staging",
    "forget_profile",
    "give_up",
    "map_columns",
    "receive",
    "stage",
]
