"""From the newcomer's yes to the closing talk (E2-E5, R14, T24).

Lock order: the run that holds, then mentors, then one tandem; conditions are judged afterwards.
"""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from dateutil.relativedelta import relativedelta
from django.db import transaction

from members.models import (
    MatchingRun,
    MatchProposal,
    Mentor,
    Onboarding,
    Person,
    Tandem,
    TandemFeedback,
    TandemMeeting,
    TandemReport,
)
from members.services import tandem_mail, tandem_reports
from members.services.tandem_pairs import is_possible, places_taken, waits_for_guardian
from portal.common import audit, clock
from portal.common.errors import DomainError
from portal.common.locks import lock_for_transaction
from portal.common.scope import scope

State, Outcome = Tandem.State, Tandem.Outcome
# Held by whatever changes which proposals there are.
CURRENT = "members.matching.current"
LASTS = relativedelta(months=6)
LONGER = (3, 6)
LONGEST = relativedelta(months=24)
TOO_LATE = "Dieser Vorschlag gilt nicht mehr. Wir suchen weiter und melden uns."
NOT_OPEN = "Dieses Tandem ist nicht mehr offen."


class TandemRefused(DomainError):
    """What cannot be done, or not any more."""


# --- The newcomer's answer to a proposal ----------------------------------------------------------


def proposal_for(onboarding: Onboarding) -> MatchProposal | None:
    """The proposal that can be answered now."""
    if not onboarding.is_open_for_mentors:
        return None
    current = MatchProposal.objects.filter(run__state=MatchingRun.State.CURRENT)
    found = current.filter(onboarding=onboarding, mentor__isnull=False)
    return found.select_related("mentor__person", "second__person", "onboarding__person").first()


def accept(onboarding: Onboarding, mentor: UUID, by: Person) -> Tandem:
    """The newcomer says yes; now the mentor is asked. Twice is the same as once."""
    tandem = _accept(onboarding, mentor, by)
    if tandem is None:
        raise TandemRefused(TOO_LATE)
    return tandem


@scope("system:mentoring")
def _accept(onboarding: Onboarding, mentor: UUID, by: Person) -> Tandem | None:
    """None where it is too late; then the proposal is gone, too."""
    lock_for_transaction(CURRENT)
    rows = Mentor.objects.select_for_update(of=("self",)).select_related("person").order_by("pk")
    already = Tandem.objects.open().filter(newcomer=onboarding.person_id, mentor__mentor=mentor)
    if found := already.first():
        return found
    proposal = proposal_for(onboarding)
    if proposal is None or proposal.mentor_id != mentor:
        return None
    asked = [pk for pk in (proposal.mentor_id, proposal.second_id) if pk]
    free = list(rows.available(clock.today()).filter(pk__in=asked))
    taken = places_taken()
    is_free = len(free) == len(asked) and all(taken[one.person_id] < one.capacity for one in free)
    if not is_free or not is_possible(proposal.onboarding, free):
        proposal.delete()
        return None
    tandem = _from(proposal, state=State.ASKED)
    MatchProposal.objects.filter(pk=proposal.pk).delete()
    tandem_mail.ask_mentors(tandem)
    audit.record("tandem.asked", by.pk, tandem)
    return tandem


@scope("system:mentoring")
def decline(onboarding: Onboarding, mentor: UUID, by: Person) -> bool:
    """The newcomer says no, without reasons; False when there was nothing to say no to."""
    lock_for_transaction(CURRENT)
    proposal = proposal_for(onboarding)
    if proposal is None or proposal.mentor_id != mentor:
        return False
    tandem = _from(proposal, state=State.ENDED, outcome=Outcome.NO, ended_on=clock.today())
    MatchProposal.objects.filter(pk=proposal.pk).delete()
    audit.record("tandem.declined", by.pk, tandem)
    return True


def nobody_answered(onboarding: UUID, mentor: UUID) -> None:
    """Take a proposal back that its newcomer has left open; the caller holds the lock."""
    current = MatchProposal.objects.filter(run__state=MatchingRun.State.CURRENT)
    found = current.filter(onboarding=onboarding, mentor=mentor)
    proposal = found.select_related("mentor__person", "second__person", "onboarding").first()
    if proposal is None:
        return
    today = clock.today()
    _from(proposal, state=State.ENDED, outcome=Outcome.LAPSED, ended_on=today)
    MatchProposal.objects.filter(pk=proposal.pk).delete()


def _from(proposal: MatchProposal, **values: object) -> Tandem:
    assert proposal.mentor is not None  # `proposal_for` asks for one
    second = proposal.second.person if proposal.second else None
    return Tandem.objects.create(
        newcomer_id=proposal.onboarding.person_id,
        mentor=proposal.mentor.person,
        second=second,
        run_id=proposal.run_id,
        explanation=proposal.explanation,
        parts=proposal.parts,
        asked_at=clock.now(),
        **values,
    )


# --- The mentor's answer --------------------------------------------------------------------------


def locked(pk: UUID, *states: str) -> Tandem:
    """The tandem in one of these states, locked; raises TandemRefused if it has moved on."""
    rows = Tandem.objects.select_for_update(of=("self",))
    found = rows.select_related("newcomer", "mentor", "second").filter(pk=pk).first()
    if found is None or found.state not in (states or (State.ASKED, State.ACTIVE)):
        raise TandemRefused(NOT_OPEN)
    return found


@scope("system:mentoring")
def answer(pk: UUID, mentor: Person, *, yes: bool, by: Person) -> Tandem:
    """What a mentor says; the last yes begins the tandem."""
    tandem = locked(pk)
    if mentor.pk not in (tandem.mentor_id, tandem.second_id):
        raise TandemRefused(NOT_OPEN)
    if yes and tandem.has_said_yes(mentor):
        begin_if_ready(tandem)
        return tandem
    if tandem.state != State.ASKED:
        raise TandemRefused("Das Tandem läuft schon. Du kannst es auf deiner Seite beenden.")
    if not yes:
        end(tandem, Outcome.MENTOR_NO, by, [tandem.newcomer, *_others(tandem, mentor)])
        return tandem
    field = "second_yes_on" if mentor.pk == tandem.second_id else "mentor_yes_on"
    setattr(tandem, field, clock.today())
    tandem.save(update_fields=[field])
    audit.record("tandem.mentor_yes", by.pk, tandem)
    begin_if_ready(tandem)
    return tandem


def begin_if_ready(tandem: Tandem) -> bool:
    """All yeses, everything still as it was proposed, and the guardian's consent where needed."""
    if tandem.state != State.ASKED or not tandem.has_all_yeses:
        return False
    newest = tandem.newcomer.onboardings.select_related("person").order_by("-started_on").first()
    mentors = Mentor.objects.filter(person__in=tandem.mentors).select_related("person")
    if not is_possible(newest, list(mentors)):
        end(tandem, Outcome.LEFT, None, tandem.mentors)
        return False
    if waits_for_guardian(tandem):
        return False
    tandem.state = State.ACTIVE
    tandem.started_on = clock.today()
    tandem.planned_end = clock.today() + LASTS
    tandem.save(update_fields=["state", "started_on", "planned_end"])
    audit.record("tandem.begun", None, tandem)
    tandem_mail.begins(tandem)
    return True


@scope("system:mentoring")
def guardian_agrees(person: Person, signed_on: date, by: Person) -> None:
    """The paper is there; a tandem that only waited for it begins."""
    Onboarding.objects.filter(person=person).update(guardian_consent_on=signed_on)
    audit.record("tandem.guardian", by.pk, person)
    waiting = Tandem.objects.filter(newcomer=person, state=State.ASKED).values_list("pk", flat=True)
    for pk in waiting:
        begin_if_ready(locked(pk))


@scope("system:mentoring")
def paper_is_there(pk: UUID, by: Person) -> None:
    """The coordinator has seen it."""
    guardian_agrees(locked(pk, State.ASKED).newcomer, clock.today(), by)


# --- While it runs --------------------------------------------------------------------------------


@scope("system:mentoring")
def note_meeting(pk: UUID, met_on: date, how: str, by: Person) -> None:
    """They met, on which day and how; the same twice is one meeting."""
    tandem = locked(pk, State.ACTIVE)
    assert tandem.started_on is not None  # held by a constraint
    if not tandem.started_on <= met_on <= clock.today():
        raise TandemRefused("Der Tag muss zwischen dem Beginn des Tandems und heute liegen.")
    _, is_new = TandemMeeting.objects.get_or_create(
        tandem=tandem, met_on=met_on, how=how, defaults={"noted_by": by}
    )
    if is_new:
        audit.record("tandem.met", by.pk, tandem)


@scope("system:mentoring")
def coordinator_called(pk: UUID, by: Person) -> None:
    """The coordinator has spoken with both: the silence counts from today."""
    tandem = locked(pk, State.ACTIVE)
    tandem.called_on = clock.today()
    tandem.save(update_fields=["called_on"])
    audit.record("tandem.called", by.pk, tandem)


@scope("system:mentoring")
def extend(pk: UUID, months: int, by: Person, shown: date | None = None) -> Tandem:
    """A few months longer, at most two years in sum; `shown` is the end somebody looked at."""
    tandem = locked(pk, State.ACTIVE)
    if shown is not None and shown != tandem.planned_end:
        return tandem  # tapped twice, or by both
    assert tandem.started_on is not None  # held by a constraint, as the next line
    assert tandem.planned_end is not None
    later = max(tandem.planned_end, clock.today()) + relativedelta(months=months)
    if later > tandem.started_on + LONGEST:
        raise TandemRefused("Länger als zwei Jahre geht ein Tandem nicht. Bleibt gern in Kontakt!")
    tandem.planned_end = later
    tandem.save(update_fields=["planned_end"])
    audit.record("tandem.extended", by.pk, tandem)
    return tandem


def extend_by_call(pk: UUID, by: Person) -> None:
    """Both told the coordinator that they go on."""
    extend(pk, LONGER[0], by)


# --- The end --------------------------------------------------------------------------------------


def end(tandem: Tandem, outcome: str, by: Person | None, told: Collection[Person]) -> None:
    """End a locked tandem; `told` get one neutral sentence about it."""
    tandem.state, tandem.outcome, tandem.ended_on = State.ENDED, outcome, clock.today()
    tandem.ended_by = by
    tandem.save(update_fields=["state", "outcome", "ended_on", "ended_by"])
    audit.record("tandem.ended", by.pk if by else None, tandem)
    tandem_mail.over(tandem, told)


def _others(tandem: Tandem, person: Person) -> list[Person]:
    """The mentors without this one."""
    return [one for one in tandem.mentors if one.pk != person.pk]


@scope("system:mentoring")
def leave(pk: UUID, person: Person, by: Person) -> None:
    """Either side goes, at any time and without a reason; the newcomer is proposed again."""
    tandem = locked(pk)
    is_newcomer = person.pk == tandem.newcomer_id
    if not is_newcomer and person not in tandem.mentors:
        raise TandemRefused(NOT_OPEN)
    told = tandem.mentors if is_newcomer else [tandem.newcomer, *_others(tandem, person)]
    end(tandem, Outcome.CHANGED if is_newcomer else Outcome.BROKEN, by, told)


@scope("system:mentoring")
def complete(pk: UUID, by: Person) -> None:
    """The closing talk was held (E5)."""
    end(locked(pk, State.ACTIVE), Outcome.COMPLETED, by, [])


@scope("system:mentoring")
def stop(pk: UUID, by: Person) -> None:
    """The coordinator ends it after a call; everybody hears of it."""
    tandem = locked(pk)
    end(tandem, Outcome.BROKEN, by, [tandem.newcomer, *tandem.mentors])


@scope("system:mentoring")
def block(pk: UUID, person: Person, text: str | None = None) -> TandemReport | None:
    """At once and for good; with `text` (which may be empty) two people of the office are told.

    Nobody else learns of it: neither the other side nor the own Ortsverein (T24).
    """
    tandem = locked(pk, *State.values)
    if tandem.state != State.ENDED:
        end(tandem, Outcome.BLOCKED, person, [])
    elif tandem.outcome != Outcome.BLOCKED:
        tandem.outcome, tandem.ended_by = Outcome.BLOCKED, person
        tandem.save(update_fields=["outcome", "ended_by"])
    return tandem_reports.report(tandem, person, text) if text is not None else None


@transaction.atomic
def give_feedback(tandem: Tandem, person: Person, values: dict[str, object]) -> None:
    """Five answers of one side; the last ones count."""
    if tandem.state != State.ENDED or tandem.outcome != Outcome.COMPLETED:
        raise TandemRefused("Die Fragen kommen nach dem Abschlussgespräch.")
    TandemFeedback.objects.update_or_create(
        tandem=tandem, person=person, defaults={**values, "given_on": clock.today()}
    )
