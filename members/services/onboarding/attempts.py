"""When trying ends: three attempts on two channels over two weeks, then one last letter (R3)."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Max

from members.models import Contact, Milestone, Onboarding, Step
from portal.common import clock
from portal.common.outbox import addresses
from portal.common.outbox import services as outbox
from portal.common.outbox.models import OutgoingMail

LAST_LETTER = "members.last_letter"
ATTEMPTS = 3
CHANNELS = 2
OVER = timedelta(days=14)
Attempt = tuple[date, str]  # the day and the kind
Kind, Result = Contact.Kind, Contact.Result
# Two visits are one way of trying, whatever they are called.
CHANNEL = {
    Kind.CALL: "phone",
    Kind.VIDEO: "video",
    Kind.MESSENGER: "messenger",
    Kind.EMAIL: "mail",
    Kind.LETTER: "letter",
    Kind.MEETING: "person",
    Kind.VISIT: "person",
    Kind.EVENT: "person",
}


def give_up_if_tried_enough(contact: Contact, milestone: Milestone) -> None:
    """Close the open talk as „nicht erreicht“ when this attempt was the last one needed."""
    onboarding = contact.onboarding
    heard = _last_heard(contact)
    attempts = _tried(contact, milestone, heard)
    if len(attempts) < ATTEMPTS or len(_channels(attempts)) < CHANNELS:
        return
    if attempts[-1][0] - attempts[0][0] < OVER:
        return
    milestone.state, milestone.closed_by = Milestone.State.UNREACHED, contact
    milestone.save(update_fields=["state", "closed_by"])
    onboarding.asked_for_call_at = None
    onboarding.follow_up_on = None
    _queue_last_letter(contact, heard)


def needs_another_way(contact: Contact) -> bool:
    """Has everything so far been tried in one way, so that trying on would never end?"""
    contacts = contact.onboarding.milestones.open().filter(kind=Step.Kind.CONTACT)
    milestone = contacts.filter(opens_on__lte=contact.made_on).first()
    if milestone is None or contact.result != Result.NOT_REACHED:
        return False
    attempts = _tried(contact, milestone, _last_heard(contact))
    return len(attempts) >= CHANNELS and len(_channels(attempts)) < CHANNELS


def _tried(contact: Contact, milestone: Milestone, heard: datetime | None) -> list[Attempt]:
    """Attempts in vain for this promise, since anything was heard."""
    since = max(filter(None, (heard, _last_given_up(contact))), default=None)
    tried = contact.onboarding.contacts.filter(
        result=Result.NOT_REACHED, made_on__gte=milestone.opens_on
    )
    if since:
        tried = tried.filter(created_at__gt=since)
    return list(tried.order_by("made_on").values_list("made_on", "kind"))


def _channels(attempts: list[Attempt]) -> set[str]:
    return {CHANNEL[Kind(kind)] for _, kind in attempts}


def _last_heard(contact: Contact) -> datetime | None:
    """The last sign of life: they answered, or asked to be called."""
    contacts = contact.onboarding.contacts.exclude(result=Result.NOT_REACHED)
    answered: datetime | None = contacts.aggregate(at=Max("created_at"))["at"]
    return max(filter(None, (answered, contact.onboarding.asked_for_call_at)), default=None)


def _last_given_up(contact: Contact) -> datetime | None:
    """What has closed one promise does not close the next as well."""
    given_up = contact.onboarding.contacts.filter(closed__state=Milestone.State.UNREACHED)
    at: datetime | None = given_up.aggregate(at=Max("created_at"))["at"]
    return at


def _queue_last_letter(contact: Contact, heard: datetime | None) -> None:
    """Once for each silence; held as long as a welcome, so that undo can take it back."""
    person = contact.onboarding.person
    silent_since = f"{heard:%Y%m%d%H%M%S}" if heard else "never"
    outbox.queue(
        outbox.Draft(
            kind=LAST_LETTER,
            recipient_key=person.pk,
            address=person.email,
            dedupe_key=f"{LAST_LETTER}:{contact.onboarding_id}:{silent_since}",
            ids={"onboarding": str(contact.onboarding_id), "contact": str(contact.pk)},
            channel=addresses.channel_for(person.email),
            not_before=clock.now() + timedelta(minutes=settings.WELCOME_HOLD_MINUTES),
        )
    )


def take_back_last_letter(onboarding: Onboarding, contact: UUID | None = None) -> None:
    """What has not left stays here; deleted, so that a later last letter can be written."""
    waiting = OutgoingMail.objects.select_for_update(skip_locked=True).filter(
        kind=LAST_LETTER,
        recipient_key=onboarding.person_id,
        state=OutgoingMail.State.QUEUED,
        batch=None,
    )
    if contact:
        waiting = waiting.filter(ids__contact=str(contact))
    OutgoingMail.objects.filter(pk__in=list(waiting.values_list("pk", flat=True))).delete()
