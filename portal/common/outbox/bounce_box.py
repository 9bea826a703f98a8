"""Fetch reports from the mailbox they come back to (IMAP)."""

import imaplib
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

from portal.common.outbox import returned
from portal.common.scope import scope

logger = logging.getLogger(__name__)
SCOPE = "system:bounces"
PATIENCE = 10
MOST_AT_ONCE = 200
# Login codes wait behind this in the same worker; what is left over comes ten minutes later.
ROUND_SECONDS = 60.0


@contextmanager
def _open(url: str) -> Iterator[imaplib.IMAP4]:
    parts = urlsplit(url)
    kind = imaplib.IMAP4_SSL if parts.scheme == "imaps" else imaplib.IMAP4
    box = kind(
        parts.hostname or "",
        parts.port or (993 if parts.scheme == "imaps" else 143),
        timeout=PATIENCE,
    )
    try:
        box.login(unquote(parts.username or ""), unquote(parts.password or ""))
        box.select(unquote(parts.path.strip("/")) or "INBOX")
        yield box
    finally:
        box.logout()


def fetch(url: str) -> int:
    """Take in what is unread, for a minute; a report is deleted only after it is committed."""
    ends_at = time.monotonic() + ROUND_SECONDS
    taken = 0
    with _open(url) as box:
        _, (found,) = box.uid("SEARCH", "UNSEEN")
        for uid in found.split()[:MOST_AT_ONCE]:
            if time.monotonic() >= ends_at:
                break
            _take(box, uid.decode())
            taken += 1
        box.expunge()
    return taken


def _take(box: imaplib.IMAP4, uid: str) -> None:
    _, answer = box.uid("FETCH", uid, "(BODY.PEEK[])")
    box.uid("STORE", uid, "+FLAGS", r"(\Seen)")  # first: whatever it does to us, it does once
    raw = next((part[1] for part in answer if isinstance(part, tuple)), b"")
    try:
        with scope(SCOPE):
            returned.take(raw)
    except Exception:
        # Left for a human, but read: it must not stop the others every ten minutes.
        logger.exception("A report in the bounce mailbox could not be read")
        box.uid("STORE", uid, "+FLAGS", r"(\Seen \Flagged)")
        return
    box.uid("STORE", uid, "+FLAGS", r"(\Seen \Deleted)")
