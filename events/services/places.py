"""Who gets a place: register, wait, be offered one, cancel. The event's row is the lock (T33)."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from events.models import Event, Registration
from events.services import mailing
from members.models import Membership, Person
from members.models.people import former_member
from portal.common import audit, clock, quiet
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
    own = Registration.objects.filter(event=event, person=person).first()
    own = own or Registration(event=event, person=person, created_at=clock.now())
    if own.state == State.OFFERED and not (event.is_cancelled or event.is_over):
        return _take(event, own, by)
    refuse_if_closed(event)
    if own.state in {State.REGISTERED, State.WAITING}:
        return own
    own.entered_by = by if by != person else None
    return enter(event, own, wish or Wish())


def refuse_if_closed(event: Event) -> None:
    if event.is_cancelled:
        raise PlaceRefused("Dieser Termin ist abgesagt.")
    if not event.needs_registration:
        raise PlaceRefused("Hier braucht es keine Anmeldung.")
    if not event.is_open:
        raise PlaceRefused("Die Anmeldung ist schon zu. Ein Anruf lohnt sich trotzdem.")


def enter(event: Event, own: Registration, wish: Wish) -> Registration:
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
    if own.state == State.ASKED:
        own.delete()  # a stranger's entry that nobody confirmed
        return True
    own.state, own.offered_until, own.queued_at = State.CANCELLED, None, None
    own.save(update_fields=["state", "offered_until", "queued_at"])
    audit.record("event.unregistered", by.pk if by else None, event)
    fill(event)
    return True


def fill(event: Event) -> None:
    """Offer what is free to who waits longest and fits; the caller holds the event's lock."""
    if event.state != Event.State.PUBLISHED or clock.now() >= event.starts_at:
        return
    free = _free(event)
    for own in list(Registration.objects.filter(event=event).in_line()):
        if free < 1:
            return
        if own.seats <= free and _offer(event, own):
            free -= own.seats


def _offer(event: Event, own: Registration) -> bool:
    """The period begins when the mail may leave (R7); False if it is too late for that."""
    leaves = quiet.next_allowed(clock.now())
    until = min(leaves + OFFER_LIVES, event.starts_at - OFFER_ENDS_BEFORE)
    if until < leaves + SHORT_OFFER:
        return False
    own.state, own.offered_until = State.OFFERED, until
    own.save(update_fields=["state", "offered_until"])
    mailing.tell_offer(own)
    audit.record("event.offered", None, event)
    return True


@transaction.atomic
def take_offer(own: Registration) -> Registration:
    """„Ja, ich komme“: the offered place is theirs; raises PlaceRefused when it is gone."""
    event = _locked(own.event_id)
    own = Registration.objects.select_related("event").get(pk=own.pk)
    if own.state == State.REGISTERED:
        return own
    if own.state != State.OFFERED or event.is_cancelled:
        raise PlaceRefused("Dieser Platz ist schon weitergegeben.")
    return _take(event, own, own.person)


def _take(event: Event, own: Registration, by: Person | None) -> Registration:
    own.state, own.offered_until = State.REGISTERED, None
    own.entered_by = by if by != own.person else own.entered_by
    own.save(update_fields=["state", "offered_until", "entered_by"])
    audit.record("event.registered", by.pk if by else None, event)
    return own


def pass_on_offers() -> None:
    """Whoever did not answer in time loses the place, whoever is gone gives it back."""
    coming = Event.objects.filter(state=Event.State.PUBLISHED, starts_at__gt=clock.now())
    waits = Registration.objects.filter(state=State.WAITING).values("event")
    moves = Q(pk__in=waits) | Q(pk__in=_late().values("event")) | Q(pk__in=_gone().values("event"))
    for event in coming.filter(moves).order_by("pk"):
        with transaction.atomic():
            held = _locked(event.pk)
            _gone().filter(event=held).update(
                state=State.CANCELLED, queued_at=None, offered_until=None
            )
            for own in _late().filter(event=held).select_related("person", "event"):
                own.state, own.offered_until = State.CANCELLED, None
                own.save(update_fields=["state", "offered_until"])
                mailing.tell_lapsed(own)
                audit.record("event.lapsed", None, held)
            fill(held)


def _late() -> QuerySet[Registration]:
    """Whoever has no mail is called, and loses nothing before (R1)."""
    late = Registration.objects.filter(state=State.OFFERED, offered_until__lt=clock.now())
    return late.exclude(person__isnull=False, person__email="")


def _gone() -> QuerySet[Registration]:
    """Has left the party or died; to what is public everybody may come."""
    waiting = Registration.objects.filter(state__in=[*Registration.HOLDING, State.WAITING])
    left = waiting.filter(former_member(OuterRef("person")), person__isnull=False)
    died = Membership._base_manager.filter(
        person=OuterRef("person"), left_reason=Membership.LeftReason.DEATH
    )
    return left.exclude(~Q(Exists(died)), event__audience=Event.Audience.PUBLIC)


@transaction.atomic
def mark(own: Registration, came: bool | None, by: Person) -> None:
    """Tick the list at the door or afterwards; None takes it back."""
    event = _locked(own.event_id)
    own = Registration.objects.get(pk=own.pk)
    if not own.has_place:
        raise PlaceRefused("Diese Anmeldung gibt es nicht mehr.")
    if not may_tick(event):
        raise PlaceRefused("Die Liste wird erst kurz vor Beginn abgehakt.")
    own.came = came
    own.save(update_fields=["came"])
    audit.record("event.attendance", by.pk, event)


def may_tick(event: Event) -> bool:
    return not event.is_cancelled and clock.now() >= event.starts_at - TICKED_BEFORE


@transaction.atomic
def arrive(event: Event, person: Person, by: Person) -> Registration:
    """Somebody is there, registered before or not."""
    event = _locked(event.pk)
    if event.is_cancelled:
        raise PlaceRefused("Dieser Termin ist abgesagt.")
    if not event.needs_registration:
        raise PlaceRefused("Hier wird nur gezählt, wie viele da sind.")
    own = Registration.objects.filter(event=event, person=person).first() or Registration(
        event=event, person=person, created_at=clock.now()
    )
    if not own.has_place:
        own.companions, own.needs, own.question = 0, "", ""
    own.state, own.offered_until = State.REGISTERED, None
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
