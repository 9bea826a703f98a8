"""Who gets a place: register, wait, be offered one, cancel. The event's row is the lock (T33)."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from events.models import Event, Registration
from events.services import mailing
from members.models import Person
from portal.common import audit, clock
from portal.common.errors import DomainError

State = Registration.State
# So long a freed place is kept, and never into the last hours before the beginning.
OFFER_LIVES = timedelta(hours=48)
OFFER_ENDS_BEFORE = timedelta(hours=3)
SHORT_OFFER = timedelta(hours=2)
TICKED_BEFORE = timedelta(hours=2)


class PlaceRefused(DomainError):
    """No registration any more, or not like this."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody says with a registration."""

    companions: int = 0
    needs: str = ""
    question: str = ""
    offers_lift: bool = False


def _locked(event: UUID) -> Event:
    return Event.objects.select_for_update().get(pk=event)


@transaction.atomic
def register(event: Event, person: Person, by: Person, wish: Wish | None = None) -> Registration:
    """Take a place or the last place in the line; twice is the same as once."""
    event = _locked(event.pk)
    _refuse_if_closed(event)
    own = Registration.objects.filter(event=event, person=person).first()
    own = own or Registration(event=event, person=person, created_at=clock.now())
    if own.state == State.OFFERED:
        return _take(event, own)
    if own.state in {State.REGISTERED, State.WAITING}:
        return own
    own.entered_by = by if by != person else None
    return _enter(event, own, wish or Wish())


def _refuse_if_closed(event: Event) -> None:
    if event.is_cancelled:
        raise PlaceRefused("Dieser Termin ist abgesagt.")
    if not event.needs_registration:
        raise PlaceRefused("Hier braucht es keine Anmeldung. Komm einfach vorbei.")
    if not event.is_open:
        raise PlaceRefused("Die Anmeldung ist schon zu. Ruf gern noch kurz an.")


def _enter(event: Event, own: Registration, wish: Wish) -> Registration:
    own.companions, own.needs, own.question = wish.companions, wish.needs, wish.question
    own.offers_lift = wish.offers_lift
    own.queued_at, own.offered_until, own.came = clock.now(), None, None
    if event.capacity is not None and own.seats > event.capacity:
        raise PlaceRefused(f"Es gibt nur {event.capacity} Plätze.")
    waits = Registration.objects.filter(event=event).in_line().exists()
    own.state = State.WAITING if waits or own.seats > _free(event) else State.REGISTERED
    own.save()
    mailing.tell_registered(own)
    audit.record("event.registered", own.entered_by_id or own.person_id, event)
    return own


def _free(event: Event) -> int:
    """Seats nobody has; without a capacity there is always one more."""
    if event.capacity is None:
        return 10**6
    return event.capacity - Registration.objects.filter(event=event).holding().seats()


@transaction.atomic
def cancel(event: Event, own: Registration, by: Person | None) -> bool:
    """Give the place back; the next in line is asked. False when there was none."""
    event = _locked(event.pk)
    own = Registration.objects.get(pk=own.pk)
    if own.state == State.CANCELLED or event.is_over:
        return False
    own.state, own.offered_until, own.queued_at = State.CANCELLED, None, None
    own.save(update_fields=["state", "offered_until", "queued_at"])
    audit.record("event.unregistered", by.pk if by else None, event)
    fill(event)
    return True


def fill(event: Event) -> None:
    """Offer what is free to who waits longest and fits; the caller holds the event's lock."""
    if not event.is_open:
        return
    free = _free(event)
    for own in list(Registration.objects.filter(event=event).in_line()):
        if free < 1:
            return
        if own.seats <= free:
            free -= own.seats
            _offer(event, own)


def _offer(event: Event, own: Registration) -> None:
    now = clock.now()
    until = min(now + OFFER_LIVES, event.starts_at - OFFER_ENDS_BEFORE)
    own.state, own.offered_until = State.OFFERED, max(until, now + SHORT_OFFER)
    own.save(update_fields=["state", "offered_until"])
    mailing.tell_offer(own)


@transaction.atomic
def take_offer(own: Registration) -> Registration:
    """„Ja, ich komme“: the offered place is theirs; raises PlaceRefused when it is gone."""
    event = _locked(own.event_id)
    own = Registration.objects.select_related("event").get(pk=own.pk)
    if own.state == State.REGISTERED:
        return own
    if own.state != State.OFFERED or event.is_cancelled:
        raise PlaceRefused("Dieser Platz ist schon weitergegeben.")
    return _take(event, own)


def _take(event: Event, own: Registration) -> Registration:
    own.state, own.offered_until = State.REGISTERED, None
    own.save(update_fields=["state", "offered_until"])
    audit.record("event.registered", own.person_id, event)
    return own


def pass_on_offers() -> None:
    """Whoever did not answer in time waits at the end; the next in line is asked."""
    now = clock.now()
    late = Registration.objects.filter(state=State.OFFERED, offered_until__lt=now)
    for event in Event.objects.filter(pk__in=late.values("event")).order_by("pk"):
        with transaction.atomic():
            held = _locked(event.pk)
            for own in late.filter(event=held):
                own.state, own.offered_until = State.CANCELLED, None
                own.save(update_fields=["state", "offered_until"])
                mailing.tell_lapsed(own)
            fill(held)


@transaction.atomic
def mark(own: Registration, came: bool | None, by: Person) -> None:
    """Tick the list at the door or afterwards; None takes it back."""
    if not may_tick(own.event):
        raise PlaceRefused("Die Liste wird erst kurz vor Beginn abgehakt.")
    own.came = came
    own.save(update_fields=["came"])
    audit.record("event.attendance", by.pk, own.event)


def may_tick(event: Event) -> bool:
    return not event.is_cancelled and clock.now() >= event.starts_at - TICKED_BEFORE


@transaction.atomic
def arrive(event: Event, person: Person, by: Person) -> Registration:
    """Somebody is there, registered before or not."""
    event = _locked(event.pk)
    if event.is_cancelled:
        raise PlaceRefused("Dieser Termin ist abgesagt.")
    own = Registration.objects.filter(event=event, person=person).first() or Registration(
        event=event, person=person, created_at=clock.now()
    )
    own.state, own.event = State.REGISTERED, event
    own.entered_by = by if by != person else own.entered_by
    own.save()
    mark(own, True, by)
    return own


def overlapping(event: Event, person: Person) -> Event | None:
    """Something else this person has said yes to at the same time."""
    own = Registration.objects.filter(person=person).holding().values("event")
    others = Event.objects.filter(pk__in=own, state=Event.State.PUBLISHED).exclude(pk=event.pk)
    at_once = others.filter(starts_at__lt=event.ends_at, ends_at__gt=event.starts_at)
    return at_once.order_by("starts_at").first()
