"""Mails that only say: this was done to your login. Nothing to tap, nothing secret."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from members.mails.house import HOUSE, house
from members.models import Person
from members.services import notices
from portal.common.dates import long_day
from portal.common.outbox import kinds
from portal.common.outbox.models import OutgoingMail
from portal.common.outbox.wording import Placeholder

WHEN = (
    Placeholder("tag", "an welchem Tag", "3. Dezember"),
    Placeholder("uhrzeit", "um welche Uhrzeit", "18:05"),
)


def _context(mail: OutgoingMail) -> Mapping[str, Any]:
    person = Person.objects.get(pk=mail.ids["person"])
    done_at = timezone.localtime(mail.created_at)
    return house() | {
        "language": person.language,
        "vorname": person.first_name,
        "tag": long_day(done_at.date()),
        "uhrzeit": f"{done_at:%H:%M}",
    }


def _may_send(mail: OutgoingMail) -> str | None:
    known = Person.objects.filter(pk=mail.ids["person"]).exists()
    return None if known else "Person nicht mehr im Portal"


for _code, _title, _recipient, _reason in (
    (
        notices.FACTOR_ADDED,
        "Neuer zweiter Faktor",
        "wem der Zugang gehört",
        "In deinem Zugang wurde ein zweiter Faktor eingerichtet.",
    ),
    (
        notices.ADDRESS_CHANGED,
        "E-Mail-Adresse geändert",
        "wer ein Amt hat, an die alte Adresse",
        "Deine E-Mail-Adresse wurde im Portal geändert.",
    ),
):
    kinds.register(
        kinds.MailKind(
            code=_code,
            title=_title,
            template=_code.replace(".", "/"),
            recipient=_recipient,
            reason=_reason,
            mail_class=kinds.MailClass.DUTY,
            counts_for_cap=False,
            context=_context,
            may_send=_may_send,
            placeholders=(*HOUSE, *WHEN),
        )
    )
