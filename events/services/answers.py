"""What people say about events on the phone (R1)."""

from typing import Any

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery

from events.models import Event, Registration
from events.services import places
from members.models import Person, PhoneAnswer, User
from members.services import answers
from portal.common import audit, clock
from portal.common.scope import scope

BY_PHONE = answers.register(
    answers.Answer(
        "termine",
        "Termine: kommt oder kommt nicht",
        list,  # asked on a page of its own (events:by_phone): there is no short list
        lambda _person: None,
        lambda _person, _value, _by: None,
        links=("event-yes", "event-no", "event-take", "event-cancel"),
        pages=("events:register", "events:unregister", "events:arrive"),
    )
)


def open_to(person: Person) -> QuerySet[Any]:
    """What this person could come to, with what they said so far."""
    own = Registration._base_manager.filter(event=OuterRef("pk"), person=person)
    seen = Event.objects.visible_to(User(person=person))
    rows = seen.filter(state=Event.State.PUBLISHED, needs_registration=True).coming()
    found = rows.select_related("kind", "gliederung__level", "kommune")
    return found.annotate(own_state=Subquery(own.values("state")[:1])).order_by("starts_at", "pk")


@transaction.atomic
@scope("system:events")
def enter(event: Event, person: Person, by: Person, *, comes: bool) -> None:
    """Register or cancel for somebody, who sees when and by whom."""
    if comes:
        places.register(event, person, by)
    elif own := Registration.objects.filter(event=event, person=person).first():
        places.cancel(event, own, by)
    PhoneAnswer.objects.create(
        person=person, code=BY_PHONE.code, entered_by=by, entered_at=clock.now()
    )
    audit.record("answer.by_phone", by.pk, person, [BY_PHONE.code])
