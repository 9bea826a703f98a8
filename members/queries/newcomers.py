"""Lists of newcomers. Each list is one queryset, so that a tile's number is its length."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from dateutil.relativedelta import relativedelta
from django.db.models import (
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
)

from members.models import (
    Contact,
    MatchingRun,
    MatchProposal,
    Milestone,
    Onboarding,
    Person,
    Step,
    Tandem,
    User,
)
from members.models.onboarding import OPEN_FOR_MENTORS
from members.queries import letters
from members.queries.calls import Day as Day
from members.queries.calls import heute as heute
from portal.common import clock
from portal.common.outbox.models import OutgoingMail

Onboardings = QuerySet[Onboarding]
AGAIN = "wieder-dabei"
SHOWN_FOR_MONTHS = 12


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


def given_up(today: date) -> Q:
    """Tried often enough in the last year (R3); neither reached nor somebody's fault.

    Also who has nothing open any more: they can still come back with one tap.
    """
    unreached = Milestone.objects.filter(onboarding=OuterRef("pk"), state=Milestone.State.UNREACHED)
    return Q(
        Exists(unreached),
        ~Q(state=Onboarding.State.CLOSED),
        started_on__gt=today - relativedelta(months=SHOWN_FOR_MONTHS),
    )


def _given_up(onboardings: Onboardings, today: date) -> Onboardings:
    return onboardings.filter(given_up(today))


def _without_contact(onboardings: Onboardings, today: date) -> Onboardings:
    return onboardings.filter(responsible_stands_in=True)


def _without_mentor(onboardings: Onboardings, today: date) -> Onboardings:
    proposed = MatchProposal.objects.filter(
        onboarding=OuterRef("pk"), mentor__isnull=False, run__state=MatchingRun.State.CURRENT
    )
    has_one = Tandem.objects.open().filter(newcomer=OuterRef("person"))
    return onboardings.filter(~Exists(proposed), ~Exists(has_one), OPEN_FOR_MENTORS)


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
    only_running: bool = True


LISTS = {
    entry.code: entry
    for entry in (
        NewcomerList(
            "alle", "Alle", "Alle, die gerade ankommen.", "Zurzeit kommt niemand neu an.", _all
        ),
        NewcomerList(
            AGAIN,
            "Wieder dabei",
            "Sie sind schon länger Mitglied und wurden neu eingeladen.",
            "Zurzeit läuft keine Einladung.",
            _all,
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
            "nicht-erreicht",
            "Nicht erreicht",
            "Mehrmals vergeblich versucht. Sie haben einen letzten Brief und können sich melden.",
            "Alle, die wir anrufen wollten, haben wir erreicht.",
            _given_up,
            only_running=False,
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
    """Return the onboardings of one list that this user may see, unsorted.

    Members invited by a wave have a list of their own: they count in no figure of newcomers.
    """
    found = Onboarding.objects.visible_to(user).filter(wave__isnull=code != AGAIN)
    if LISTS[code].only_running:
        found = found.running()
    return LISTS[code].narrow(found, clock.today())


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


def contacts_with(person: Person) -> QuerySet[Contact]:
    """Every talk, attempt and note about this person, for the person: none is hidden."""
    return Contact.objects.filter(onboarding__person=person).order_by("-made_on", "-created_at")
