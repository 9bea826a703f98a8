"""The last word after three attempts: nobody pushes any more, the way back is one tap (R3)."""

from collections.abc import Mapping
from typing import Any

from members.mails.house import ADDRESS_CHANGED, HOUSE, SAMPLE_URL, house, is_not_theirs
from members.models import Membership, Milestone, Onboarding
from members.queries.responsible import shown_contact
from members.services.onboarding import LAST_LETTER
from portal.common import links
from portal.common.outbox import kinds
from portal.common.outbox.models import OutgoingMail
from portal.common.outbox.wording import Placeholder


def _onboarding(mail: OutgoingMail) -> Onboarding | None:
    found = Onboarding.objects.select_related("person", "responsible", "person__gliederung")
    return found.filter(pk=mail.ids["onboarding"]).first()


def context(mail: OutgoingMail) -> Mapping[str, Any]:
    """Whoever would be called, and the number valid at this moment."""
    onboarding = _onboarding(mail)
    assert onboarding is not None  # may_send was asked before
    person, common = onboarding.person, house()
    contact = shown_contact(onboarding, common["geschaeftsstelle_telefon"])
    on_paper = mail.channel == OutgoingMail.Channel.LETTER
    return common | {
        "language": person.language,
        "vorname": person.first_name,
        "nachname": person.family_name if person.given_name else "",
        "ansprechperson": contact.person.full_name if contact.person else "",
        "ansprechperson_telefon": contact.phone if contact.person else "",
        "noch_einmal": "" if on_paper else links.signed_url("call-again", str(onboarding.pk)),
    }


def may_send(mail: OutgoingMail) -> str | None:
    """Not any more if somebody was reached, has left, or has asked for another call."""
    onboarding = _onboarding(mail)
    if onboarding is None:
        return "Person nicht mehr im Portal"
    if onboarding.state == Onboarding.State.CLOSED:
        return "Ankommen beendet"
    if is_not_theirs(mail, onboarding.person):
        return ADDRESS_CHANGED
    if onboarding.person.no_contact_since:
        return "möchte keinen Kontakt"
    if not Membership.objects.filter(person=onboarding.person_id, has_ended=False).exists():
        return "ausgetreten"
    given_up = onboarding.milestones.filter(state=Milestone.State.UNREACHED)
    return None if given_up.exists() else "inzwischen erreicht"


kinds.register(
    kinds.MailKind(
        code=LAST_LETTER,
        title="Wir haben dich nicht erreicht",
        template="members/last_letter",
        recipient="Neumitglied",
        reason="Wir haben dich dreimal nicht erreicht und versuchen es nicht weiter.",
        mail_class=kinds.MailClass.DUTY,
        counts_for_cap=True,
        context=context,
        may_send=may_send,
        placeholders=(
            *HOUSE,
            Placeholder("nachname", "Nachname der Person", "Beispiel", may_be_empty=True),
            Placeholder(
                "ansprechperson", "Name der Ansprechperson", "Alex Muster", may_be_empty=True
            ),
            Placeholder(
                "ansprechperson_telefon",
                "Telefonnummer, die die Ansprechperson zeigen will",
                "0511 1111111",
                may_be_empty=True,
            ),
            Placeholder(
                "noch_einmal",
                "Link „Bitte ruft mich noch einmal an“",
                f"{SAMPLE_URL}noch-einmal/",
                is_needed=True,
                is_link=True,
            ),
        ),
        secrets=("noch_einmal",),
    )
)
