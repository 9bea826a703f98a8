"""Lists of newcomers. Each list is one queryset, so that a tile's number is its length."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import (
    Exists,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    prefetch_related_objects,
)

from members.models import (
    Contact,
    MatchingRun,
    MatchProposal,
    Milestone,
    Onboarding,
    Person,
    Step,
    User,
)
from members.models.onboarding import OPEN_FOR_MENTORS
from members.queries import letters
from portal.common import clock
from portal.common.outbox.models import OutgoingMail

SOON = timedelta(days=10)
SUGGESTED_WITHIN = timedelta(days=7)
CALLS_A_WEEK = 3
Onboardings = QuerySet[Onboarding]


def _open_milestones(**conditions: object) -> QuerySet[Milestone]:
    return Milestone.objects.open().filter(onboarding=OuterRef("pk"), **conditions)


def _overdue(onboardings: Onboardings, today: date) -> Onboardings:
    return onboardings.filter(next_due_on__lt=today)


def _not_reached(onboardings: Onboardings, today: date) -> Onboardings:
    return onboardings.filter(Exists(_open_milestones(kind=Step.Kind.CONTACT, position=1)))


def _reached(onboardings: Onboardings, today: date) -> Onboardings:
    """First promise kept in time; late data is judged by the time it was given (B5)."""
    return onboardings.filter(
        Exists(
            Milestone.objects.filter(
                onboarding=OuterRef("pk"), position=1, done_on__lte=F("due_on")
            )
        )
    )


def _without_contact(onboardings: Onboardings, today: date) -> Onboardings:
    return onboardings.filter(responsible_stands_in=True)


def _without_mentor(onboardings: Onboardings, today: date) -> Onboardings:
    proposed = MatchProposal.objects.filter(
        onboarding=OuterRef("pk"), mentor__isnull=False, run__state=MatchingRun.State.CURRENT
    )
    return onboardings.filter(~Exists(proposed), OPEN_FOR_MENTORS)


def _asked(onboardings: Onboardings, today: date) -> Onboardings:
    return onboardings.filter(asked_for_call_at__isnull=False)


def _mail_failing(onboardings: Onboardings, today: date) -> Onboardings:
    failing = OutgoingMail.objects.filter(
        recipient_key=OuterRef("person_id"),
        state__in=[OutgoingMail.State.FAILED, OutgoingMail.State.UNCERTAIN],
    )
    return onboardings.filter(Exists(failing))


def _letters(onboardings: Onboardings, today: date) -> Onboardings:
    return onboardings.filter(Exists(letters.waiting().filter(recipient_key=OuterRef("person_id"))))


def _all(onboardings: Onboardings, today: date) -> Onboardings:
    return onboardings


@dataclass(frozen=True, slots=True)
class NewcomerList:
    """One list that a page shows and a number on the Übersicht counts."""

    code: str
    title: str
    sentence: str
    empty: str
    narrow: Callable[[Onboardings, date], Onboardings]


LISTS = {
    entry.code: entry
    for entry in (
        NewcomerList(
            "alle", "Alle", "Alle, die gerade ankommen.", "Zurzeit kommt niemand neu an.", _all
        ),
        NewcomerList(
            "gefragt",
            "Warten auf einen Anruf",
            "Sie haben uns gesagt, dass sich noch niemand gemeldet hat.",
            "Niemand wartet auf einen Anruf.",
            _asked,
        ),
        NewcomerList(
            "faellig",
            "Fällig",
            "Hier ist ein versprochener Termin vorbei.",
            "Nichts ist überfällig.",
            _overdue,
        ),
        NewcomerList(
            "erreicht",
            "Rechtzeitig erreicht",
            "Mit ihnen hat jemand rechtzeitig gesprochen.",
            "Es wurde noch niemand erreicht.",
            _reached,
        ),
        NewcomerList(
            "offen",
            "Noch nicht gesprochen",
            "Das erste Gespräch steht noch aus.",
            "Mit allen wurde schon gesprochen.",
            _not_reached,
        ),
        NewcomerList(
            "ohne-ansprechperson",
            "Ohne Ansprechperson",
            "Vor Ort fehlt eine Ansprechperson, jemand anderes springt ein.",
            "Alle haben eine Ansprechperson vor Ort.",
            _without_contact,
        ),
        NewcomerList(
            "ohne-mentor",
            "Ohne Mentor-Vorschlag",
            "Für sie gibt es noch keinen Vorschlag.",
            "Für alle gibt es einen Vorschlag.",
            _without_mentor,
        ),
        NewcomerList(
            "mail-fehler",
            "Mail kam nicht an",
            "Ihre Adresse nimmt unsere Mail nicht an. Bitte anrufen.",
            "Alle Mails kommen an.",
            _mail_failing,
        ),
        NewcomerList(
            "brief",
            "Brief nötig",
            "Sie haben keine E-Mail-Adresse und bekommen ihr Willkommen per Brief.",
            "Kein Brief wartet.",
            _letters,
        ),
    )
}


def newcomers(user: User, code: str = "alle") -> Onboardings:
    """Return the running onboardings of one list that this user may see, unsorted."""
    running = Onboarding.objects.visible_to(user).running()
    return LISTS[code].narrow(running, clock.today())


def urgent_first(onboardings: Onboardings) -> Onboardings:
    """Sort: who asked for a call, then due first. Postgres puts NULL last, as an index can."""
    return onboardings.order_by("asked_for_call_at", "next_due_on", "person__sort_name", "pk")


SHOWN_IN_LISTS = (
    "started_on",
    "asked_for_call_at",
    "next_due_on",
    "responsible_stands_in",
    "person__given_name",
    "person__family_name",
    "person__gliederung__name",
    "responsible__given_name",
    "responsible__family_name",
)


def rows_of(pks: Sequence[UUID]) -> list[Onboarding]:
    """Fetch one page of a list, in this order; sorting thousands of wide rows is slow."""
    rows = Onboarding.objects.select_related("person__gliederung", "responsible")
    found = rows.only(*SHOWN_IN_LISTS).in_bulk(pks)
    return [found[pk] for pk in pks]


@dataclass(frozen=True, slots=True)
class Day:
    """What *Heute* shows: at most three calls, and when the next one is."""

    calls: list[Onboarding]
    more_wait: bool  # further calls are due, but not this week
    next_on: date | None  # the next call after today's
    done_this_week: int


def heute(user: User) -> Day:
    """Return the calls of one Ansprechperson for this week (R8)."""
    today = clock.today()
    monday = today - timedelta(days=today.weekday())
    done = (
        Contact.objects.filter(made_by=user.person_id, made_on__gte=monday)
        .values("onboarding")
        .distinct()
        .count()
    )
    room = max(0, CALLS_A_WEEK - done)
    found = list(_calls(user, today).select_related("person")[: room + 1])
    calls = found[:room]
    prefetch_related_objects(calls, "milestones", "person__topics")
    later = (
        _mine(user)
        .exclude(pk__in=[call.pk for call in calls])
        .aggregate(next=Min("milestones__due_on", filter=_open_contact()))
    )
    return Day(calls, len(found) > room, later["next"], done)


def _open_contact() -> Q:
    return Q(milestones__state=Milestone.State.OPEN, milestones__kind=Step.Kind.CONTACT)


def _mine(user: User) -> Onboardings:
    """My newcomers, and for deputies whoever says that nobody called (R2)."""
    visible = Onboarding.objects.visible_to(user).running()
    return visible.filter(Q(responsible=user.person_id) | Q(asked_for_call_at__isnull=False))


def _calls(user: User, today: date) -> Onboardings:
    """Due or soon due talks; new arrivals within their first week; nobody tried today already."""
    due = _open_milestones(kind=Step.Kind.CONTACT, opens_on__lte=today, due_on__lte=today + SOON)
    fresh = _open_milestones(kind=Step.Kind.CONTACT, position=1)
    tried = Contact.objects.filter(onboarding=OuterRef("pk"), made_on=today)
    calls = _mine(user).annotate(mail_came_back=Exists(_unanswered_bounces()))
    return calls.filter(
        Q(Exists(due))
        | Q(asked_for_call_at__isnull=False)
        | Q(mail_came_back=True)
        | Q(Exists(fresh), arrived_on__gte=today - SUGGESTED_WITHIN),
        ~Exists(tried),
    ).order_by("asked_for_call_at", "-mail_came_back", "next_due_on", "person__sort_name", "pk")


def _unanswered_bounces() -> QuerySet[OutgoingMail]:
    """Mail that came back, until somebody talked to the person after that, or tried to."""
    tried = Contact.objects.filter(
        onboarding__person=OuterRef("recipient_key"), created_at__gte=OuterRef("bounced_at")
    )
    return OutgoingMail.objects.filter(
        ~Exists(tried), recipient_key=OuterRef("person_id"), bounced_at__isnull=False
    )


def contacts_with(person: Person) -> QuerySet[Contact]:
    """Every talk, attempt and note about this person, for the person: none is hidden."""
    return Contact.objects.filter(onboarding__person=person).order_by("-made_on", "-created_at")
