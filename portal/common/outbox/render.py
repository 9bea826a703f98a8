"""Make a message from a row: one text per language, HTML made from it, one recipient."""

import re
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.template.loader import render_to_string, select_template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from portal.common.outbox.kinds import MailKind
from portal.common.outbox.models import OutgoingMail

BLANKED = "[entfernt]"
FALLBACK_LANGUAGE = "leicht"
_LINK = re.compile(r"^(?P<label>[^:]+): (?P<url>https?://\S+)$")


@dataclass(frozen=True, slots=True)
class Rendered:
    message: EmailMultiAlternatives
    kept: str  # the text as kept for 14 days


def is_one_address(address: str) -> bool:
    """Exactly one recipient: no list, no line break, nothing that could become a header."""
    try:
        validate_email(address)
    except ValidationError:
        return False
    return True


def _write(kind: MailKind, part: str, context: dict[str, Any]) -> str:
    """Render the reader's language, else easy German, else the only text there is."""
    base = f"mails/{kind.template}"
    languages = (context.get("language", ""), FALLBACK_LANGUAGE)
    names = [f"{base}.{language}.{part}.txt" for language in languages if language]
    return select_template([*names, f"{base}.{part}.txt"]).render(context).strip()


def _line(line: str, main: str) -> SafeString:
    link = _LINK.match(line)
    # Only our own pages: a name that looks like a link must not become a button.
    if link and link["url"].startswith(f"{settings.BASE_URL}/"):
        look = "button" if line == main else "link"
        return format_html('<a class="{}" href="{}">{}</a>', look, link["url"], link["label"])
    return format_html("{}", line)


def as_html(text: str, context: dict[str, Any]) -> str:
    """Turn the plain text into HTML: blank lines part paragraphs, "Label: URL" is a link.

    The first link is the one button.
    """
    main = next((line for line in text.splitlines() if _LINK.match(line)), "")
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
    return render_to_string("mails/base.html", {**context, "paragraphs": paragraphs})


def render(mail: OutgoingMail, kind: MailKind) -> Rendered:
    """Render the row with the facts of this moment."""
    context = dict(kind.context(mail))
    text = _write(kind, "body", context)
    message = EmailMultiAlternatives(
        subject=" ".join(_write(kind, "subject", context).split()),
        body=text,
        to=[mail.address],
        headers={"Message-ID": mail.message_id, "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(as_html(text, context), "text/html")
    message.message()  # a header that cannot be written breaks here, not while handing over
    blanked = context | dict.fromkeys(kind.secrets, BLANKED)
    return Rendered(message, _write(kind, "body", blanked))
