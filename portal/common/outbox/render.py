"""Make a message from a row: one text per language, HTML made from it, one recipient."""

import re
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from portal.common.outbox import choices, languages, texts
from portal.common.outbox.kinds import MailKind
from portal.common.outbox.models import OutgoingMail
from portal.common.outbox.texts import HasText
from portal.common.outbox.wording import Wording, blank, fill

BLANKED = "[entfernt]"
_LINK = re.compile(r"^(?P<label>[^:]+): (?P<url>https?://\S+)$")


@dataclass(frozen=True, slots=True)
class Rendered:
    message: EmailMultiAlternatives
    kept: str  # the text as kept for 14 days


@dataclass(frozen=True, slots=True)
class Written:
    """A text with its facts: what is sent or printed, and what is kept of it."""

    text: Wording
    kept: str
    language: str


def is_one_address(address: str) -> bool:
    """Exactly one recipient: no list, no line break, nothing that could become a header."""
    try:
        validate_email(address)
    except ValidationError:
        return False
    return True


def write(mail: OutgoingMail, kind: MailKind) -> Written:
    """Choose the reader's language and put in the facts of this moment."""
    values = dict(kind.context(mail))
    if mail.channel == OutgoingMail.Channel.LETTER:
        values |= {p.name: "" for p in kind.placeholders if p.is_link}
    found = texts.find(kind, mail.channel, values.get("language", ""))
    blanked = values | {
        name: blank(values[name], BLANKED) if values[name] else "" for name in kind.secrets
    }
    written = Written(
        filled(kind, found.wording, values),
        filled(kind, found.wording, blanked).body,
        found.language,
    )
    return _with_way_out(written, mail) if _has_way_out(mail, kind) else written


def _has_way_out(mail: OutgoingMail, kind: MailKind) -> bool:
    """Whatever nobody asked for can be declined from the mail itself; paper has no links."""
    return mail.channel == OutgoingMail.Channel.MAIL and choices.can_be_chosen(kind)


def _with_way_out(written: Written, mail: OutgoingMail) -> Written:
    line = choices.no_more_line(written.language, choices.no_more_url(mail))
    kept = choices.no_more_line(written.language, BLANKED)
    text = Wording(written.text.subject, f"{written.text.body}\n\n{line}")
    return Written(text, f"{written.kept}\n\n{kept}", written.language)


def filled(kind: HasText, text: Wording, values: dict[str, Any]) -> Wording:
    subject = fill(text.subject, kind.placeholders, values)
    return Wording(" ".join(subject.split()), fill(text.body, kind.placeholders, values))


def _line(line: str, main: str) -> SafeString:
    link = _LINK.match(line)
    # Only our own pages: a name that looks like a link must not become a button.
    if link and link["url"].startswith(f"{settings.BASE_URL}/"):
        look = "button" if line == main else "link"
        return format_html('<a class="{}" href="{}">{}</a>', look, link["url"], link["label"])
    return format_html("{}", line)


def as_html(text: str, language: str) -> str:
    """Turn the plain text into HTML: blank lines part paragraphs, "Label: URL" is a link.

    The first link is the one button, unless it only leads away.
    """
    found = (line for line in text.splitlines() if _LINK.match(line))
    main = next((line for line in found if not choices.is_no_more(line)), "")
    paragraphs = format_html_join(
        "\n",
        "<p>{}</p>",
        (
            (
                format_html_join(
                    SafeString("<br>\n"), "{}", ((_line(line, main),) for line in p.splitlines())
                ),
            )
            for p in re.split(r"\n\s*\n", text)
        ),
    )
    context = {"html_language": languages.html_code(language), "paragraphs": paragraphs}
    return render_to_string("mails/base.html", context)


def render(mail: OutgoingMail, kind: MailKind) -> Rendered:
    """Render the row with the facts of this moment."""
    written = write(mail, kind)
    headers = {"Message-ID": mail.message_id, "Auto-Submitted": "auto-generated"}
    if _has_way_out(mail, kind):
        headers["List-Unsubscribe"] = f"<{choices.no_more_url(mail)}>"
    if settings.BOUNCE_ADDRESS:
        headers["From"] = settings.DEFAULT_FROM_EMAIL
    message = EmailMultiAlternatives(
        subject=written.text.subject,
        body=written.text.body,
        from_email=settings.BOUNCE_ADDRESS or settings.DEFAULT_FROM_EMAIL,
        to=[mail.address],
        headers=headers,
    )
    message.attach_alternative(as_html(written.text.body, written.language), "text/html")
    message.message()  # a header that cannot be written breaks here, not while handing over
    return Rendered(message, written.kept)
