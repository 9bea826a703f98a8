"""Which Parteibücher are on their way, and where they lie."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from members.models import Milestone, Onboarding, Step, User
from portal.common import clock

# Longer than this nobody should have to wait for what is already there.
LIES_LONG = timedelta(days=30)
FIRST = "bestellen"
Books = QuerySet[Milestone]


@dataclass(frozen=True, slots=True)
class BookList:
    code: str
    title: str
    sentence: str
    empty: str
    where: Callable[[date], Q]


def _received(today: date) -> Q:
    return Q(parteibuch__received_on__isnull=False)


LISTS = {
    entry.code: entry
    for entry in (
        BookList(
            FIRST,
            "Noch nicht bestellt",
            "Kreuze an, was du bestellt hast.",
            "Alle sind bestellt.",
            lambda _: Q(parteibuch__ordered_on=None, parteibuch__received_on=None),
        ),
        BookList(
            "unterwegs",
            "Bestellt",
            "Sie sind bestellt und noch nicht vor Ort.",
            "Zurzeit ist keins unterwegs.",
            lambda _: Q(parteibuch__ordered_on__isnull=False, parteibuch__received_on=None),
        ),
        BookList(
            "vor-ort",
            "Vor Ort",
            "Sie sind da und noch nicht übergeben.",
            "Vor Ort wartet keins.",
            _received,
        ),
        BookList(
            "lange-vor-ort",
            "Über 30 Tage vor Ort",
            "Sie liegen seit mehr als 30 Tagen vor Ort. Frag nach, was fehlt.",
            "Keins liegt länger als 30 Tage.",
            lambda today: Q(parteibuch__received_on__lt=today - LIES_LONG),
        ),
    )
}


def waiting(user: User, code: str) -> Books:
    """Return what is not handed over yet, of one list, longest waiting first."""
    arriving = Onboarding.objects.visible_to(user).running()
    found = Milestone.objects.open().filter(
        LISTS[code].where(clock.today()), onboarding__in=arriving, kind=Step.Kind.HANDOVER
    )
    return found.select_related(
        "onboarding__person__gliederung", "parteibuch__received_by"
    ).order_by("due_on", "onboarding__person__sort_name", "pk")
