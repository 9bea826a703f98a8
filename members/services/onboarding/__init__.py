"""One arrival: start the clock, log what happened, move the responsibility, end it."""

from members.services.onboarding.attempts import LAST_LETTER
from members.services.onboarding.ending import close, reopen, settle, tick
from members.services.onboarding.parteibuch import hand_over, order, receive, take_step_back
from members.services.onboarding.responsibility import (
    assign_fallback,
    find_missing_responsibles,
    reassign,
    reassign_below,
)
from members.services.onboarding.starting import DEFAULT_TEMPLATE, Arrival, start_many
from members.services.onboarding.talks import Talk, log_contact, put_off
from members.services.onboarding.undoing import undo_contact
from members.services.onboarding.wishes import (
    allow_contact,
    ask_for_call,
    can_ask_for_call,
    leave_alone,
)

__all__ = [
    "DEFAULT_TEMPLATE",
    "LAST_LETTER",
    "Arrival",
    "Talk",
    "allow_contact",
    "ask_for_call",
    "assign_fallback",
    "can_ask_for_call",
    "close",
    "find_missing_responsibles",
    "hand_over",
    "leave_alone",
    "log_contact",
    "order",
    "put_off",
    "reassign",
    "reassign_below",
    "receive",
    "reopen",
    "settle",
    "start_many",
    "take_step_back",
    "tick",
    "undo_contact",
]
