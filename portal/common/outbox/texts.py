"""Which text a message has: what staff wrote, else what is shipped, else easy German."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.db import transaction

from portal.common import audit, clock
from portal.common.errors import DomainError
from portal.common.outbox import languages, wording
from portal.common.outbox.models import Language, MailText, OutgoingMail
from portal.common.outbox.wording import Placeholder, Wording

FOLDER = Path(settings.BASE_DIR) / "templates" / "mails"
MAIL, LETTER = OutgoingMail.Channel.MAIL, OutgoingMail.Channel.LETTER


class HasText(Protocol):
    """Whatever has words in several languages: a kind of mail, or a page."""

    @property
    def code(self) -> str: ...
    @property
    def template(self) -> str: ...
    @property
    def placeholders(self) -> tuple[Placeholder, ...]: ...
    def problems(self, text: Wording) -> list[str]: ...


class TextRefused(DomainError):
    """The text would not work; each reason is a sentence of its own."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class Found:
    """A text and the language it is really in, which need not be the one wished for."""

    wording: Wording
    language: str


@cache
def _file(name: str) -> str | None:
    path = FOLDER / name
    return path.read_text(encoding="utf-8").strip() if path.exists() else None


def shipped(kind: HasText, channel: str, language: str) -> Wording | None:
    """Return the text that comes with the portal; a letter has its own or none."""
    base = f"{kind.template}.letter" if channel == LETTER else kind.template
    name = f"{base}.{language}" if language else base
    subject, body = _file(f"{name}.subject.txt"), _file(f"{name}.body.txt")
    return Wording(subject, body) if subject and body else None


def _candidates(
    kind: HasText, channel: str, language: str, edited: Mapping[tuple[str, str], Wording]
) -> Iterator[Found | None]:
    # Whoever has no text for letters gets the mail's on paper, without its links.
    for way in dict.fromkeys((channel, MAIL)):
        for code in dict.fromkeys((language, languages.EASY)):
            for text in (edited.get((way, code)), shipped(kind, way, code)):
                yield Found(text, code) if text else None
        only = shipped(kind, way, "")
        yield Found(only, languages.GERMAN) if only else None


def find(kind: HasText, channel: str, language: str) -> Found:
    """Return the text for this reader; raises LookupError for a kind without any."""
    edited = {
        (text.channel, text.language): Wording(text.subject, text.body)
        for text in MailText.objects.filter(kind=kind.code)
    }
    for found in _candidates(kind, channel, language, edited):
        if found:
            return found
    raise LookupError(kind.code)


def samples(kind: HasText, *, letter: bool) -> dict[str, str]:
    """Return what a preview shows: an invented person."""
    return {p.name: "" if letter and p.is_link else p.sample for p in kind.placeholders}


def check(kind: HasText, channel: str, text: Wording) -> None:
    """Raise TextRefused with everything that is wrong."""
    wrong = wording.problems(text, kind.placeholders, letter=channel == LETTER)
    wrong += kind.problems(text)
    if wrong:
        raise TextRefused(list(dict.fromkeys(wrong)))


@transaction.atomic
def save(kind: HasText, channel: str, language: str, text: Wording, by: UUID) -> None:
    """Use this text from the next message on."""
    check(kind, channel, text)
    values = {"subject": text.subject, "body": text.body, "changed_at": clock.now()}
    row, _ = MailText.objects.update_or_create(
        kind=kind.code, channel=channel, language=language, defaults=values
    )
    audit.record("mailtext.changed", by, row, ["subject", "body"])


@transaction.atomic
def reset(kind: HasText, channel: str, language: str, by: UUID) -> None:
    """Go back to the shipped text."""
    row = MailText.objects.filter(kind=kind.code, channel=channel, language=language).first()
    if row:
        audit.record("mailtext.reset", by, row)
        row.delete()


@transaction.atomic
def add_language(code: str, name: str, by: UUID) -> Language:
    """Let people choose one more language; until somebody writes texts it reads easy German."""
    if Language.objects.filter(code=code).exists() or Language.objects.filter(name=name).exists():
        raise DomainError("Diese Sprache gibt es schon.")
    language = Language.objects.create(code=code, name=name)
    audit.record("language.added", by, language)
    return language
