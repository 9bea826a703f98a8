"""„Komm mit“: a member's card, and what its owner learns (R26)."""

from django.db import transaction

from members.models import Card, Interest, Person
from members.models.interest import new_card_code
from portal.common import audit, clock


@transaction.atomic
def make(person: Person) -> Card:
    """Give a card, or a new one: whoever holds the old one leads nobody to this person any more."""
    card, _ = Card.objects.update_or_create(
        person=person,
        defaults={"code": new_card_code(), "made_on": clock.today()},
    )
    audit.record("card.made", person.pk, person)
    return card


def told(person: Person) -> list[str]:
    """First names of those who came by this card and ticked that its owner may know."""
    reached = [Interest.State.CONFIRMED, Interest.State.JOINED]
    found = Interest.objects.filter(invited_by=person, tell_inviter=True, state__in=reached)
    return list(found.order_by("confirmed_at").values_list("given_name", flat=True))
