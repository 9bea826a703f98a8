"""The alarm of the audit log: where it breaks, and whom to speak to; nothing about anybody."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from members.mails.house import HOUSE, SAMPLE_URL, house
from members.models import Person
from members.services.audit_watch import BROKEN
from portal.common.dates import long_day
from portal.common.models import AuditCheck
from portal.common.outbox import kinds
from portal.common.outbox.models import OutgoingMail
from portal.common.outbox.wording import Placeholder


def _context(mail: OutgoingMail) -> Mapping[str, Any]:
    person = Person.objects.get(pk=mail.ids["person"])
    check = AuditCheck.objects.get(pk=mail.ids["check"])
    return house() | {
        "language": person.language,
        "vorname": person.first_name,
        "stelle": str(check.position),
        "tag": long_day(timezone.localdate(check.at)),
        "datenschutz_seite": settings.BASE_URL + reverse("dashboards:home"),
    }


def _may_send(mail: OutgoingMail) -> str | None:
    known = Person.objects.filter(pk=mail.ids["person"]).exists()
    return None if known else "Person nicht mehr im Portal"


kinds.register(
    kinds.MailKind(
        code=BROKEN,
        title="Protokoll nicht mehr unverändert",
        template="members/audit_broken",
        recipient="Datenschutz und Geschäftsstelle",
        reason="Das Protokoll wird jede Nacht geprüft, und etwas stimmt nicht.",
        mail_class=kinds.MailClass.DUTY,
        counts_for_cap=False,
        context=_context,
        may_send=_may_send,
        placeholders=(
            *HOUSE,
            Placeholder("stelle", "an welcher Stelle", "1234"),
            Placeholder("tag", "an welchem Tag", "3. Dezember"),
            Placeholder(
                "datenschutz_seite",
                "Link zum Portal",
                f"{SAMPLE_URL}portal/",
                is_needed=True,
                is_link=True,
            ),
        ),
    )
)
