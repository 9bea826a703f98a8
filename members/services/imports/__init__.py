"""From a file to members: stage it, apply it, take it back, settle what stayed open."""

from members.services.imports.applying import MANY_MESSAGES, PlanChanged, apply
from members.services.imports.lookalikes import Choice, decide_lookalikes
from members.services.imports.orders import (
    carry_out_apply,
    carry_out_undo,
    confirm,
    give_back,
    order_undo,
    restart_ordered,
)
from members.services.imports.progress import read as read_progress
from members.services.imports.staging import (
    FileRefused,
    begin_check,
    check,
    discard,
    forget_profile,
    give_up,
    map_columns,
    receive,
    stage,
)
from members.services.imports.undecided import decide_gliederung
from members.services.imports.undoing import refusal as undo_refusal

__all__ = [
    "MANY_MESSAGES",
    "Choice",
    "FileRefused",
    "PlanChanged",
    "apply",
    "begin_check",
    "carry_out_apply",
    "carry_out_undo",
    "check",
    "confirm",
    "decide_gliederung",
    "decide_lookalikes",
    "discard",
    "forget_profile",
    "give_back",
    "give_up",
    "map_columns",
    "order_undo",
    "read_progress",
    "receive",
    "restart_ordered",
    "stage",
    "undo_refusal",
]
