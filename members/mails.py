"""Every mail the members app may send, with its reason and what is true when it leaves."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings

from members.models import District, Membership, Onboarding, Person
from members.services import invitations
from members.services.organisation import shown_contact
from members.services.welcome import WELCOME
from portal.common import clock, links
from portal.common.outbox import kinds, stopping
from portal.common.outbox.models import OutgoingMail

# Somebody who joined longer ago is not greeted as if it were yesterday (R4).
LATE_WELCOME = timedelta(days=92)


def _house() -> dict[str, Any]:
    district = District.current()
    return {"district": district, "base_url": settings.BASE_URL}


@stopping.veto
def never_to_the_dead(mail: OutgoingMail) -> str | None:
    """No mail and no letter of any kind reaches a family after a death (B10)."""
    died = Membership.objects.filter(
        person=mail.recipient_key, left_reason=Membership.LeftReason.DEATH
    )
    return "verstorben" if died.exists() else None


# --- Welcome --------------------------------------------------------------------------------


def _onboarding(mail: OutgoingMail) -> Onboarding:
    return Onboarding.objects.select_related("person", "responsible", "person__gliederung").get(
        pk=mail.ids["onboarding"]
    )


def welcome_context(mail: OutgoingMail) -> Mapping[str, Any]:
    """What the welcome says today: the contact and the number valid at this moment."""
    onboarding = _onboarding(mail)
    person = onboarding.person
    house = _house()
    contact = shown_contact(onboarding, house["district"].phone)
    invitation = invitations.ensure_invitation(person)
    subject = str(onboarding.pk)
    return house | {
        "language": person.language,
        "first_name": person.first_name,
        "contact": contact.person,
        "contact_phone": contact.phone,
        "joined_long_ago": onboarding.started_on < clock.today() - LATE_WELCOME,
        "milestones": list(onboarding.milestones.all()),
        "invitation_url": invitations.url(invitation),
        "nobody_called_url": links.signed_url("nobody-called", subject),
        "rather_write_url": links.signed_url("rather-write", subject),
        "german_url": links.signed_url("language-de", subject),
        "easy_url": links.signed_url("language-leicht", subject),
        "english_url": links.signed_url("language-en", subject),
    }


def welcome_may_send(mail: OutgoingMail) -> str | None:
    onboarding = Onboarding.objects.filter(pk=mail.ids["onboarding"]).first()
    if onboarding is None:
        return "Person nicht mehr im Portal"
    if onboarding.state != Onboarding.State.RUNNING:
        return "Ankommen beendet"
    ended = Membership.objects.filter(person=onboarding.person_id, has_ended=False).exists()
    return None if ended else "ausgetreten"


kinds.register(
    kinds.MailKind(
        code=WELCOME,
        title="Willkommen",
        template="members/welcome",
        recipient="Neumitglied",
        reason="Du bist Mitglied geworden.",
        mail_class=kinds.MailClass.DUTY,
        counts_for_cap=True,
        context=welcome_context,
        may_send=welcome_may_send,
        secrets=(
            "invitation_url",
            "nobody_called_url",
            "rather_write_url",
            "german_url",
            "easy_url",
            "english_url",
        ),
    )
)


def received_by(person: Person) -> list[OutgoingMail]:
    """Everything that was sent to this person, newest first, for their own page."""
    sent = OutgoingMail.objects.filter(recipient_key=person.pk, state=OutgoingMail.State.SENT)
    return list(sent.exclude(kind__startswith="account.").order_by("-sent_at"))
