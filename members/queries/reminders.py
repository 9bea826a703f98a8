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


def _first_of(chain: str, *others: str, but: str = "") -> str:
    """SQL for the first of a chain who is neither the newcomer nor one of `others` (R6).

    `but` names a list of people who are left out as well.

    Nearly always that is the very first, so it is looked at before the chain is taken apart.
    """
    told = ("person_id", *others)
    first, different = (
        " and ".join(
            [*(f"{who} is distinct from {other}" for other in told)]
            + ([f"{who} <> all({but})"] if but else [])
        )
        for who in (f"{chain}[1]", "c.who")
    )
    return (  # words of ours only
        f"case when {first} then {chain}[1] else ("  # noqa: S608
        f"select c.who from unnest({chain}) with ordinality as c(who, place)"
        f" where {different} order by c.place limit 1) end"
    )


# Put together from words of ours only; values are parameters. The rungs of portal.common.ladder
# as sets; a test holds both against each other.
TOLD = f"""
with chain as materialized (
    select place, firsts::uuid[], flinta::uuid[], ups::uuid[], lates::uuid[], chairs::uuid[],
           offices::uuid[]
      from unnest(%(places)s::uuid[], %(firsts)s::text[], %(flinta)s::text[], %(ups)s::text[],
                  %(lates)s::text[], %(chairs)s::text[], %(offices)s::text[])
        as t(place, firsts, flinta, ups, lates, chairs, offices)
), handed_on as (
    select onboarding_id, array_agg(giver_id) as givers from members_assignment
     where undone_at is null and giver_id is not null group by onboarding_id
), newcomer as (
    select o.id as onboarding_id, o.person_id, o.responsible_id, o.asked_for_call_at,
           o.follow_up_on, c.place,
           case when p.prefers_flinta then c.flinta else c.firsts end as callers,
           coalesce(h.givers, '{{}}') as givers
      from members_onboarding o
      join members_person p on p.id = o.person_id
      join chain c on c.place = coalesce(p.gliederung_id, %(district)s)
      left join handed_on h on h.onboarding_id = o.id
     where o.state = %(running)s
       and p.no_contact_since is null
       -- held data are the office's alone, which knows that it holds them
       and not exists (select 1 from members_hold h
                        where h.person_id = p.id and h.lifted_at is null
                          and (h.until is null or h.until >= %(today)s))
       and (%(only)s::uuid[] is null or o.id = any(%(only)s::uuid[]))
       -- not by has_ended alone: that is written at night, and beat may have been away
       and exists (select 1 from members_membership m
                    where m.person_id = p.id and not m.has_ended
                      and (m.left_on is null or m.left_on > %(today)s))
), caller as materialized (
    select onboarding_id, person_id, asked_for_call_at, follow_up_on, place, callers,
           case when responsible_id = any(callers) and responsible_id <> person_id
                then responsible_id
                else coalesce({_first_of("callers", but="givers")}, {_first_of("callers")})
                 end as calls
      from newcomer
), promise as materialized (
    select m.id as milestone_id, n.onboarding_id, n.person_id, n.place,
           coalesce(n.follow_up_on > %(today)s, false) as put_off,
           case when m.due_on <= %(late_by)s then {ladder.LATE}
                when m.due_on <= %(today)s then {ladder.DUE}
                when m.due_on <= %(soon)s then {ladder.SOON}
                else {ladder.ARRIVED} end as step,
           case m.responsible
                when %(by_chair)s then coalesce({_first_of("chairs")}, n.calls)
                when %(by_office)s then coalesce({_first_of("offices")}, n.calls)
                else n.calls end as own
      from members_milestone m
      join caller n on n.onboarding_id = m.onboarding_id
      join chain c on c.place = n.place
     where m.state = %(open)s
       and m.opens_on <= %(today)s
       and (m.due_on <= %(soon)s or m.position = 1)
       -- a later day that is agreed spares reminders before the end, never the end itself
       and (n.follow_up_on is null or n.follow_up_on <= %(today)s or m.due_on <= %(today)s)
), above as materialized (
    select p.*, case when step >= {ladder.DUE} then {_first_of("ups", "own")} end as up
      from promise p join chain using (place)
), top as materialized (
    select milestone_id, onboarding_id, step, put_off, own, up,
           case when step >= {ladder.LATE} then {_first_of("lates", "own", "up")} end as late
      from above join chain using (place)
), knew as materialized (
    -- who has known of what for a week, so that somebody above may hear of it
    select recipient_id, milestone_id from members_reminder
     where milestone_id is not null and first_told_on <= %(warned)s
), asked as (
    select n.*, 'nobody-called:' || onboarding_id || ':'
                || (asked_for_call_at at time zone 'Europe/Berlin')::date as key,
           lates, {_first_of("callers", "calls")} as deputy
      from caller n join chain using (place) where asked_for_call_at is not null
), told as (
    select who.recipient, 'milestone:' || t.milestone_id as key, t.step, who.role, t.milestone_id,
           t.onboarding_id
      from top t
      left join knew o on o.recipient_id = t.own and o.milestone_id = t.milestone_id
      left join knew u on u.recipient_id = t.up and u.milestone_id = t.milestone_id
     cross join lateral (values
           (t.own, 'own', true),
           -- whoever puts off knows
           (t.up, 'up', t.own is null or t.put_off or o.recipient_id is not null),
           (t.late, 'late', (t.own is null or t.put_off or o.recipient_id is not null)
                        and (t.up is null or u.recipient_id is not null))
           ) as who(recipient, role, below_knew)
     where who.recipient is not null and (who.below_knew or not %(ask_below)s)
    union all
    select deputy, key, 0, 'asked', null, onboarding_id from asked where deputy is not null
    union all
    select {_first_of("lates", "calls", "deputy")}, key, 0, 'asked', null, onboarding_id from asked
    union all
    select calls, 'follow-up:' || onboarding_id || ':' || follow_up_on, 0, 'follow_up', null,
           onboarding_id
      from caller where calls is not null and follow_up_on <= %(today)s
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
        name: texts(name) for name in ("firsts", "flinta", "ups", "lates", "chairs", "offices")
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
