"""The invitation to become a mentor: from the office to one member."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse

from members.mails.house import ADDRESS_CHANGED, HOUSE, SAMPLE_URL, house, is_not_theirs
from members.models import Person
from members.services import mentors, tandem_mail
from portal.common.outbox import kinds
from portal.common.outbox.models import OutgoingMail
from portal.common.outbox.wording import Placeholder


def _context(mail: OutgoingMail) -> Mapping[str, Any]:
    person = Person.objects.get(pk=mail.recipient_key)
    is_mail = mail.channel == OutgoingMail.Channel.MAIL
    page = settings.BASE_URL + reverse("members:mentor_new") if is_mail else ""
    return house() | {"language": person.language, "vorname": person.first_name, "seite": page}


def _may_send(mail: OutgoingMail) -> str | None:
    person = Person.objects.filter(pk=mail.recipient_key).first()
    if person is None:
        return "Person nicht mehr im Portal"
    if mentors.of(person):
        return "ist schon dabei"
    return ADDRESS_CHANGED if is_not_theirs(mail, person) else None


kinds.register(
    kinds.MailKind(
        code=tandem_mail.INVITED,
        title="Einladung, Mentor:in zu werden",
        template="members/mentor_invited",
        recipient="Mitglied, das andere begleiten könnte",
        reason="Wir glauben, dass du jemandem helfen kannst, der neu ist.",
        mail_class=kinds.MailClass.INVITATION,
        counts_for_cap=True,
        context=_context,
        may_send=_may_send,
        placeholders=(
            *HOUSE,
            Placeholder(
                "seite", "Link zum Aufruf", f"{SAMPLE_URL}seite/", is_link=True, may_be_empty=True
            ),
        ),
        keeps_quiet=True,
    )
)
