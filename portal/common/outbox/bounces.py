"""Read what comes back when a mail could not be delivered; pure, and never surprised.

Every mail program writes this differently. The machine-readable part (RFC 3464) wins, then the
headers some programs add, then the words of the text.
"""

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from enum import Enum

MOST_BYTES = 512 * 1024
MOST_PARTS = 40
# What a report has to say stands far above these; a stranger's endless line costs nothing.
MOST_TEXT = 64 * 1024
MOST_OF_A_LINE = 1000


class Verdict(Enum):
    """HARD: the address does not work. SOFT: later perhaps. OURS: they refuse us or our text."""

    HARD = "hard"
    SOFT = "soft"
    OURS = "ours"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Bounce:
    """What came back, and about which mail to whom."""

    verdict: Verdict
    status: str = ""
    message_ids: tuple[str, ...] = ()
    recipients: frozenset[str] = frozenset()


_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_REPLY = re.compile(r"\b([45]\d\d)[ -]")
_MESSAGE_ID = re.compile(r"^Message-I[dD]:\s*(<[^<>\s]+>)", re.MULTILINE | re.IGNORECASE)
_ADDRESS = re.compile(
    r"[^\s<>;:,\"'()\[\]@]{1,64}@[^\s<>;:,\"'()\[\]@]{1,255}\.[a-z]{2,63}", re.IGNORECASE
)
_RETURNED = re.compile(r"^--.*(?:copy|original|kopie).*$", re.MULTILINE)
_DAEMON = re.compile(r"mailer-daemon|postmaster|mail delivery|mailerdaemon", re.IGNORECASE)
_AUTO = re.compile(
    r"out of office|abwesen|automatic reply|automatische antwort|auto-?reply|vacation|urlaub",
    re.IGNORECASE,
)
_UNKNOWN = re.compile(
    r"user unknown|unknown user|no such (user|mailbox|recipient)|does not exist|not found|"
    r"unknown (recipient|local)|unrouteable|no mailbox here|mailbox unavailable|"
    r"address rejected|recipient rejected|doesn't have a|isn't listed|invalid recipient|"
    r"account (is )?(disabled|inactive)|host or domain name not found|unbekannt|existiert nicht",
    re.IGNORECASE,
)
_FULL = re.compile(r"full|quota|over ?quota|voll|insufficient storage", re.IGNORECASE)
_BLOCKED = re.compile(
    r"spam|blacklist|blocklist|blocked|policy|reputation|dmarc|spf|listed at|rbl", re.IGNORECASE
)


def parse(raw: bytes) -> Bounce:
    """Return the verdict; whatever is no report about a delivery is IGNORED."""
    message = email.message_from_bytes(raw[:MOST_BYTES])
    parts = _parts(message)
    reports = [fields for part in parts for fields in _reports(part)]
    text = "\n".join(_text(part) for part in parts)
    about = {"message_ids": _message_ids(parts, text)}
    if reports:
        verdict, status = _worst(reports)
        return Bounce(verdict, status, recipients=_recipients(reports, parts, message), **about)
    if not _is_from_a_mail_server(message) or _is_automatic_answer(message):
        return Bounce(Verdict.IGNORED)
    above = _RETURNED.split(text, maxsplit=1)[0]
    verdict, status = _by_words(above)
    found = _recipients([], parts, message) | {a.lower() for a in _ADDRESS.findall(above)}
    return Bounce(verdict, status, recipients=frozenset(found), **about)


def _parts(message: Message) -> list[Message]:
    return [part for _, part in zip(range(MOST_PARTS), message.walk(), strict=False)]


def _reports(part: Message) -> Iterator[Message]:
    """The blocks about one recipient each; the first block is about the whole message."""
    if part.get_content_type() != "message/delivery-status":
        return
    payload = part.get_payload()
    blocks = payload if isinstance(payload, list) else [email.message_from_string(_text(part))]
    for block in blocks:
        if isinstance(block, Message) and (block["Final-Recipient"] or block["Action"]):
            yield block


def _text(part: Message) -> str:
    lines = _decoded(part)[:MOST_TEXT].split("\n")
    return "\n".join(line[:MOST_OF_A_LINE] for line in lines)


def _decoded(part: Message) -> str:
    if part.is_multipart():
        return ""
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return str(part.get_payload())
    try:
        return payload.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:
        return payload.decode("utf-8", "replace")


def _message_ids(parts: list[Message], text: str) -> tuple[str, ...]:
    """Ids of the returned mail, never of the report itself."""
    inside = [str(part["Message-ID"]).strip() for part in parts[1:] if part["Message-ID"]]
    return tuple(dict.fromkeys([*inside, *_MESSAGE_ID.findall(text)]))


def _recipients(reports: list[Message], parts: list[Message], top: Message) -> frozenset[str]:
    named = [
        str(block[field] or "")
        for block in reports
        for field in ("Final-Recipient", "Original-Recipient")
    ]
    named += [str(part["To"] or "") for part in parts[1:]]
    named += [str(value) for value in top.get_all("X-Failed-Recipients", [])]
    returned = re.findall(r"(?mi)^To:(.*)$", "\n".join(_text(part) for part in parts[1:]))
    found = _ADDRESS.findall("\n".join([*named, *returned]))
    return frozenset(address.lower() for address in found)


def _worst(reports: list[Message]) -> tuple[Verdict, str]:
    order = (Verdict.HARD, Verdict.OURS, Verdict.SOFT, Verdict.IGNORED)
    return min((_judge(block) for block in reports), key=lambda judged: order.index(judged[0]))


def _judge(block: Message) -> tuple[Verdict, str]:
    action = str(block["Action"] or "").strip().lower()
    words = f"{block['Status'] or ''} {block['Diagnostic-Code'] or ''}"
    if action in ("delivered", "relayed", "expanded"):
        return Verdict.IGNORED, ""
    if action == "delayed":
        return Verdict.SOFT, _status(words)
    return _by_words(words)


def _status(words: str) -> str:
    """The most telling code: one that says more than x.0.0, if there is one."""
    codes = [".".join(code) for code in _STATUS.findall(words)]
    telling = [code for code in codes if not code.endswith(".0.0")]
    return (telling or codes or [""])[0]


def _by_words(words: str) -> tuple[Verdict, str]:
    status = _status(words)
    reply = _REPLY.search(words)
    if status.startswith("2."):
        return Verdict.IGNORED, status
    if status.startswith("4.") or (not status and reply and reply[1].startswith("4")):
        return Verdict.SOFT, status
    if status == "5.2.2" or (not status.startswith("5.1.") and _FULL.search(words)):
        return Verdict.SOFT, status
    return _refused(status, words), status


def _refused(status: str, words: str) -> Verdict:
    if status in ("5.7.1", "5.7.26") and _UNKNOWN.search(words) and not _BLOCKED.search(words):
        return Verdict.HARD  # some servers say "not allowed" when they mean "nobody here"
    if status.startswith(("5.7.", "5.6.", "5.3.")):
        return Verdict.OURS
    if status.startswith(("5.1.", "5.2.1", "5.4.")):
        return Verdict.HARD
    if _UNKNOWN.search(words):
        return Verdict.HARD
    if _BLOCKED.search(words):
        return Verdict.OURS
    return Verdict.SOFT if status.startswith("5.") or _REPLY.search(words) else Verdict.IGNORED


def _is_from_a_mail_server(message: Message) -> bool:
    sender = f"{message['From'] or ''} {message['Sender'] or ''}"
    return bool(_DAEMON.search(sender) or message["X-Failed-Recipients"])


def _is_automatic_answer(message: Message) -> bool:
    return bool(_AUTO.search(str(message["Subject"] or "")))
