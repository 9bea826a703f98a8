"""What is written to whom about an event: ids into the outbox, never texts."""

from collections.abc import Iterable
from datetime import timedelta

from events.models import Event, Registration
from portal.common import clock, quiet
from portal.common.outbox import services as outbox
from portal.common.outbox.models import OutgoingMail

INVITATION = "events.invitation"
REGISTERED = "events.registered"
OFFER = "events.offer"
LAPSED = "events.lapsed"
CHANGED = "events.changed"
CANCELLED = "events.cancelled"
REMINDER = "events.reminder"
THANKS = "events.thanks"
GUEST = "events.guest"
State = Registration.State
# Who hears of a new time, or that it is off.
CONCERNED = (State.REGISTERED, State.WAITING, State.OFFERED)
# Nothing of this is missed at seven in the morning.
CAN_WAIT = frozenset({INVITATION, OFFER, LAPSED, REMINDER, THANKS})
# Too late on paper: whoever has no mail is called.
NO_LETTER = frozenset({OFFER, LAPSED, REMINDER, THANKS})
THANKED_WITHIN = timedelta(days=3)


def _draft(kind: str, own: Registration, key: str, ids: dict[str, str]) -> list[outbox.Draft]:
    """A letter for members without mail; guests have one, and nothing else is known of them."""
    address, street = own.guest_email, ""
    if own.person:
        address, street = own.person.email, own.person.street
    if not address and (not street or kind in NO_LETTER):
        return []
    channel = OutgoingMail.Channel.MAIL if address else OutgoingMail.Channel.LETTER
    return [
        outbox.Draft(
            kind=kind,
            recipient_key=own.person_id or own.pk,
            address=address,
            dedupe_key=f"{kind}:{own.pk.hex}{key}",
            ids={"registration": str(own.pk)} | ids,
            channel=channel,
        )
    ]


def _tell(kind: str, found: Iterable[Registration], key: str = "", **ids: str) -> int:
    drafts = [draft for own in found for draft in _draft(kind, own, key, ids)]
    if drafts:
        outbox.queue(*drafts)
    return len(drafts)


def _of(event: Event, *states: str) -> Iterable[Registration]:
    found = Registration.objects.filter(event=event, state__in=states)
    return found.select_related("person", "event").order_by("created_at", "pk")


def invite(found: Iterable[Registration]) -> int:
    return _tell(INVITATION, found)


def _now() -> str:
    return f":{clock.now().timestamp():.6f}"


def tell_registered(own: Registration) -> None:
    _tell(REGISTERED, [own], _now())


def tell_offer(own: Registration) -> None:
    _tell(OFFER, [own], _now())


def tell_lapsed(own: Registration) -> None:
    _tell(LAPSED, [own], _now())


def ask_guest(own: Registration) -> None:
    """Once a day at most, however often somebody enters this address."""
    _tell(GUEST, [own], f":{clock.today()}")


def tell_changed(event: Event) -> None:
    told = str(event.sequence)
    _tell(CHANGED, _of(event, *CONCERNED), f":{told}", sequence=told)


def tell_cancelled(event: Event) -> None:
    _tell(CANCELLED, _of(event, *CONCERNED), f":{event.sequence}")


def remind() -> None:
    """Once before each event, and again if it was moved."""
    now = clock.now()
    rows = Event.objects.filter(state=Event.State.PUBLISHED, starts_at__gt=now)
    for event in rows.filter(starts_at__lt=now + timedelta(days=8)).select_related("kind"):
        due = event.starts_at - timedelta(hours=event.kind.reminder_hours)
        if quiet.next_allowed(due) > event.starts_at - timedelta(hours=2):
            due -= timedelta(days=2)  # a Sunday or holiday is in between
        if due <= now:
            key = f":{event.starts_at.timestamp():.0f}"
            _tell(REMINDER, _not_lately(_of(event, State.REGISTERED)), key)


def _not_lately(found: Iterable[Registration]) -> Iterable[Registration]:
    """Whoever has just registered knows when it is."""
    return (own for own in found if clock.now() - (own.queued_at or own.created_at) > FRESH)


FRESH = timedelta(hours=6)


def thank() -> None:
    """The day after, to whoever came: thanks, and the questions of its kind (F3)."""
    now = clock.now()
    over = Event.objects.filter(
        state=Event.State.PUBLISHED, ends_at__gt=now - THANKED_WITHIN, ends_at__lt=now
    )
    for event in over.exclude(kind__questions=[]):
        came = Registration.objects.filter(event=event, came=True)
        _tell(THANKS, came.select_related("person", "event"))
