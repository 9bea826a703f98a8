"""Run the matching engine on what is stored, and keep what it proposes."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Sum

from members import matching, pairing
from members.labels import LANGUAGES, SLOTS
from members.matching_sentences import explain
from members.models import MatchingRun, MatchProposal, Person, Topic
from members.services import tandem_mail
from members.services.matching_world import (
    TOGETHER,
    World,
    available_mentors,
    load_worlds,
    names_of,
    regions,
)
from members.services.tandems import CURRENT
from portal.common import audit, clock
from portal.common.errors import DomainError
from portal.common.jobs import enqueue
from portal.common.locks import lock_for_transaction

State = MatchingRun.State
Row = dict[str, Any]
# Beginning and ending a task takes longer than solving a small region: more regions share tasks.
MOST_TASKS = 64
# A hundred thousand rows at once: as models they take four times as long.
STORE = """
insert into members_matchproposal
  (id, run_id, onboarding_id, mentor_id, second_id, score, parts, explanation, reason_code)
select gen_random_uuid(), run, onboarding, mentor, second, score, parts, explanation, code
  from jsonb_to_recordset(%s) as row (onboarding uuid, mentor uuid, second uuid, score integer,
       parts jsonb, explanation text, code text), cast(%s as uuid) as run
    on conflict do nothing
"""


def solve(world: World, weights: matching.Weights | None = None) -> pairing.Proposed:
    """Without weights, those that hold."""
    return pairing.propose(
        world.newcomers,
        world.mentors,
        weights or weights_now(),
        vetoes=world.vetoes,
        keep=world.keep,
        fixed=world.fixed,
    )


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
    run = waiting.filter(state=State.QUEUED, is_preview=preview, parts_left=[]).first()
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
    """Compute a queued run; several regions get tasks. A second time changes nothing."""
    lock_for_transaction("members.matching")
    if not MatchingRun.objects.get(pk=pk).is_preview:
        # Nobody takes over other weights while these are being reckoned with.
        lock_for_transaction(CURRENT)
    run = MatchingRun.objects.select_for_update().get(pk=pk)
    if run.state != State.QUEUED:
        return run
    if not run.parts_left:
        run.parts_left = names_of(regions())
        run.weights = asdict(weights_of(run) if run.weights else weights_now())
        run.save(update_fields=["parts_left", "weights"])
    if len(run.parts_left) == 1:
        return match_regions(pk, run.parts_left)
    for at in range(min(MOST_TASKS, len(run.parts_left))):
        enqueue("members.match_regions", str(pk), *run.parts_left[at::MOST_TASKS])
    return run


@transaction.atomic
def match_regions(pk: UUID, names: Sequence[str]) -> MatchingRun:
    """Compute some regions of a run; who computes the last ones finishes it."""
    run = MatchingRun.objects.get(pk=pk)
    left = [name for name in names if name in run.parts_left]
    in_one_go = set(left) == set(run.parts_left) and not run.proposals.exists()
    where = regions(() if in_one_go else left)
    if in_one_go and not run.is_preview:
        lock_for_transaction(CURRENT)
    topics = dict(Topic.objects.values_list("code", "name"))
    for start in range(0, len(left), TOGETHER):
        some = left[start : start + TOGETHER]
        worlds = zip(some, load_worlds(where, some), strict=True)
        proposals = {name: [*_proposals(run, world, topics)] for name, world in worlds}
        if not run.is_preview:
            lock_for_transaction(CURRENT)
        run = MatchingRun.objects.select_for_update().get(pk=pk)
        if run.state != State.QUEUED:
            return run  # given up
        mine = [name for name in some if name in run.parts_left]  # elsewhere others were faster
        _store(run, [one for name in mine for one in proposals[name]])
        run.parts_left = [name for name in run.parts_left if name not in mine]
        run.save(update_fields=["parts_left"])
    if left and run.state == State.QUEUED and not run.parts_left:
        _finish(run, in_one_go)
    return run


def _finish(run: MatchingRun, in_one_go: bool) -> None:
    found = run.proposals.aggregate(
        newcomers=Count("pk"), matched=Count("mentor"), score=Sum("score", default=0)
    )
    for name, value in found.items():
        setattr(run, name, value)
    run.mentors = available_mentors().count()
    run.finished_at = clock.now()
    run.state = State.PREVIEW
    run.save()
    if run.is_preview:
        return
    if weights_of(run) != weights_now():
        # Other weights were taken over in between: these proposals are of yesterday.
        give_up(run.pk)
        request_run(run.started_by, preview=False)
    else:
        make_current(run, None, overtaken=not in_one_go)


def give_up(pk: UUID) -> None:
    """Mark a run that broke, so that the next one can be asked for."""
    unfinished = MatchingRun.objects.filter(pk=pk, state__in=[State.QUEUED, State.PREVIEW])
    if unfinished.update(state=State.FAILED, parts_left=[]):
        MatchProposal.objects.filter(run=pk).delete()


def _proposals(run: MatchingRun, world: World, topics: Mapping[str, str]) -> Iterator[Row]:
    proposed = solve(world, weights_of(run))
    mentors = world.mentor_rows
    for pair in proposed.result.pairs:
        second = proposed.seconds.get(pair.newcomer)
        yield {
            "onboarding": world.onboardings[pair.newcomer],
            "mentor": mentors[pair.mentor],
            "second": mentors[second] if second else None,
            "score": pair.score,
            "parts": pair.parts,
            "explanation": explain(pair, topics, SLOTS, LANGUAGES),
            "code": "",
        }
    for gap in proposed.result.unmatched:
        yield {
            "onboarding": world.onboardings[gap.newcomer],
            "score": 0,
            "parts": {},
            "explanation": gap.text,
            "code": gap.code,
        }


def _store(run: MatchingRun, proposals: Sequence[Row]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(STORE, [json.dumps(proposals), run.pk])


@transaction.atomic
def make_current(run: MatchingRun, by: Person | None, *, overtaken: bool = True) -> None:
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
    if overtaken:
        _drop_overtaken(run)
    tandem_mail.tell_proposals(run)
    audit.record("matching.accepted", by.pk if by else None, run, fields, run.matched)


def _drop_overtaken(run: MatchingRun) -> None:
    """What people decided while a run was computed or looked at counts more than the run."""
    proposed: dict[UUID, tuple[UUID, list[UUID]]] = {}
    found = run.proposals.filter(mentor__isnull=False).order_by("-score", "pk")
    people = found.values_list(
        "onboarding__person_id", "pk", "mentor__person_id", "second__person_id"
    )
    for newcomer, pk, *pair in people:
        proposed[newcomer] = pk, [one for one in pair if one]
    where, still = regions(), set[UUID]()
    for world in load_worlds(where, names_of(where)):
        left = {one.id: one.capacity - one.taken for one in world.mentors}
        for newcomer in [one for one in proposed if one in world.onboardings]:
            pk, pair = proposed[newcomer]
            if all(left.get(one, 0) > 0 and (newcomer, one) not in world.vetoes for one in pair):
                still.add(pk)
                for one in pair:
                    left[one] -= 1
    gone = {pk for pk, _ in proposed.values()} - still
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
