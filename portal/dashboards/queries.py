"""Numbers for the pages that mix data. Each number counts the very list it links to."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Value
from django.urls import reverse

from members.models import Person, User
from members.queries import offices
from members.queries.import_runs import days_since_import
from members.queries.newcomers import LISTS, newcomers
from portal.common import clock, verwaltung

SHOWN_ROWS = 8


@dataclass(frozen=True, slots=True)
class CallRow:
    """One Ortsverein that needs a call."""

    pk: UUID
    name: str
    newcomers: int
    overdue: int
    without_contact: int
    asked: int


@dataclass(frozen=True, slots=True)
class Overview:
    numbers: dict[str, int]
    undecided: int
    rows: list[CallRow]  # the most urgent, at most SHOWN_ROWS
    more: int
    quiet: int
    days_since_import: int | None
    without_ansprechperson: int  # Gliederungen, whether or not anybody is new there
    without_stellvertretung: int


def _counts(user: User) -> dict[str, int]:
    """Count every list with one query."""
    leaves = offices.taking_members(user)
    lists: dict[str, QuerySet[Any, Any]] = {code: newcomers(user, code) for code in LISTS}
    lists["undecided"] = Person.objects.visible_to(user).exclude(open_question="")
    for kind in (offices.Kind.ANSPRECHPERSON, offices.Kind.STELLVERTRETUNG):
        lists[kind] = offices.without(leaves, kind)
    parts = [
        found.order_by()
        .annotate(list_code=Value(code))
        .values("list_code")
        .annotate(rows=Count("pk"))
        .values_list("list_code", "rows")
        for code, found in lists.items()
    ]
    counted = dict(parts[0].union(*parts[1:], all=True))
    return {str(code): counted.get(code, 0) for code in lists}


def _rows(user: User) -> tuple[list[CallRow], int]:
    """Ortsvereine with something to settle, most urgent first, and how many are quiet."""
    found = (
        newcomers(user)
        .filter(person__gliederung__isnull=False)
        .order_by()
        .values(pk=F("person__gliederung"), name=F("person__gliederung__name"))
        .annotate(
            newcomers=Count("pk"),
            overdue=Count("pk", filter=Q(next_due_on__lt=clock.today())),
            without_contact=Count("pk", filter=Q(responsible_stands_in=True)),
            asked=Count("pk", filter=Q(asked_for_call_at__isnull=False)),
        )
    )
    rows = [CallRow(**row) for row in found]
    busy = [row for row in rows if row.overdue or row.without_contact or row.asked]
    busy.sort(key=lambda row: (-row.asked, -row.without_contact, -row.overdue, row.name))
    return busy, len(rows) - len(busy)


def overview(user: User, *, whole: bool = False) -> Overview:
    """What staff see first: whom to call, and whether it happens; `whole` cuts nothing off."""
    rows, quiet = _rows(user)
    shown = len(rows) if whole else SHOWN_ROWS
    numbers = _counts(user)
    return Overview(
        numbers={code: numbers[code] for code in LISTS},
        undecided=numbers["undecided"],
        without_ansprechperson=numbers[offices.Kind.ANSPRECHPERSON],
        without_stellvertretung=numbers[offices.Kind.STELLVERTRETUNG],
        rows=rows[:shown],
        more=max(0, len(rows) - shown),
        quiet=quiet,
        days_since_import=days_since_import(),
    )


@dataclass(frozen=True, slots=True)
class HubCard:
    title: str
    sentence: str
    icon: str
    url: str


def hub_cards(user: User) -> dict[str, list[HubCard]]:
    """Return what this user finds in *Verwaltung*, under the headings of the hub."""
    groups: dict[str, list[HubCard]] = {title: [] for title in verwaltung.GROUPS}
    for card in verwaltung.cards():
        if card.may(user):
            url = reverse(card.url)
            groups[card.group].append(HubCard(card.title, card.sentence, card.icon, url))
    for section in verwaltung.sections():
        if not section.list_url and section.may(user):
            url = reverse("dashboards:verwaltung_list", args=[section.code])
            groups[section.group].append(
                HubCard(section.title, section.sentence, section.icon, url)
            )
    return groups
