"""What is to be named to whom today: one statement for all newcomers, however many they are."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from members.models import District, Milestone, Onboarding, Reminder, Step
from members.queries.chains import Chains, chains_of_all
from portal.common import ladder

# Why somebody hears of it: their own task, reported upwards, „nobody called“, put off till today.
OWN, UP, LATE, ASKED, FOLLOW_UP = "own", "up", "late", "asked", "follow_up"


@dataclass(frozen=True, slots=True)
class Told:
    """One thing one person is told, and why."""

    key: str
    step: int
    role: str
    milestone: UUID | None
    onboarding: UUID


def _first_of(chain: str, *others: str) -> str:
    """SQL for the first of a chain who is neither the newcomer nor one of `others` (R6)."""
    different = " and ".join(f"c.who is distinct from {other}" for other in ("person_id", *others))
    return (  # words of ours only
        f"(select c.who from unnest({chain}) with ordinality as c(who, place)"  # noqa: S608
        f" where {different} order by c.place limit 1)"
    )


def _knew(who: str) -> str:
    """SQL: nobody is below, or that person was told the same at least seven days ago."""
    return (  # words of ours only
        f"(not %(ask_below)s or {who} is null or exists (select 1 from members_reminder r"  # noqa: S608
        f" where r.recipient_id = {who} and r.key = p.key and r.first_told_on <= %(warned)s))"
    )


# Put together from words of ours only; values are parameters.
# The rungs of portal.common.ladder as sets; a test holds both against each other.
TOLD = f"""
with chain as materialized (
    select * from unnest(%(places)s::uuid[], %(firsts)s::text[], %(ups)s::text[], %(lates)s::text[])
        as t(place, firsts, ups, lates)
), newcomer as (
    select o.id as onboarding_id, o.person_id, o.responsible_id, o.asked_for_call_at,
           o.follow_up_on, c.firsts::uuid[], c.ups::uuid[], c.lates::uuid[]
      from members_onboarding o
      join members_person p on p.id = o.person_id
      join chain c on c.place = coalesce(p.gliederung_id, %(district)s)
     where o.state = %(running)s
       and p.no_contact_since is null
       and (%(only)s::uuid[] is null or o.id = any(%(only)s::uuid[]))
       and exists (select 1 from members_membership m
                    where m.person_id = p.id and not m.has_ended)
), caller as (
    select n.*,
           case when responsible_id = any(firsts) and responsible_id <> person_id
                then responsible_id else {_first_of("firsts")} end as calls
      from newcomer n
), promise as (
    select m.id as milestone_id, 'milestone:' || m.id as key, n.*,
           case when m.due_on <= %(late_by)s then {ladder.LATE}
                when m.due_on <= %(today)s then {ladder.DUE}
                when m.due_on <= %(soon)s then {ladder.SOON}
                else {ladder.ARRIVED} end as step,
           case m.responsible
                when %(by_chair)s then {_first_of("ups")}
                when %(by_office)s then {_first_of("lates")}
                else n.calls end as own
      from members_milestone m
      join caller n on n.onboarding_id = m.onboarding_id
     where m.state = %(open)s
       and m.opens_on <= %(today)s
       and (m.due_on <= %(soon)s or m.position = 1)
       and (n.follow_up_on is null or n.follow_up_on <= %(today)s)
), above as (
    select p.*, case when step >= {ladder.DUE} then {_first_of("ups", "own")} end as up
      from promise p
), top as (
    select a.*, case when step >= {ladder.LATE} then {_first_of("lates", "own", "up")} end as late
      from above a
), deputy as (
    select n.*, 'nobody-called:' || n.onboarding_id || ':'
                || (n.asked_for_call_at at time zone 'Europe/Berlin')::date as key,
           {_first_of("firsts", "calls")} as deputy
      from caller n where n.asked_for_call_at is not null
), told as (
    select own as recipient, key, step, 'own' as role, milestone_id, onboarding_id
      from top where own is not null
    union all
    select up, key, step, 'up', milestone_id, onboarding_id
      from top p where up is not null and {_knew("own")}
    union all
    select late, key, step, 'late', milestone_id, onboarding_id
      from top p where late is not null and {_knew("own")} and {_knew("up")}
    union all
    select deputy, key, 0, 'asked', null, onboarding_id
      from deputy where deputy is not null
    union all
    select {_first_of("lates", "calls", "deputy")}, key, 0, 'asked', null, onboarding_id
      from deputy
    union all
    select calls, 'follow-up:' || onboarding_id || ':' || follow_up_on, 0, 'follow_up', null,
           onboarding_id
      from caller n where calls is not null and follow_up_on <= %(today)s
)
"""  # noqa: S608


def parameters(
    today: date, *, only: Iterable[UUID] | None = None, ask_below: bool = True
) -> dict[str, Any]:
    """Return what TOLD needs; `only` narrows it to some onboardings."""
    chains = chains_of_all(today)
    return {
        "today": today,
        "soon": today + ladder.SOON_BEFORE,
        "late_by": today - ladder.LATE_AFTER,
        "warned": today - ladder.WARNED_BEFORE,
        "ask_below": ask_below,
        "only": None if only is None else [str(pk) for pk in only],
        "district": str(District.current().gliederung_id),
        "running": Onboarding.State.RUNNING,
        "open": Milestone.State.OPEN,
        "by_chair": Step.Responsible.VORSITZ,
        "by_office": Step.Responsible.GESCHAEFTSSTELLE,
    } | _columns(chains)


def _columns(chains: dict[UUID, Chains]) -> dict[str, list[str]]:
    """Chains as columns; Postgres takes no lists of different lengths, so each is its text."""

    def texts(name: str) -> list[str]:
        return ["{" + ",".join(map(str, getattr(c, name))) + "}" for c in chains.values()]

    return {"places": [str(pk) for pk in chains]} | {
        name: texts(name) for name in ("firsts", "ups", "lates")
    }


def still_true(recipient: UUID, day: date, today: date) -> list[Told]:
    """Return what the digest of `day` names to somebody, as far as it is theirs at this moment."""
    named = Reminder.objects.filter(recipient=recipient, told_on=day)
    keys = set(named.values_list("key", flat=True))
    others = (key.split(":") for key in keys if key.startswith(("nobody-called:", "follow-up:")))
    only = {UUID(parts[1]) for parts in others}
    only |= set(Milestone.objects.filter(reminders__in=named).values_list("onboarding", flat=True))
    if not only:
        return []
    rows = "select key, step, role, milestone_id, onboarding_id from told where recipient = %(who)s"
    # Who was below when it was written may have changed; that takes nothing back.
    values = parameters(today, only=only, ask_below=False) | {"who": str(recipient)}
    with connection.cursor() as cursor:
        cursor.execute(TOLD + rows, values)
        found = [Told(*row) for row in cursor.fetchall()]
    return [told for told in found if told.key in keys]
