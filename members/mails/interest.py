"""The one mail to an address that nobody has confirmed yet (T18)."""

from collections.abc import Mapping
from typing import Any

from members.mails.house import FIRST_NAME, HOUSE, SAMPLE_URL, house
from members.models import Interest
from members.services import interest
from portal.common.outbox import kinds
from portal.common.outbox.models import OutgoingMail
from portal.common.outbox.wording import Placeholder


def _interest(mail: OutgoingMail) -> Interest | None:
    return Interest.objects.filter(pk=mail.ids["interest"]).first()


def _context(mail: OutgoingMail) -> Mapping[str, Any]:
    found = Interest.objects.get(pk=mail.ids["interest"])
    return house() | {"language": found.language, "bestaetigen": interest.url(found)}


def _may_send(mail: OutgoingMail) -> str | None:
    found = _interest(mail)
    if found is None or found.state != Interest.State.NEW:
        return "nicht mehr nötig"
    # Where this person lives, nobody knows.
    return "kein Brief ohne Anschrift" if mail.channel == OutgoingMail.Channel.LETTER else None


kinds.register(
    kinds.MailKind(
        code=interest.CONFIRM,
        title="„Ich will mitmachen“: Adresse bestätigen",
        template=interest.CONFIRM.replace(".", "/"),
        recipient="wer das Formular abgeschickt hat",
        reason="Jemand hat mit dieser Adresse „Ich will mitmachen“ ausgefüllt.",
        mail_class=kinds.MailClass.REQUESTED,
        counts_for_cap=False,
        context=_context,
        may_send=_may_send,
        # Nothing a stranger typed stands in it: so it cannot carry their words to others (T17).
        placeholders=(
            *(placeholder for placeholder in HOUSE if placeholder is not FIRST_NAME),
            Placeholder(
                "bestaetigen",
                "Link zum Bestätigen",
                f"{SAMPLE_URL}bestaetigen/",
                is_needed=True,
                is_link=True,
            ),
        ),
        secrets=("bestaetigen",),
        keep_body=False,
    )
)
