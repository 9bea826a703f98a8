"""The field registry: every stored field says what it is, so that none is forgotten later.

Export, erasure and row-level security read it; a field that is not classified fails a test.
"""

from dataclasses import dataclass
from enum import Enum


class FieldClass(Enum):
    """What a field tells about a person, from nothing to most."""

    TECHNICAL = "technical"  # ids, states, moments of the machine
    PUBLIC = "public"  # facts about places and organisations
    OFFICE = "office"  # who holds which office
    LINK = "link"  # points to a person
    NAME = "name"
    CHANNEL = "channel"  # how to reach somebody
    PLACE = "place"  # where somebody lives or belongs
    MEMBERSHIP = "membership"  # Art. 9: being a member, since when, until when
    INTEREST = "interest"  # Art. 9: what somebody cares about or wants
    TALK = "talk"  # that and how somebody was spoken to
    NOTE = "note"  # free text about or for a person
    ACCESS = "access"  # login and its secrets


@dataclass(frozen=True, slots=True)
class Rule:
    """`subject` is the lookup from a row to the person it is about; "" for no person."""

    subject: str
    fields: dict[str, FieldClass]


_rules: dict[str, Rule] = {}


def classify(label: str, subject: str, **classes: str) -> None:
    """Register a model: `classes` maps a FieldClass name to field names parted by blanks."""
    if label in _rules:
        raise ValueError(f"{label} is classified twice")
    fields = {
        name: FieldClass[code.upper()] for code, names in classes.items() for name in names.split()
    }
    _rules[label] = Rule(subject, fields)


def rules() -> dict[str, Rule]:
    """Return label → rule of everything registered."""
    return dict(_rules)


def personal() -> set[str]:
    """Return the labels of models whose rows are about a person."""
    return {label for label, rule in _rules.items() if rule.subject}


classify(
    "common.OutgoingMail",
    "recipient_key",
    technical="id dedupe_key ids state reason message_id created_at not_before expires_at "
    "lease_until attempts sent_at kind channel retried_from capped_until counted_at bounced_at "
    "batch printed_at ticked_at",
    link="recipient_key",
    channel="address",
    note="body",
)
classify(
    "common.AddressTrouble",
    "recipient_key",
    technical="id hard_bounces last_at paused_at",
    link="recipient_key",
    channel="address",
)
classify(
    "common.MailChoice",
    "recipient_key",
    technical="id",
    link="recipient_key",
    interest="kind way",
)
classify("common.Language", "", public="id code name position")
classify("common.MailText", "", public="id kind channel language subject body changed_at")
classify("common.ConsentText", "", public="id purpose version language text valid_from")
classify(
    "common.Consent",
    "subject",
    technical="id channel",
    link="subject recorded_by",
    interest="text given_at withdrawn_at",
)
classify(
    "common.AuditEvent",
    "actor",
    technical="id code at subject_type fields count",
    link="actor subject",
)
classify(
    "common.RetentionApproval",
    "",
    technical="id rule fingerprint first_at second_at",
    link="first_by second_by",
)
classify("common.RetentionRun", "", technical="id rule day at dry_run count held error")
classify("common.Heartbeat", "", technical="name at")
# Tables of packages we use.
classify(
    "account.EmailAddress",
    "user__person",
    technical="id verified primary",
    link="user",
    channel="email",
)
classify(
    "account.EmailConfirmation",
    "email_address__user__person",
    technical="id created sent",
    link="email_address",
    access="key",
)
classify(
    "mfa.Authenticator",
    "user__person",
    technical="id type created_at last_used_at",
    link="user",
    access="data",
)
