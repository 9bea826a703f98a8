"""Turning up can count as the personal talk: by a tick, never by itself (F1)."""

from events.models import Registration
from members.models import Contact, Onboarding, User
from members.policies import can_log_contact
from members.services.onboarding import Talk, log_contact
from portal.common.errors import DomainError


def count_as_talk(own: Registration, user: User) -> None:
    """Log it for the newcomer's promises; a second tap changes nothing."""
    running = Onboarding.objects.running().filter(person=own.person_id).select_related("person")
    onboarding = running.first()
    if not own.came or onboarding is None or not can_log_contact(user, onboarding):
        raise DomainError("Das kann nur eintragen, wer sich um dieses Neumitglied kümmert.")
    talk = Talk(Contact.Kind.EVENT, Contact.Result.REACHED, own.pk)
    log_contact(onboarding, user.person, talk)
