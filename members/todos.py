"""What the members app puts on somebody's list "Zu tun"."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from members import policies
from members.models import Person
from members.queries import newcomers, offices, transfers
from members.queries.import_runs import days_since_import
from portal.common.todos import Todo, register

IMPORT_EVERY_DAYS = 7


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


@register("transfers")
def changes_of_ortsverein(user: Any, today: date) -> Iterable[Todo]:
    """One item for all changes that wait for this user."""
    if not policies.can_see_transfers(user):
        return
    waiting = list(transfers.waiting_for(user).values_list("started_at", flat=True))
    if waiting:
        count = len(waiting)
        yield Todo(
            key="transfers",
            kind="transfers",
            title="Ein Wechsel wartet auf deine Zusage"
            if count == 1
            else f"{count} Wechsel warten auf deine Zusage",
            due_on=timezone.localdate(waiting[0] + transfers.ANSWER_WITHIN),
            url=reverse("members:transfers"),
        )


@register("import")
def next_import(user: Any, today: date) -> Iterable[Todo]:
    """Once a week somebody brings the export in (R34)."""
    if not policies.can_import(user):
        return
    days = days_since_import()
    if days is not None and days >= IMPORT_EVERY_DAYS:
        yield Todo(
            key="import",
            kind="import",
            title=f"Der letzte Import ist {days} Tage her",
            due_on=today - timedelta(days=days - IMPORT_EVERY_DAYS),
            url=reverse("members:import_list"),
        )
