"""How the sides of a tandem reach each other, once both have said yes."""

from members.models import Contact, Person, Tandem
from members.queries.meldungen import Way, way_to
from members.services.reference import MESSENGER
from portal.common import consents

THEY_CALL = Way("meldet sich bei dir", "", "", "")


def way_from(reader: Person, tandem: Tandem, other: Person) -> Way:
    """The channel somebody chose; of a mentor only after a first personal talk with us (R12)."""
    is_newcomer = reader.pk == tandem.newcomer_id
    if is_newcomer and not has_talked(reader):
        return THEY_CALL
    return way_to(other, consents.holds(other.pk, MESSENGER))


def has_talked(newcomer: Person) -> bool:
    talks = Contact.objects.filter(onboarding__person=newcomer, result=Contact.Result.REACHED)
    return talks.exists()
