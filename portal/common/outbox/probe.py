"""Ask the relay whether it already took a message, before sending it a second time."""

from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from portal.common.local.mailbox import copies


class MailProbe(Protocol):
    def accepted(self, message_id: str) -> bool:
        """Return whether the relay has taken the message with this Message-ID."""


class SinkProbe:
    """The local SMTP sink keeps every accepted message as a file."""

    def accepted(self, message_id: str) -> bool:
        return copies(Path(settings.MAIL_SINK_DIR), message_id) > 0


def mail_probe() -> MailProbe | None:
    """Return the configured probe, or None where the relay cannot be asked."""
    return import_string(settings.MAIL_PROBE)() if settings.MAIL_PROBE else None
