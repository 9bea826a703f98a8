"""Leaves: one use case each."""

from events.services import guests, mailing, places
from portal.common.periodic import periodic


@periodic("events.pass_on_offers")
def pass_on_offers() -> None:
    places.pass_on_offers()


@periodic("events.remind")
def remind() -> None:
    """Reminders before, thanks after; whoever never confirmed is forgotten."""
    mailing.remind()
    mailing.thank()
    guests.forget_unconfirmed()
