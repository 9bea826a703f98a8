"""The catalogue of places to engage, and what of it fits somebody.

A district has some hundred places: one query brings them all, the rest is `members.suggestions`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Cast, JSONObject
from django.utils import timezone

from members import suggestions
from members.deadlines import next_working_day
from members.labels import SLOTS
from members.models import Contact, Kommune, Meldung, MitmachOrt, Onboarding, Person, Topic, User
from members.models.mitmachen import ANSWER_WITHIN, SHOWN_AFTER_ANSWER, host_answers
from members.models.people import former_member
from members.queries.responsible import ShownContact, shown_contact
from members.suggestions import Me, Offer, Wanted, matches
from portal.common import clock
from portal.common.dates import day as short_day

Orte = Sequence[Any]  # MitmachOrt with the annotations of `_orte`


@dataclass(frozen=True, slots=True)
class Fit:
    """A place that fits, and why in one sentence."""

    ort: Any
    reason: str


@dataclass(frozen=True, slots=True)
class TopicChip:
    """One topic that can be tapped."""

    pk: str
    name: str
    is_offered: bool
    is_mine: bool


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What one person finds: who they are, what there is, what they asked for, what fits."""

    me: Me
    topics: Sequence[TopicChip]
    orte: Orte
    asked: Orte
    is_host: bool
    fits: Sequence[Fit]

    @property
    def is_enough(self) -> bool:
        return len(self.fits) >= suggestions.MOST


def catalogue(person: Person, most: int = suggestions.MOST) -> Catalogue:
    """Return everything that is offered and what of it fits `person`."""
    me, topics = _me_and_topics(person)
    found = list(_orte(person))
    orte = [ort for ort in found if ort.is_offered]
    by_key = {str(ort.pk): ort for ort in orte if not ort.asked_at}
    offers = [offer_of(ort) for ort in by_key.values()]
    best = suggestions.suggest(me, offers, clock.today(), most)
    return Catalogue(
        me=me,
        topics=topics,
        orte=orte,
        asked=[ort for ort in found if ort.asked_at],
        is_host=any(ort.host_id == person.pk for ort in found),
        fits=[Fit(by_key[one.key], one.reason) for one in best],
    )


def _me_and_topics(person: Person) -> tuple[Me, Sequence[TopicChip]]:
    """What `person` said, and all topics with theirs marked: one query."""
    mine = Person.topics.through.objects.filter(person=person.pk, topic=OuterRef("pk"))
    topics = Topic.objects.annotate(is_mine=Exists(mine)).values(
        json=JSONObject(
            pk=Cast("pk", CharField()), name="name", is_offered="is_offered", is_mine="is_mine"
        )
    )
    near = Kommune.neighbours.through.objects.filter(from_kommune=OuterRef("kommune"))
    found, neighbours = Person.objects.filter(pk=person.pk).values_list(
        ArraySubquery(topics), ArraySubquery(near.values("to_kommune"))
    )[0]
    chips = [TopicChip(**topic) for topic in found]
    me = Me(
        topics={chip.pk: chip.name for chip in chips if chip.is_mine},
        wish=person.wish,
        time_budget=person.time_budget,
        slots=frozenset(person.availability),
        shifts=person.shifts,
        shifts_from=person.shifts_from,
        kommune=_key(person.kommune_id),
        neighbours=frozenset(str(pk) for pk in neighbours),
        languages=frozenset(person.languages),
    )
    return me, [chip for chip in chips if chip.is_offered or chip.is_mine]


def _orte(person: Person) -> Any:
    """What is offered, and what this person has to do with although it is offered no more."""
    own = Q(asked_at__isnull=False) | Q(host=person.pk)
    found = annotated(person).filter(Q(is_offered=True) | own)
    return found.order_by("title", "pk")


def annotated(person: Person) -> Any:
    """Places with their topics, and what `person` has to do with each."""
    since = clock.now() - SHOWN_AFTER_ANSWER
    mine = Meldung.objects.filter(ort=OuterRef("pk"), person=person.pk, withdrawn_at=None)
    mine = mine.filter(Q(answered_at=None) | Q(answered_at__gte=since)).order_by("-created_at")
    topics = MitmachOrt.topics.through.objects.filter(mitmachort=OuterRef("pk"))
    return MitmachOrt.objects.select_related("kommune", "gliederung__level", "host").annotate(
        is_offered=Exists(MitmachOrt.objects.offered().filter(pk=OuterRef("pk"))),
        topic_ids=ArraySubquery(topics.values(text=Cast("topic_id", CharField()))),
        asked_at=Subquery(mine.values("created_at")[:1]),
        was_answered_at=Subquery(mine.values("answered_at")[:1]),
        host_answers=host_answers("host"),
        host_has_left=former_member(OuterRef("host")),
    )


def offer_of(ort: Any) -> Offer:
    return Offer(
        key=str(ort.pk),
        topics=frozenset(ort.topic_ids),
        kommune=_key(ort.kommune_id),
        kommune_name=ort.kommune.short_name if ort.kommune else "",
        is_online=ort.is_online,
        from_home=ort.from_home,
        slots=frozenset(ort.slots),
        when=when(ort),
        minutes=ort.minutes,
        language=ort.language,
        just_come=ort.just_come,
    )


def _key(pk: object) -> str:
    return str(pk) if pk else ""


def when(ort: MitmachOrt) -> str:
    return ort.usual_times or ", ".join(SLOTS[code] for code in ort.slots if code in SLOTS)


def narrow(found: Catalogue, wanted: Wanted) -> Orte:
    today = clock.today()
    return [ort for ort in found.orte if matches(found.me, offer_of(ort), wanted, today)]


def answer_due(asked_at: datetime) -> date:
    return next_working_day(timezone.localdate(asked_at + ANSWER_WITHIN))


def promise(ort: Any, person: Person) -> str:
    """What became of „Sag mir Bescheid“, in one sentence; first names only (R12)."""
    answers = ort.host and ort.host_answers and not person.is_minor
    who = ort.host.first_name if answers else f"Jemand aus {ort.gliederung.name}"
    if ort.was_answered_at:
        return f"Beantwortet am {short_day(timezone.localdate(ort.was_answered_at))}"
    due = answer_due(ort.asked_at)
    if due < clock.today():
        return "Das dauert länger als versprochen. Jetzt kümmert sich jemand anderes darum."
    return f"{who} meldet sich bis {short_day(due)}"


def whom_to_call(user: User) -> ShownContact:
    """Who helps to find something, with the number they chose (R12)."""
    own = user.person.onboardings.select_related("responsible", "person__gliederung")
    onboarding = own.order_by("-started_on").first() or Onboarding(person=user.person)
    return shown_contact(onboarding, user.district.phone)


def may_know_the_meeting_point(user: User) -> bool:
    """Not before the first personal talk with a newcomer is logged (R12).

    Who was a member long before is no newcomer; who is none yet is one.
    """
    if user.active_aemter:
        return True
    talked = Contact.objects.filter(onboarding=OuterRef("pk"), result=Contact.Result.REACHED)
    own = user.person.onboardings.annotate(has_talked=Exists(talked))
    # A wave greets people who have been members for years.
    arrivals = own.filter(Q(wave=None) | Q(has_talked=True))
    talks = list(arrivals.values_list("has_talked", flat=True))
    if talks:
        return any(talks)
    return user.person.memberships.filter(has_ended=False).exists()
