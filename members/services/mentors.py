"""Becoming a mentor, being one, and a rest in between (E1)."""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q

from members.models import MatchProposal, Mentor, PairRule, Person, Tandem
from members.services import tandem_mail
from members.services.tandems import CURRENT
from portal.common import audit, clock
from portal.common.errors import DomainError
from portal.common.locks import lock_for_transaction
from portal.common.scope import scope

FREE = "free"
TOO_YOUNG = "Wer unter 18 ist, begleitet noch niemanden."


class MentorRefused(DomainError):
    """What a mentor cannot do."""


def of(person: Person) -> Mentor | None:
    """Mentor, or somebody who would like to be one; who has stopped as long as a tandem runs."""
    mentor = Mentor.objects.filter(person=person).first()
    if mentor is None or mentor.active_to is None or mentor.active_to >= clock.today():
        return mentor
    runs = Tandem.objects.open().filter(Q(mentor=person) | Q(second=person))
    return mentor if runs.exists() else None


@scope("system:mentoring")
def apply(person: Person, values: dict[str, Any]) -> Mentor:
    """Somebody would like to; proposed is nobody before the coordinator has prepared them."""
    if person.is_minor:
        raise MentorRefused(TOO_YOUNG)
    today = clock.today()
    mentor, _ = Mentor.objects.select_for_update().get_or_create(
        person=person,
        defaults={"active_from": today, "pledged_on": today, "capacity": values["capacity"]},
    )
    _anew(mentor)
    _save(mentor, values)
    audit.record("mentor.applied", person.pk, mentor)
    return mentor


@transaction.atomic
def invite(person: Person, by: Person) -> None:
    """The office thinks of somebody; whether they want to, they say themselves."""
    if of(person):
        raise MentorRefused(f"{person.first_name} ist schon dabei.")
    if person.is_minor:
        raise MentorRefused(TOO_YOUNG)
    if not tandem_mail.invite(person):
        raise MentorRefused("Weder E-Mail noch Anschrift sind bekannt. Ruf lieber an.")
    audit.record("mentor.invited", by.pk, person)


@transaction.atomic
def offer(person: Person, by: Person) -> None:
    """Said on the phone: topics, languages and times stand with the person already."""
    today = clock.today()
    mentor, _ = Mentor.objects.get_or_create(
        person=person, defaults={"active_from": today, "pledged_on": today}
    )
    _anew(mentor)
    mentor.save()
    audit.record("mentor.applied", by.pk, mentor)


def _anew(mentor: Mentor) -> None:
    """Was one before: what was agreed then counts only with a new preparation."""
    today = clock.today()
    if mentor.active_to and mentor.active_to < today:
        mentor.prepared_on, mentor.accepts_minors = None, False
        mentor.active_from, mentor.active_to, mentor.pledged_on = today, None, today
    mentor.paused_on = None


@scope("system:mentoring")
def change(mentor: Mentor, values: dict[str, Any]) -> list[str]:
    """Change what a mentor says about themselves; returns the names of what is different now."""
    changed = _save(mentor, values)
    if changed:
        audit.record("mentor.changed", mentor.person_id, mentor, changed)
    return changed


def _save(mentor: Mentor, values: dict[str, Any]) -> list[str]:
    """Facts of the mentor, and those that stand with the person."""
    person, own = mentor.person, ("capacity", "functions")
    about = ("languages", "availability", "is_flinta")
    before = {name: getattr(person, name) for name in about} | {
        name: getattr(mentor, name) for name in own
    }
    for name in about:
        setattr(person, name, values[name])
    for name in own:
        setattr(mentor, name, values[name])
    # Nobody works with fewer rules than they agreed to; going back is always possible.
    had_minors = mentor.accepts_minors
    mentor.accepts_minors = had_minors and values.get("accepts_minors", True)
    if had_minors and not mentor.accepts_minors:
        _withdraw(mentor)
    person.save(update_fields=[*about])
    mentor.save()
    topics = {topic.pk for topic in values["topics"]}
    had = set(person.topics.values_list("pk", flat=True))
    person.topics.set(topics)
    return [name for name, old in before.items() if old != values[name]] + (
        ["topics"] if topics != had else []
    )


@scope("system:mentoring")
def pause(mentor: Mentor, *, rests: bool) -> None:
    """No new proposals for a while; tandems that run go on. Twice is the same as once."""
    lock_for_transaction(CURRENT)
    mentor = Mentor.objects.select_for_update().get(pk=mentor.pk)
    if (mentor.paused_on is not None) == rests:
        return
    mentor.paused_on = clock.today() if rests else None
    mentor.save(update_fields=["paused_on"])
    if rests:
        _withdraw(mentor)
    audit.record("mentor.paused" if rests else "mentor.resumed", mentor.person_id, mentor)


def _withdraw(mentor: Mentor) -> None:
    """Nobody says yes to somebody who is not there."""
    for side in ("mentor", "second"):
        MatchProposal.objects.filter(run__state="current", **{side: mentor}).delete()


@transaction.atomic
def prepare(mentor: Mentor, by: Person, *, on: date, minors: bool, until: date | None) -> None:
    """The coordinator has talked with them; the Schutzkonzept is signed where minors are ticked."""
    if by.pk == mentor.person_id:
        raise MentorRefused("Das bestätigt jemand anderes für dich.")
    if mentor.person.is_minor:
        raise MentorRefused(TOO_YOUNG)
    lock_for_transaction(CURRENT)
    was_minors = mentor.accepts_minors
    mentor.prepared_on, mentor.accepts_minors, mentor.active_to = on, minors, until
    mentor.save(update_fields=["prepared_on", "accepts_minors", "active_to"])
    if (was_minors and not minors) or (until and until < clock.today()):
        _withdraw(mentor)
    audit.record("mentor.prepared", by.pk, mentor)


@scope("system:mentoring")
def stop(mentor: Mentor) -> None:
    """From tomorrow on no mentor any more; tandems that run go on until they are ended."""
    lock_for_transaction(CURRENT)
    mentor.active_to = clock.today()
    mentor.paused_on = mentor.paused_on or clock.today()
    mentor.save(update_fields=["active_to", "paused_on"])
    _withdraw(mentor)
    audit.record("mentor.changed", mentor.person_id, mentor, ["active_to"])


@transaction.atomic
def rule(proposal: MatchProposal, kind: str, by: Person) -> None:
    """Hold a proposed pair in every run ("fixed"), free it, or keep the two apart ("forbidden")."""
    lock_for_transaction(CURRENT)
    if proposal.mentor is None:
        raise MentorRefused("Hier ist kein Paar.")
    newcomer = proposal.onboarding.person_id
    pair: dict[str, Any] = {"newcomer_id": newcomer, "mentor_id": proposal.mentor.person_id}
    if kind == FREE:
        PairRule.objects.filter(**pair).delete()
    else:
        if kind == PairRule.Kind.FIXED:
            PairRule.objects.filter(newcomer=newcomer, kind=kind).exclude(**pair).delete()
        PairRule.objects.update_or_create(
            **pair, defaults={"kind": kind, "made_by": by, "made_at": clock.now()}
        )
    if kind == PairRule.Kind.FORBIDDEN:
        same = MatchProposal.objects.filter(
            Q(mentor=proposal.mentor) | Q(second=proposal.mentor),
            onboarding=proposal.onboarding_id,
        )
        same.delete()
    audit.record("matching.pair_rule", by.pk)


@transaction.atomic
def lift(pair_rule: PairRule, by: Person) -> None:
    """A rule that no proposal shows any more is taken back here."""
    lock_for_transaction(CURRENT)
    pair_rule.delete()
    audit.record("matching.pair_rule", by.pk)
