"""Who has had no talk for long, who would be invited next, and how a wave goes on."""

import hashlib
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import (
    Count,
    DateField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Window,
)
from django.db.models.functions import RowNumber

from members import deadlines
from members.models import (
    Amt,
    Contact,
    Gliederung,
    Membership,
    Mentor,
    Onboarding,
    Person,
    User,
    Wave,
    WaveReply,
)
from members.queries.calls import CALLS_A_WEEK
from members.queries.responsible import ResponsiblePeople
from portal.common import clock
from portal.common.outbox.models import MailChoice, OutgoingMail

RECONNECT = "members.reconnect"
# Nobody is invited a second time before a year has passed.
MONTHS_BETWEEN = 12
SAMPLE = 3
Answer, State = WaveReply.Answer, Onboarding.State


def without_contact(user: User, months: int, gliederung: Gliederung) -> QuerySet[Person]:
    """Members below `gliederung` with whom nobody has spoken for `months`, and who may be asked.

    Not: who is arriving or was just invited; who said no; who leaves, died or is not of age; who
    holds an office or is a mentor and so has plenty of contact.
    """
    today = clock.today()
    long_ago = deadlines.add_months(today, -months)
    about = {"person": OuterRef("pk")}
    ended = Q(left_on__isnull=False) | Q(has_ended=True)
    still = Membership.objects.filter(_joined_before(long_ago), **about).exclude(ended)
    onboardings = Onboarding.objects.filter(**about)
    invited = onboardings.filter(
        wave__isnull=False, arrived_on__gt=deadlines.add_months(today, -MONTHS_BETWEEN)
    )
    spoken = Contact.objects.filter(
        onboarding__person=OuterRef("pk"), result=Contact.Result.REACHED, made_on__gte=long_ago
    )
    unwilling = MailChoice.objects.filter(
        recipient_key=OuterRef("pk"), kind=RECONNECT, way=MailChoice.Way.NONE
    )
    return Person.objects.visible_to(user).filter(
        ~Exists(onboardings.filter(state=State.RUNNING)),
        ~Exists(invited),
        ~Exists(spoken),
        ~Exists(unwilling),
        ~Exists(Membership.objects.filter(left_reason=Membership.LeftReason.DEATH, **about)),
        ~Exists(Amt.objects.running(today).filter(**about)),
        ~Exists(Mentor.objects.filter(active_to=None, **about)),
        Q(adult_on=None) | Q(adult_on__lte=today),
        Exists(still),
        gliederung__in=Gliederung.objects.open().subtree(gliederung),
        no_contact_since=None,
    )


def _joined_before(day: date) -> Q:
    """Whose day of joining is unknown may be asked; whose application is open is no member yet."""
    return Q(joined_on__lte=day) | Q(joined_on=None, applied_on=None)


@dataclass(frozen=True, slots=True)
class PlaceCount:
    name: str
    people: int


def by_gliederung(people: QuerySet[Person]) -> list[PlaceCount]:
    """How many where, by name: this is no ranking of Ortsvereine."""
    counted = people.order_by().values(name=F("gliederung__name")).annotate(people=Count("pk"))
    return [PlaceCount(**row) for row in counted.order_by("name")]


def next_ones(people: QuerySet[Person], size: int) -> list[Person]:
    """The next wave: one Ortsverein after the other in turn, the longest membership first."""
    joined = Membership.objects.filter(person=OuterRef("pk"), has_ended=False).values("joined_on")
    turn = Window(
        RowNumber(),
        partition_by=F("gliederung"),
        order_by=[F("since").asc(nulls_first=True), F("pk").asc()],
    )
    chosen = (
        people.annotate(since=Subquery(joined[:1], output_field=DateField()))
        .annotate(turn=turn)
        .order_by("turn", "gliederung__name", "pk")
    )
    return list(chosen.select_related("gliederung__level")[:size])


@dataclass(frozen=True, slots=True)
class PlaceSample:
    """Some of the chosen people of one Gliederung."""

    name: str
    people: list[Person]
    more: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What one wave would do; `digest` changes when it would be other people."""

    people: list[Person]
    mails: int
    letters: int
    contacts: int  # Ansprechpersonen who get calls to make
    most_each: int
    without_contact: int

    @property
    def calls(self) -> int:
        return len(self.people) - self.without_contact

    @property
    def weeks(self) -> int:
        """Nobody is shown more than three calls a week (R8)."""
        return math.ceil(self.most_each / CALLS_A_WEEK)

    @property
    def digest(self) -> str:
        keys = "".join(sorted(person.pk.hex for person in self.people))
        return hashlib.sha256(keys.encode()).hexdigest()

    @property
    def samples(self) -> list[PlaceSample]:
        places: dict[str, list[Person]] = {}
        for person in self.people:
            assert person.gliederung is not None  # only such people are found
            places.setdefault(person.gliederung.name, []).append(person)
        return [
            PlaceSample(name, people[:SAMPLE], max(0, len(people) - SAMPLE))
            for name, people in sorted(places.items())
        ]


def preview(people: Sequence[Person]) -> Preview:
    """Count the messages and the calls before anything happens."""
    finder = ResponsiblePeople()
    calls = Counter(
        finder.find(person.gliederung, without=[person.pk]).person_id
        for person in people
        if person.gliederung
    )
    nobody = calls.pop(None, 0)
    mails = sum(1 for person in people if person.email)
    return Preview(
        people=list(people),
        mails=mails,
        letters=len(people) - mails,
        contacts=len(calls),
        most_each=max(calls.values(), default=0),
        without_contact=nobody,
    )


# --- A wave that runs -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WaveList:
    """One group of people of a wave."""

    code: str
    title: str
    which: Q


LISTS = {
    entry.code: entry
    for entry in (
        WaveList("alle", "Eingeladen", Q()),
        WaveList("kommt", "Kommt zum Treffen", Q(reply__answer=Answer.COMES)),
        WaveList("anruf", "Bittet um einen Anruf", Q(reply__answer=Answer.CALL)),
        WaveList("versucht", "Angerufen", Q(was_tried=True, has_talked=False)),
        WaveList("gesprochen", "Gesprochen", Q(has_talked=True)),
        WaveList("lieber-nicht", "Lieber nicht", Q(reply__answer=Answer.NO)),
    )
}


def _contacts(**which: str) -> QuerySet[Contact]:
    return Contact.objects.filter(onboarding=OuterRef("pk"), **which)


def invited(user: User, wave: Wave) -> QuerySet[Onboarding]:
    """Everybody of a wave, with what became of it."""
    return (
        Onboarding.objects.visible_to(user)
        .filter(wave=wave)
        .annotate(
            was_tried=Exists(_contacts()),
            has_talked=Exists(_contacts(result=Contact.Result.REACHED)),
        )
    )


def rows(user: User, wave: Wave, code: str) -> QuerySet[Onboarding]:
    found = invited(user, wave).filter(LISTS[code].which)
    return found.select_related("person__gliederung", "reply").order_by(
        "person__gliederung__name", "person__sort_name", "pk"
    )


def counts(user: User, wave: Wave) -> dict[str, int]:
    """Count every list of a wave with one query."""
    return invited(user, wave).aggregate(
        **{code: Count("pk", filter=entry.which) for code, entry in LISTS.items()}
    )


def untouched(wave: Wave) -> QuerySet[Onboarding]:
    """Of a wave: who has noticed nothing yet, so that it can still be taken back.

    A letter that is printed lies on somebody's desk and counts as sent.
    """
    noticed = OutgoingMail.objects.filter(
        kind=RECONNECT, recipient_key=OuterRef("person"), created_at__gte=wave.created_at
    ).exclude(Q(state=OutgoingMail.State.QUEUED, batch=None) | Q(state=OutgoingMail.State.DROPPED))
    return Onboarding.objects.running().filter(
        ~Exists(noticed), ~Exists(_contacts()), wave=wave, reply=None
    )


def all_waves() -> QuerySet[Wave]:
    """All waves, the newest first, with how many people each has."""
    return (
        Wave.objects.select_related("gliederung", "created_by")
        .annotate(people=Count("onboardings"))
        .order_by("-created_at")
    )


def joined_year(person: Person) -> int | None:
    """Since which year somebody is a member; None if nobody knows."""
    held = Membership.objects.filter(person=person, has_ended=False)
    joined: date | None = held.values_list("joined_on", flat=True).first()
    return joined.year if joined else None


def can_meet(wave: Wave | None, now: datetime) -> bool:
    """Is there a meeting that is still to come?"""
    if wave is None:
        return False
    return wave.way == Wave.Way.MEETING and wave.meeting_at is not None and wave.meeting_at > now
