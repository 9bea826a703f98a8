"""„Bist du angekommen?“: one question with four links."""

from collections.abc import Mapping
from typing import Any

from members.mails.house import ADDRESS_CHANGED, HOUSE, SAMPLE_URL, house, is_not_theirs
from members.models import Onboarding, Pulse
from members.queries import pulse as query
from members.services import pulse as service
from portal.common.outbox import kinds
from portal.common.outbox.models import OutgoingMail
from portal.common.outbox.wording import Placeholder

LINKS = {
    "ja": Pulse.Answer.YES,
    "eher_ja": Pulse.Answer.RATHER_YES,
    "eher_nein": Pulse.Answer.RATHER_NO,
    "nein": Pulse.Answer.NO,
}


def _context(mail: OutgoingMail) -> Mapping[str, Any]:
    onboarding = Onboarding.objects.select_related("person").get(pk=mail.ids["onboarding"])
    number = int(mail.ids["number"])
    return (
        house()
        | {"language": onboarding.person.language, "vorname": onboarding.person.first_name}
        | {name: service.link(onboarding.pk, number, value) for name, value in LINKS.items()}
    )


def _may_send(mail: OutgoingMail) -> str | None:
    """Asked again when it leaves: much can have changed in the days it was held back."""
    if mail.channel == OutgoingMail.Channel.LETTER:
        return "wird am Telefon gefragt"
    found = query.askable().select_related("person").filter(pk=mail.ids["onboarding"]).first()
    if found is None:
        return "wird nicht mehr gefragt"
    if is_not_theirs(mail, found.person):
        return ADDRESS_CHANGED
    pulse = found.pulses.filter(number=int(mail.ids["number"])).first()
    if pulse is None or not query.is_open(pulse):
        return "Frage nicht mehr offen"
    return "schon beantwortet" if pulse.answer else None


kinds.register(
    kinds.MailKind(
        code=query.PULSE,
        title="Bist du angekommen?",
        template="members/pulse",
        recipient="Neumitglied, nach sechs Wochen und nach sechs Monaten",
        reason="Wir fragen zweimal, ob du angekommen bist.",
        mail_class=kinds.MailClass.INVITATION,
        counts_for_cap=True,
        context=_context,
        may_send=_may_send,
        placeholders=(
            *HOUSE,
            *(
                Placeholder(
                    name,
                    f"Link zur Antwort „{value.label}“",
                    f"{SAMPLE_URL}{value}/",
                    is_needed=True,
                    is_link=True,
                )
                for name, value in LINKS.items()
            ),
        ),
        secrets=tuple(LINKS),
        bulk=True,
        keeps_quiet=True,
    )
)
