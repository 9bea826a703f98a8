"""Run the matching engine on what is stored, and keep what it proposes."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import OuterRef

from members import matching, pairing
from members.labels import LANGUAGES, SLOTS
from members.matching_sentences import explain
from members.models import (
    MatchingRun,
    MatchProposal,
    Mentor,
    Onboarding,
    PairRule,
    Person,
    Tandem,
    Topic,
)
from members.models.onboarding import OPEN_FOR_MENTORS
from members.models.people import former_member
from members.models.retention import held_people
from members.models.tandems import still_looking
from members.services import tandem_mail, tandem_pairs
from members.services.tandems import CURRENT
from portal.common import audit, clock
from portal.common.errors import DomainError
from portal.common.jobs import enqueue
from portal.common.locks import lock_for_transaction

State = MatchingRun.State
GERMAN = "de"
# One installation is one district, and a district is one region of the engine.
ONE_REGION = ""


@dataclass(frozen=True, slots=True)
class World:
    """What goes into one run: engine inputs, and the rows behind their ids (person ids)."""

    newcomers: list[matching.Newcomer]
    mentors: list[matching.Mentor]
    onboardings: Mapping[UUID, Onboarding]
    mentor_rows: Mapping[UUID, Mentor]
    keep: Mapping[UUID, UUID]
    fixed: Mapping[UUID, UUID]


def load_world() -> World:
    """Read everybody who waits for a mentor, and every mentor who is active today."""
    onboardings = {o.person_id: o for o in _waiting()}
    mentors = {m.person_id: m for m in _available_mentors()}
    taken, named = tandem_pairs.places_taken(), _by_name(mentors.values())
    return World(
        newcomers=[_newcomer(o, named) for o in onboardings.values()],
        mentors=[_mentor(m, taken[m.person_id]) for m in mentors.values()],
        onboardings=onboardings,
        mentor_rows=mentors,
        keep=dict(
            MatchProposal.objects.filter(
                run__state=State.CURRENT, mentor__isnull=False
            ).values_list("onboarding__person_id", "mentor__person_id")
        ),
        fixed=dict(
            PairRule.objects.filter(kind=PairRule.Kind.FIXED).values_list("newcomer", "mentor")
        ),
    )


def _waiting() -> list[Onboarding]:
    return list(
        Onboarding.objects.filter(still_looking())
        .filter(OPEN_FOR_MENTORS)
        .exclude(former_member(OuterRef("person")))
        .exclude(person__in=held_people())
        .exclude(person__in=Tandem.objects.open().values("newcomer"))
        .select_related("person")
        .prefetch_related("person__topics")
    )


def _available_mentors() -> list[Mentor]:
    return list(
        Mentor.objects.available(clock.today())
        .exclude(person__in=held_people())
        .select_related("person__kommune")
        .prefetch_related("person__topics", "person__kommune__neighbours")
    )


def _by_name(mentors: Iterable[Mentor]) -> dict[str, frozenset[UUID]]:
    """Who is meant by „Vorname Nachname“; of two with the same name either."""
    named: dict[str, frozenset[UUID]] = {}
    for mentor in mentors:
        name = _plain(mentor.person.full_name)
        named[name] = named.get(name, frozenset()) | {mentor.person_id}
    return named


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def _newcomer(onboarding: Onboarding, named: Mapping[str, frozenset[UUID]]) -> matching.Newcomer:
    person, today = onboarding.person, clock.today()
    return matching.Newcomer(
        id=person.pk,
        region=ONE_REGION,
        gliederung=str(person.gliederung_id or ""),
        kommune=str(person.kommune_id or ""),
        topics=frozenset(topic.code for topic in person.topics.all()),
        languages=frozenset(person.languages),
        slots=frozenset(person.availability),
        is_minor=bool(person.adult_on and person.adult_on > today),
        wished=named.get(_plain(onboarding.wished_mentor), frozenset()),
        waiting_days=(today - onboarding.started_on).days,
    )


def _mentor(mentor: Mentor, taken: int) -> matching.Mentor:
    person = mentor.person
    near = person.kommune.neighbours.all() if person.kommune else []
    return matching.Mentor(
        id=person.pk,
        region=ONE_REGION,
        gliederung=str(person.gliederung_id or ""),
        kommune=str(person.kommune_id or ""),
        near=frozenset(str(kommune.pk) for kommune in near),
        topics=frozenset(topic.code for topic in person.topics.all()),
        languages=frozenset(person.languages or [GERMAN]),
        slots=frozenset(person.availability),
        capacity=mentor.capacity,
        taken=taken,
        accepts_minors=mentor.accepts_minors,
    )


def solve(world: World, weights: matching.Weights | None = None) -> pairing.Proposed:
    """Without weights, those that hold."""
    return pairing.propose(
        world.newcomers,
        world.mentors,
        weights or weights_now(),
        vetoes=frozenset(_unwanted(world)),
        keep=world.keep,
        fixed=world.fixed,
    )


def _unwanted(world: World) -> Iterator[tuple[UUID, UUID]]:
    """Pairs that may never be, whatever they would be worth; none of it shows in a reason.

    Who had a tandem or did not want one, whom the coordinator keeps apart, who lives together, and
    mentors who are no FLINTA* persons for whoever asked for one (R13).
    """
    yield from tandem_pairs.parted()
    yield from tandem_pairs.forbidden()
    yield from _living_together(world)
    others = [pk for pk, mentor in world.mentor_rows.items() if not mentor.person.is_flinta]
    for pk, onboarding in world.onboardings.items():
        if onboarding.person.prefers_flinta:
            yield from ((pk, mentor) for mentor in others)


def _living_together(world: World) -> Iterator[tuple[UUID, UUID]]:
    """Same address, telephone or mail: one household (E2)."""
    homes: dict[tuple[str, ...], list[UUID]] = {}
    for pk, mentor in world.mentor_rows.items():
        for home in _homes(mentor.person):
            homes.setdefault(home, []).append(pk)
    for pk, onboarding in world.onboardings.items():
        for home in _homes(onboarding.person):
            yield from ((pk, mentor) for mentor in homes.get(home, ()))


def _homes(person: Person) -> Iterator[tuple[str, ...]]:
    if person.street and person.plz:
        yield person.plz, person.street.casefold()
    yield from ((way,) for way in {person.email.casefold(), person.phone, person.mobile} - {""})


def weights_now() -> matching.Weights:
    """Those of the run that holds: whoever takes over a preview takes over its weights."""
    current = MatchingRun.objects.filter(state=State.CURRENT).first()
    return weights_of(current) if current else matching.DEFAULT_WEIGHTS


def weights_shown() -> matching.Weights:
    """Those of the preview that is looked at, or else those that hold."""
    preview = MatchingRun.objects.filter(state=State.PREVIEW).order_by("created_at").last()
    return weights_of(preview) if preview else weights_now()


def weights_of(run: MatchingRun) -> matching.Weights:
    """What a run says; where it says nothing, what always counts."""
    values = asdict(matching.DEFAULT_WEIGHTS) | run.weights
    return matching.Weights(**values | {"load": tuple(values["load"])})


@transaction.atomic
def request_run(
    by: Person | None, *, preview: bool, weights: matching.Weights | None = None
) -> MatchingRun:
    """Ask for a run, with other weights if given; Celery does it.

    Asking twice while one waits returns the waiting one; it reckons with the newest weights.
    """
    lock_for_transaction("members.matching.request")
    wanted = asdict(weights) if weights else {}
    waiting = MatchingRun.objects.select_for_update(skip_locked=True)
    run = waiting.filter(state=State.QUEUED, is_preview=preview).first()
    if run is None:
        run = MatchingRun.objects.create(
            started_by=by, is_preview=preview, created_at=clock.now(), weights=wanted
        )
        enqueue("members.run_matching", str(run.pk))
    elif wanted:
        run.weights = wanted
        run.save(update_fields=["weights"])
    return run


@transaction.atomic
def run_matching(pk: UUID) -> MatchingRun:
    """Compute a queued run and store it; running it a second time changes nothing."""
    lock_for_transaction("members.matching")
    run = MatchingRun.objects.select_for_update().get(pk=pk)
    if run.state != State.QUEUED:
        return run
    if not run.is_preview:
        # Nobody takes over other weights while these are being reckoned with.
        lock_for_transaction(CURRENT)
    world = load_world()
    weights = weights_of(run) if run.weights else weights_now()
    proposed = solve(world, weights)
    result = proposed.result
    run.weights = asdict(weights)
    run.newcomers, run.mentors = len(world.newcomers), len(world.mentors)
    run.matched, run.score = len(result.pairs), result.score
    run.finished_at = clock.now()
    run.state = State.PREVIEW
    run.save()
    MatchProposal.objects.bulk_create(_proposals(run, world, proposed), batch_size=2000)
    if not run.is_preview:
        make_current(run, None)
    return run


def give_up(pk: UUID) -> None:
    """Mark a run that broke, so that the next one can be asked for."""
    MatchingRun.objects.filter(pk=pk, state=State.QUEUED).update(state=State.FAILED)


def _proposals(run: MatchingRun, world: World, proposed: pairing.Proposed) -> list[MatchProposal]:
    result, rows = proposed.result, world.mentor_rows
    topics = dict(Topic.objects.values_list("code", "name"))
    proposals = [
        MatchProposal(
            run=run,
            onboarding=world.onboardings[pair.newcomer],
            mentor=rows[pair.mentor],
            second=rows.get(proposed.seconds.get(pair.newcomer, pair.newcomer)),
            score=pair.score,
            parts=pair.parts,
            explanation=explain(pair, topics, SLOTS, LANGUAGES),
        )
        for pair in result.pairs
    ]
    return proposals + [
        MatchProposal(
            run=run,
            onboarding=world.onboardings[gap.newcomer],
            explanation=gap.text,
            reason_code=gap.code,
        )
        for gap in result.unmatched
    ]


@transaction.atomic
def make_current(run: MatchingRun, by: Person | None) -> None:
    """Let a computed run replace the one that holds now; raises DomainError if it is outdated."""
    lock_for_transaction(CURRENT)
    run = MatchingRun.objects.select_for_update().get(pk=run.pk)
    if run.state == State.CURRENT:
        return
    if run.state != State.PREVIEW:
        raise DomainError("Diese Vorschau gilt nicht mehr. Bitte rechne neu.")
    fields = ["weights"] if weights_of(run) != weights_now() else []
    MatchingRun.objects.filter(state=State.CURRENT).update(state=State.PAST)
    # A preview made before the new run would propose yesterday's world.
    MatchingRun.objects.filter(state=State.PREVIEW).exclude(pk=run.pk).update(state=State.PAST)
    MatchProposal.objects.filter(run__state=State.PAST).delete()
    MatchingRun.objects.filter(pk=run.pk).update(state=State.CURRENT)
    if run.is_preview:
        _drop_overtaken(run)
    tandem_mail.tell_proposals(run)
    audit.record("matching.accepted", by.pk if by else None, run, fields, run.matched)


def _drop_overtaken(run: MatchingRun) -> None:
    """What people decided while a preview was looked at counts more than the preview."""
    world = load_world()
    unwanted, mentors = frozenset(_unwanted(world)), {one.id: one for one in world.mentors}
    left = {pk: one.capacity - one.taken for pk, one in mentors.items()}
    found = run.proposals.filter(mentor__isnull=False).select_related(
        "onboarding", "mentor", "second"
    )
    gone = []
    for proposal in found.order_by("-score", "pk"):
        newcomer = proposal.onboarding.person_id
        pair = [one.person_id for one in (proposal.mentor, proposal.second) if one]
        is_open = newcomer in world.onboardings and all(
            left.get(mentor, 0) > 0 and (newcomer, mentor) not in unwanted for mentor in pair
        )
        if not is_open:
            gone.append(proposal.pk)
            continue
        for mentor in pair:
            left[mentor] -= 1
    MatchProposal.objects.filter(pk__in=gone).delete()


def changes_against_current(run: MatchingRun) -> dict[str, int]:
    """Count what a preview would change: kept, changed, new and lost proposals."""
    before = dict(_pairs_of(State.CURRENT))
    after = dict(
        run.proposals.filter(mentor__isnull=False).values_list("onboarding_id", "mentor_id")
    )
    both = before.keys() & after.keys()
    kept = sum(before[key] == after[key] for key in both)
    return {
        "kept": kept,
        "changed": len(both) - kept,
        "new": len(after.keys() - before.keys()),
        "lost": len(before.keys() - after.keys()),
    }


def _pairs_of(state: str) -> list[tuple[UUID, UUID]]:
    return list(
        MatchProposal.objects.filter(run__state=state, mentor__isnull=False).values_list(
            "onboarding_id", "mentor_id"
        )
    )
