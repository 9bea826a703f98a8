"""What several journeys need: mails as they arrived, and codes as a phone would show them."""

import email
import email.policy
import re
from datetime import UTC, datetime, time, timedelta
from email.message import EmailMessage
from pathlib import Path

import time_machine
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)

from members.deadlines import next_working_day
from portal.common import clock
from portal.common.local import mailbox
from portal.common.outbox.services import drain
from tests.world import TOTP_SECRET


def received(folder: Path, address: str) -> list[EmailMessage]:
    """Everything the sink accepted for this address, oldest first."""
    found = []
    for path in mailbox.messages(folder):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        if address in str(message["To"]):
            found.append(message)
    return found


def text_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return part.get_content()


def link_in(message: EmailMessage, label: str) -> str:
    """The address behind a link of the mail, as a reader would tap it."""
    found = re.search(rf"^{re.escape(label)}: (\S+)\s*$", text_of(message), re.MULTILINE)
    assert found, text_of(message)
    return found[1]


def drain_on_a_working_day() -> None:
    """Invitations never leave at night, on a Sunday or a holiday; a journey may run then."""
    day = next_working_day(clock.today() + timedelta(days=1))
    with time_machine.travel(datetime.combine(day, time(11), tzinfo=UTC)):
        drain()


def totp_code() -> str:
    """What the authenticator app shows now."""
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(TOTP_SECRET, counter))
