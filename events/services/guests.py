"""Guests without an account: their own words, confirmed by a link in their mail (T21)."""

from datetime import timedelta

from django.db import transaction

from events.models import Event, Registration
from events.services import mailing, places
from portal.common import audit, clock

State = Registration.State
LINK_LIVES = timedelta(hours=72)


@transaction.atomic
def ask(event: Event, name: str, email: str, wish: places.Wish) -> None:
    """Note what a guest entered and write to the address; it counts once the link is opened.

    Whoever is registered already is told so in the mail, never on the page.
    """
    event = Event.objects.select_for_update().get(pk=event.pk)
    places._refuse_if_closed(event)
    own = Registration.objects.filter(event=event, guest_email=email).first()
    own = own or Registration(event=event, guest_email=email, state=State.ASKED)
    if own._state.adding or own.state in {State.ASKED, State.CANCELLED}:
        own.state, own.guest_name, own.created_at = State.ASKED, name, clock.now()
        own.companions, own.needs, own.question = wish.companions, wish.needs, wish.question
        own.save()
    mailing.ask_guest(own)


@transaction.atomic
def confirm(own: Registration) -> Registration:
    """The guest opened the link: a place, or the line."""
    event = Event.objects.select_for_update().get(pk=own.event_id)
    own = Registration.objects.get(pk=own.pk)
    if own.state != State.ASKED:
        return own
    places._refuse_if_closed(event)
    return places._enter(
        event, own, places.Wish(own.companions, own.needs, own.question, own.offers_lift)
    )


def forget_unconfirmed() -> None:
    """Whoever never opened the link has not registered."""
    old = clock.now() - LINK_LIVES
    gone = Registration.objects.filter(state=State.ASKED, created_at__lt=old)
    for own in gone:
        audit.record("event.guest_forgotten", None, own.event)
    gone.delete()
