"""What every text may use, and who gets no mail at all."""

from typing import Any

from django.conf import settings

from members.models import District, Membership, Person
from members.services import objections
from portal.common.outbox import kinds, stopping
from portal.common.outbox.models import OutgoingMail
from portal.common.outbox.wording import Placeholder


def house() -> dict[str, Any]:
    """What every text may use."""
    district = District.current()
    return {
        "geschaeftsstelle": district.office_name,
        "geschaeftsstelle_telefon": district.phone,
        "geschaeftsstelle_adresse": f"{district.street}, {district.city}",
        "impressum": f"{settings.BASE_URL}/impressum/",
    }


ADDRESS_CHANGED = "Adresse inzwischen geändert"
SAMPLE_URL = f"{settings.BASE_URL}/beispiel/"
FIRST_NAME = Placeholder("vorname", "Vorname der Person", "Kim")
HOUSE = (
    FIRST_NAME,
    Placeholder("geschaeftsstelle", "Name der Geschäftsstelle", "Geschäftsstelle Beispiel"),
    Placeholder("geschaeftsstelle_telefon", "Telefon der Geschäftsstelle", "0511 0000000"),
    Placeholder(
        "geschaeftsstelle_adresse",
        "Adresse der Geschäftsstelle",
        "Musterstraße 1, 30159 Hannover",
    ),
    Placeholder(
        "impressum",
        "Link zu Impressum und Datenschutz",
        f"{settings.BASE_URL}/impressum/",
        is_link=True,
    ),
)
INVITATION_LINK = Placeholder(
    "einladung", "Link zur eigenen Seite", f"{SAMPLE_URL}einladung/", is_needed=True, is_link=True
)


def is_not_theirs(mail: OutgoingMail, person: Person) -> bool:
    """Was this addressed before the address was corrected? Its link would let a stranger in."""
    is_mail = mail.channel == OutgoingMail.Channel.MAIL
    return is_mail and mail.address.lower() != person.email.lower()


@stopping.veto
def never_to_the_dead(mail: OutgoingMail) -> str | None:
    """No mail and no letter of any kind reaches a family after a death (B10)."""
    died = Membership.objects.filter(
        person=mail.recipient_key, left_reason=Membership.LeftReason.DEATH
    )
    return "verstorben" if died.exists() else None


@stopping.veto
def never_invite_who_wants_no_contact(mail: OutgoingMail) -> str | None:
    """„Möchte keinen Kontakt“ ends every invitation; what was asked for or must be known comes."""
    kind = kinds.find(mail.kind)
    if kind is None or kind.mail_class is not kinds.MailClass.INVITATION:
        return None
    quiet = Person.objects.filter(pk=mail.recipient_key, no_contact_since__isnull=False)
    return "möchte keinen Kontakt" if quiet.exists() else None


@stopping.veto
def never_what_somebody_objected_to(mail: OutgoingMail) -> str | None:
    """Holds for a kind, too, that did not exist when they said so (Art. 21)."""
    kind = kinds.find(mail.kind)
    if kind is None or not objections.stops(mail.recipient_key, kind):
        return None
    return "hat widersprochen"
