"""Who has to answer whom: each open Meldung and each old place has one owner at a time (R6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from members.models import Meldung, MitmachOrt, Person, User
from members.models.mitmachen import ASKED_BEFORE, GOOD_FOR, host_answers
from members.queries.mitmachen import answer_due
from members.queries.responsible import ResponsiblePeople
from portal.common import clock, consents

# So long each has; then the next different person is asked, and last the district's office.
EACH_HAS = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One place with something to do for one person, and since when."""

    ort: MitmachOrt
    due_on: date
    count: int = 0  # who asked; 0 when the place itself is the question

    @property
    def question(self) -> str:
        if not self.count:
            return f"Gibt es „{self.ort.title}“ noch?"
        if self.count == 1:
            return f"Jemand fragt nach „{self.ort.title}“"
        return f"{self.count} Menschen fragen nach „{self.ort.title}“"


class Owners:
    """Finds who is asked today: host, then the offices up the tree, then the district's."""

    def __init__(self, user: User) -> None:
        self._user = user

    @cached_property
    def _people(self) -> ResponsiblePeople:
        return ResponsiblePeople()  # asked only where somebody waits

    def of_meldung(self, meldung: Any) -> UUID | None:
        host = None if meldung.person.is_minor else _host(meldung.ort, meldung.host_answers)
        due_on = answer_due(meldung.created_at)
        return self._owner(meldung.ort, host, due_on, [meldung.person_id])

    def of_ort(self, ort: Any) -> UUID | None:
        return self._owner(ort, _host(ort, ort.host_answers), ort.hidden_on, [])

    def _owner(
        self, ort: MitmachOrt, host: UUID | None, due_on: date, without: list[UUID]
    ) -> UUID | None:
        chain = [host] if host and host not in without else []
        nearby = [ort.gliederung] * (2 - len(chain))
        for place in (*nearby, self._user.district.gliederung):
            found = self._people.find(place, [*without, *chain]).person_id
            if found:
                chain.append(found)
        late = (clock.today() - due_on).days
        step = 0 if late <= 0 else 1 + (late - 1) // EACH_HAS.days
        return chain[min(step, len(chain) - 1)] if chain else None


def _host(ort: MitmachOrt, answers: bool) -> UUID | None:
    return ort.host_id if answers else None


def _open_ones(user: User) -> QuerySet[Meldung]:
    found = (
        Meldung.objects.to_be_answered()
        .answerable_by(user)
        .annotate(host_answers=host_answers("ort__host"))
    )
    return found.select_related("person", "ort__gliederung", "ort__host").order_by(
        "created_at", "pk"
    )


def waiting_answers(user: User, owners: Owners) -> Sequence[Waiting]:
    """Places where somebody waits for an answer by this user; one item per place."""
    by_place: dict[UUID, list[Meldung]] = {}
    for meldung in _open_ones(user):
        if owners.of_meldung(meldung) == user.person_id:
            by_place.setdefault(meldung.ort_id, []).append(meldung)
    return [
        Waiting(own[0].ort, answer_due(own[0].created_at), len(own)) for own in by_place.values()
    ]


def to_confirm(user: User, owners: Owners) -> Sequence[Waiting]:
    """Places that disappear from the catalogue soon, or already have, unless this user says."""
    soon = clock.today() - GOOD_FOR + ASKED_BEFORE
    here = Q(host=user.person_id) | Q(gliederung__in=user.gliederungen("onboarding.act"))
    old = MitmachOrt.objects.going_on().filter(here, confirmed_on__lte=soon)
    old = old.select_related("gliederung").annotate(host_answers=host_answers("host"))
    return [
        Waiting(ort, ort.hidden_on)
        for ort in old.order_by("confirmed_on", "pk")
        if owners.of_ort(ort) == user.person_id
    ]


@dataclass(frozen=True, slots=True)
class Way:
    """The one channel somebody chose, and where it leads."""

    label: str
    address: str
    url: str
    shared: str  # how the person is told what the host will see


@dataclass(frozen=True, slots=True)
class Row:
    """One Meldung as the answering side sees it: first name and the chosen channel."""

    meldung: Meldung
    way: Way
    due_on: date
    is_mine: bool


def rows(user: User, found: Sequence[Meldung], messenger: str) -> Sequence[Row]:
    """Return these Meldungen with the way to each person and whose turn it is.

    `messenger` is the purpose of the consent without which nobody writes there.
    """
    owners = Owners(user)
    allowed = _may_use_messenger(found, messenger)
    return [
        Row(
            meldung,
            way_to(meldung.person, meldung.person_id in allowed),
            answer_due(meldung.created_at),
            owners.of_meldung(meldung) == user.person_id,
        )
        for meldung in found
    ]


def open_for(user: User) -> QuerySet[Meldung]:
    return _open_ones(user)


def answered_for(user: User) -> QuerySet[Meldung]:
    """What was answered so recently that it can be taken back."""
    found = Meldung.objects.shown().answerable_by(user).filter(answered_at__isnull=False)
    return found.select_related("person", "ort", "answered_by").order_by("-answered_at", "pk")


def _may_use_messenger(found: Sequence[Meldung], purpose: str) -> set[UUID]:
    channel = Person.Channel.MESSENGER
    people = [one.person_id for one in found if one.person.preferred_channel == channel]
    if not people:
        return set()
    given = consents.given_for(purpose).filter(subject__in=people)
    return set(given.values_list("subject", flat=True))


def way_to(person: Person, may_use_messenger: bool) -> Way:
    """Nothing but the channel somebody chose; what comes next to it where that is missing."""
    channel, phone = person.preferred_channel, person.best_phone
    if channel == Person.Channel.LETTER:
        return Way("möchte einen Brief", "", "", "dass du lieber einen Brief bekommst")
    if person.email and (channel == Person.Channel.EMAIL or not phone):
        shared = "deine E-Mail-Adresse"
        return Way("E-Mail schreiben", person.email, f"mailto:{person.email}", shared)
    if phone:
        by_messenger = channel == Person.Channel.MESSENGER and may_use_messenger
        label = "Messenger (oder Anruf)" if by_messenger else "Anrufen"
        return Way(label, phone, f"tel:{phone.replace(' ', '')}", "deine Telefonnummer")
    return Way("", "", "", "sonst nichts")
