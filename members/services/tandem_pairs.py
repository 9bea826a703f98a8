"""Who can be a pair at all: asked by the matching run, and once more at each yes (E2, T24)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from uuid import UUID

from django.db.models import OuterRef, Q

from members.models import Mentor, Onboarding, PairRule, Person, Tandem
from members.models.people import former_member
from members.models.retention import held_people

State = Tandem.State
EVERYWHERE = Q()


def places_taken(inside: Q = EVERYWHERE) -> Counter[UUID]:
    """Person id of a mentor → places somebody has or has been promised."""
    taken: Counter[UUID] = Counter()
    for pair in Tandem.objects.open().filter(inside).values_list("mentor", "second"):
        taken.update(pk for pk in pair if pk)
    return taken


def parted(inside: Q = EVERYWHERE) -> Iterator[tuple[UUID, UUID]]:
    """Pairs that have been asked about or met before: they are not proposed again."""
    ended = Tandem.objects.filter(inside, state=State.ENDED)
    for newcomer, mentor, second in ended.values_list("newcomer", "mentor", "second"):
        yield newcomer, mentor
        if second:
            yield newcomer, second


def forbidden(inside: Q = EVERYWHERE) -> Iterator[tuple[UUID, UUID]]:
    rules = PairRule.objects.filter(inside, kind=PairRule.Kind.FORBIDDEN)
    yield from rules.values_list("newcomer", "mentor")


def is_possible(onboarding: Onboarding | None, mentors: Sequence[Mentor]) -> bool:
    """Is what was proposed still right today? Whoever has said no, left or is held is out of it."""
    if onboarding is None or not onboarding.is_open_for_mentors:
        return False
    newcomer = onboarding.person
    people = [newcomer.pk, *(one.person_id for one in mentors)]
    if held_people().filter(person__in=people).exists() or _has_left(people):
        return False
    if newcomer.is_minor and not (len(mentors) > 1 and all(one.accepts_minors for one in mentors)):
        return False
    if newcomer.prefers_flinta and not all(one.person.is_flinta for one in mentors):
        return False
    apart = {(newcomer.pk, one.person_id) for one in mentors}
    return apart.isdisjoint(forbidden())


def _has_left(people: Sequence[UUID]) -> bool:
    found = Person.objects.filter(pk__in=people)
    return found.filter(former_member(OuterRef("pk"))).exists()


def waits_for_guardian(tandem: Tandem) -> bool:
    """Whoever is under age begins only with the paper signed at home (R15)."""
    if not tandem.newcomer.is_minor:
        return False
    signed = Onboarding.objects.filter(person=tandem.newcomer_id, guardian_consent_on__isnull=False)
    return not signed.exists()
