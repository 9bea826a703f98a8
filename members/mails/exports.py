"""A large file left the portal: a second person is told."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from members.mails.house import HOUSE, SAMPLE_URL, house
from members.models import Person
from members.services import exports as service
from portal.common import exports
from portal.common.dates import long_day
from portal.common.models import ExportRun
from portal.common.outbox import kinds
from portal.common.outbox.models import OutgoingMail
from portal.common.outbox.wording import Placeholder


def _context(mail: OutgoingMail) -> Mapping[str, Any]:
    run = ExportRun.objects.get(pk=mail.ids["export"])
    person, by = (Person.objects.filter(pk=pk).first() for pk in (mail.recipient_key, run.made_by))
    assert person is not None  # asked in _may_send
    return house() | {
        "language": person.language,
        "vorname": person.first_name,
        "ausgegeben_von": by.full_name if by else "Jemand",
        "ausgabe": exports.title(run.code),
        "anzahl": str(run.count),
        "tag": long_day(timezone.localdate(run.made_at)),
        "ansehen": settings.BASE_URL + reverse("members:exports"),
    }


def _may_send(mail: OutgoingMail) -> str | None:
    known = Person.objects.filter(pk=mail.recipient_key).exists()
    known = known and ExportRun.objects.filter(pk=mail.ids["export"]).exists()
    return None if known else "nicht mehr im Portal"


kinds.register(
    kinds.MailKind(
        code=service.TOLD,
        title="Große Ausgabe von Daten: bitte ansehen",
        template=service.TOLD.replace(".", "/"),
        recipient="zweite Person",
        reason="Eine Datei mit mehr als 200 Menschen wurde ausgegeben; das wissen immer zwei.",
        mail_class=kinds.MailClass.DUTY,
        counts_for_cap=False,
        context=_context,
        may_send=_may_send,
        placeholders=(
            *HOUSE,
            Placeholder("ausgegeben_von", "wer die Datei ausgegeben hat", "Alex Muster"),
            Placeholder("ausgabe", "welche Datei", "Neumitglieder"),
            Placeholder("anzahl", "wie viele Personen", "240"),
            Placeholder("tag", "an welchem Tag", "3. Dezember"),
            Placeholder(
                "ansehen", "Link zum Ansehen", f"{SAMPLE_URL}ansehen/", is_needed=True, is_link=True
            ),
        ),
        mail_only=True,
    )
)
