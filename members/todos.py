"""What the members app puts on somebody's list "Zu tun"."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.urls import reverse

from members import policies
from members.models import Person
from members.queries import newcomers, offices
from portal.common.todos import Todo, register


@register("call")
def calls(user: Any, today: date) -> Iterable[Todo]:
    """The calls of this week, three at most."""
    for onboarding in newcomers.heute(user).calls:
        yield Todo(
            key=f"call:{onboarding.pk}",
            kind="call",
            title=f"{onboarding.person.first_name} freut sich auf deinen Anruf",
            due_on=onboarding.next_due_on,
            url=reverse("members:newcomer", args=[onboarding.pk]),
            person=str(onboarding.person_id),
        )


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


@register("office")
def office_changes(user: Any, today: date) -> Iterable[Todo]:
    """Offices a colleague has granted (R30) one by one, and all that end soon as one item."""
    if not policies.can_manage_organisation(user):
        return
    found = offices.needing_somebody(user)
    for amt in found.awaiting:
        yield Todo(
            key=f"office-confirm:{amt.pk}",
            kind="office-confirm",
            title=f"Bestätigen: {amt} für {amt.person.full_name}",
            due_on=today,
            url=reverse("dashboards:verwaltung_edit", args=["aemter", amt.pk]),
        )
    if found.ending:
        first = min(amt.last_day for amt in found.ending)
        count = len(found.ending)
        word = "Ein Amt endet" if count == 1 else f"{count} Ämter enden"
        yield Todo(
            key="office-ending",
            kind="office-ending",
            title=f"{word} in den nächsten 60 Tagen",
            due_on=max(today, first - offices.VERY_SOON),
            url=reverse("dashboards:verwaltung_list", args=["aemter"]) + "?liste=endet-bald",
        )
