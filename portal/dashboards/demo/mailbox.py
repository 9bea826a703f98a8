"""The demo's mailbox: what the local SMTP sink received."""

import email
import email.policy
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Received:
    name: str
    to: str
    subject: str
    text: str


def _folder() -> Path | None:
    return Path(settings.MAIL_SINK_DIR) if settings.MAIL_SINK_DIR else None


def _parse(path: Path, *, with_text: bool) -> Received:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    part = message.get_body(("plain",)) if with_text else None
    text = part.get_content() if part else ""
    return Received(path.stem, str(message["To"]), str(message["Subject"]), text)


def newest(count: int) -> list[Received]:
    """Return the latest messages, newest first."""
    folder = _folder()
    if folder is None or not folder.is_dir():
        return []
    paths = sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime, reverse=True)
    return [_parse(path, with_text=False) for path in paths[:count]]


def read(name: str) -> Received | None:
    """Return one message with its text; None for a name that is not in the folder."""
    folder = _folder()
    if folder is None:
        return None
    found = next((path for path in folder.glob("*.eml") if path.stem == name), None)
    return _parse(found, with_text=True) if found else None
