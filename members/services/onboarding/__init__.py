"""One arrival: start the clock, log what happened, move the responsibility, end it."""

from members.services.onboarding.ending import close, reopen, settle, tick
from members.services.onboarding.parteibuch import hand_over
from members.services.onboarding.responsibility import (
    assign_fallback,
    find_missing_responsibles,
    reassign,
    reassign_below,
)
from members.services.onboarding.starting import DEFAULT_TEMPLATE, Arrival, start_many
from members.services.onboarding.talks import Talk, ask_for_call, log_contact

__all__ = [
    "DEFAULT_TEMPLATE",
    "Arrival",
    "Talk",
    "ask_for_call",
    "assign_fallback",
    "close",
    "find_missing_responsibles",
    "hand_over",
    "log_contact",
    "reassign",
    "reassign_below",
    "reopen",
    "settle",
    "start_many",
    "tick",
]
