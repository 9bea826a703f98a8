"""What the members app puts on somebody's list "Zu tun"."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.urls import reverse

from members import policies
from members.models import Person
from members.queries import newcomers
from portal.common.todos import Todo, register


@register("call")
def calls(user: Any, today: date) -> Iterable[Todo]:
    """The calls of this week, three at most."""
    for onboarding in newcomers.heute(user).calls:
        yield Todo(
            key=f"call:{onboarding.pk}",
            kind="call",
            title=_call(onboarding),
            due_on=onboarding.next_due_on,
            url=reverse("members:newcomer", args=[onboarding.pk]),
            person=str(onboarding.person_id),
        )


def _call(onboarding: Any) -> str:
    name = onboarding.person.first_name
    if onboarding.mail_came_back:
        return f"Eine Mail an {name} kam nicht an, bitte ruf an"
    return f"{name} freut sich auf deinen Anruf"


@register("undecided")
def undecided(user: Any, today: date) -> Iterable[Todo]:
    """One item for the whole inbox, not one per row."""
    if not policies.can_import(user):
        return
    count = Person.objects.visible_to(user).exclude(open_question="").count()
    if count:
        yield Todo(
            key="undecided",
            kind="undecided",
            title="Eine Zuordnung ist offen" if count == 1 else f"{count} Zuordnungen sind offen",
            due_on=today,
            url=reverse("members:undecided"),
        )
