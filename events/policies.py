"""May this user do this with an event? Whether they see it, was asked before."""

from events.models import Event
from members.models import Gliederung, User


def can_plan(user: User) -> bool:
    """Announce something for some Gliederung."""
    return user.can("events.manage")


def can_plan_for(user: User, gliederung: Gliederung) -> bool:
    return user.can("events.manage", gliederung)


def can_lead(user: User, event: Event) -> bool:
    """Change it and see who comes: the Gliederung's offices, and who was asked by name."""
    return Event.objects.led_by(user).filter(pk=event.pk).exists()
