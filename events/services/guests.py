"""Guests without an account: their own words, confirmed by a link in their mail (T21)."""

from datetime import timedelta
from typing import Any

from django.db import transaction

from events.models import Event, Registration
from events.services import mailing, places
from members.services.erasure import erase_companions
from portal.common import clock

State = Registration.State
LINK_LIVES = timedelta(hours=72)
# Of the whole house within an hour; more is somebody's program.
MOST_ASKED = 60


@transaction.atomic
def ask(event: Event, name: str, email: str, wish: places.Wish) -> None:
    """Note what a guest entered and write to the address; it counts once the link is opened.

    Whoever is registered already is told so in the mail, never on the page.
    """
    event = Event.objects.select_for_update().get(pk=event.pk)
    places.refuse_if_closed(event)
    lately = clock.now() - timedelta(hours=1)
    if Registration.objects.filter(state=State.ASKED, created_at__gt=lately).count() >= MOST_ASKED:
        raise places.PlaceRefused(
            "Gerade melden sich sehr viele an. Bitte versuchen Sie es in einer Stunde noch einmal."
        )
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
    places.refuse_if_closed(event)
    return places.enter(
        event, own, places.Wish(own.companions, own.needs, own.question, own.offers_lift)
    )


def forget_unconfirmed() -> None:
    """Whoever never opened the link has not registered."""
    old = clock.now() - LINK_LIVES
    forget(Registration.objects.filter(state=State.ASKED, created_at__lt=old).values_list("pk"))


@transaction.atomic
def forget(registrations: Any, rule: str = "") -> int:
    """Delete registrations, of guests with the mails to their address; returns how many."""
    found = Registration.objects.filter(pk__in=registrations)
    erase_companions(list(found.filter(person=None).values_list("pk", flat=True)))
    return found.delete()[1].get("events.Registration", 0)
