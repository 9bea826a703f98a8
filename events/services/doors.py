"""The code at the door: good from shortly before an event until it is over."""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse

from events.models import Event
from portal.common import clock

SALT = "door"
OPENS = timedelta(hours=2)
CLOSES = timedelta(hours=6)


def url(event: Event) -> str:
    token = signing.dumps(event.pk.hex, salt=SALT, compress=False)
    return settings.BASE_URL + reverse("events:arrive", args=[token])


def find(token: str) -> Event | None:
    """The event of a code; None for a forged one."""
    try:
        pk = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError):
        return None
    return Event.objects.filter(pk=pk).exclude(state=Event.State.DRAFT).first()


def is_open(event: Event) -> bool:
    return event.starts_at - OPENS <= clock.now() <= event.ends_at + CLOSES
