"""Whose rows a request may touch, said to the database; coarser than `visible_to`, on purpose.

A request reaches oneself and everybody in the Gliederungen of one's offices. Beyond that it reads
the people its pages are about: whoever holds or held an office, whoever welcomes people somewhere,
who asked there, who is on the way to one's own Ortsverein, whose new way in one was told about
(R27), and the mentor proposed to oneself (whose name no page says, R14).
"""

from datetime import date
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, QuerySet
from psycopg2.extensions import adapt

from members.capabilities import kinds_granting
from members.models import Amt, MatchingRun, Transfer
from members.models.organisation import LONGEST_TERM
from members.models.users import SECOND_FACTORS
from portal.common.row_security import IN_REACH, ME, add_functions, protect

# Stand for the function's arguments while the query is written by the models.
WHO = UUID(int=0)
DAY = date(4000, 1, 1)
ARGUMENTS = {WHO: "who", DAY: "today", DAY - LONGEST_TERM: "oldest"}

REACH_OF = """
create or replace function app_reach_of(who uuid, today date, out person text, out reach text)
language plpgsql as $$
declare
  oldest date := today - interval '{months} months';
  before text := current_setting('app.scope', true);
begin
  perform set_config('app.scope', 'system:reach', true);
  select person_id into person from members_user where id = who and is_active;
  with held (kind, path) as ({held})
  select case
    when exists (select 1 from held, members_district d join members_gliederung g
                     on g.id = d.gliederung_id
                  where held.kind = any ({viewing}) and starts_with(g.path, held.path))
    then 'all'
    else (select array_agg(g.id)::text from members_gliederung g
           where exists (select 1 from held where starts_with(g.path, held.path))) end
    into reach;
  perform set_config('app.scope', coalesce(before, ''), true);
end $$
"""


def _held() -> QuerySet[Amt, tuple[str, str]]:
    """The offices that show `WHO` other people on `DAY`; as `User.active_aemter` has it."""
    factor = Authenticator.objects.filter(user__person=OuterRef("person"), type__in=SECOND_FACTORS)
    kinds = {*kinds_granting("people.view"), *kinds_granting("onboarding.act")}
    return (
        Amt.objects.active(DAY)
        .filter(Exists(factor), person__user=WHO, person__user__is_active=True, kind__in=kinds)
        .values_list("kind", "gliederung__path")
    )


def _literal(value: Any) -> str:
    if isinstance(value, date | UUID):
        return ARGUMENTS[value]
    return adapt(value).getquoted().decode()


def reach_function() -> str:
    """Say in SQL how far offices reach: one truth, written by the querysets."""
    sql, params = _held().query.sql_with_params()
    return REACH_OF.format(
        months=LONGEST_TERM.years * 12 + LONGEST_TERM.months,
        held=sql % tuple(_literal(value) for value in params),
        viewing=_literal(kinds_granting("people.view")),
    )


# Not in the policies themselves: there each statement would be planned with all of it. Dear, so
# that the planner asks everything else first. `app_shows` answers in a scope of its own: tables
# whose policies lead back to the person would otherwise never come to an end.
ROWS = """
create or replace function app_reaches(someone uuid) returns boolean
language plpgsql stable cost 1000 as $$ begin
  return exists (select 1 from members_person p
                  where p.id = someone and p.gliederung_id = any (app_reach()));
end $$;

create or replace function app_shows(someone uuid) returns boolean
language plpgsql stable cost 1000 as $$
declare
  before text := current_setting('app.scope', true);
  found boolean;
begin
  if app_person() is null then return false; end if;
  perform set_config('app.scope', 'system:reach', true);
  found := exists (select 1 from members_amt a where a.person_id = someone)
      or exists (select 1 from members_mitmachort o where o.host_id = someone)
      or exists (select 1 from members_meldung m join members_mitmachort o on o.id = m.ort_id
                  where m.person_id = someone
                    and (o.host_id = app_person() or o.gliederung_id = any (app_reach())))
      or exists (select 1 from members_transfer t where t.person_id = someone
                    and t.state = any ({open}) and t.to_gliederung_id = any (app_reach()))
      or exists (select 1 from members_onetimecode c join members_user u on u.id = c.user_id
                  where c.told_id = app_person() and u.person_id = someone)
      or exists (select 1 from members_onboarding o
                   join members_matchproposal x on x.onboarding_id = o.id
                   join members_matchingrun r on r.id = x.run_id and r.state = {current}
                   join members_mentor m on m.id = x.mentor_id
                  where o.person_id = app_person() and m.person_id = someone);
  perform set_config('app.scope', coalesce(before, ''), true);
  return found;
end $$;

create or replace function app_arrives(arrival uuid) returns boolean
language plpgsql stable cost 1000 as $$ begin
  return exists (select 1 from members_onboarding o where o.id = arrival);
end $$;

create or replace function app_knows(someone uuid) returns boolean
language plpgsql stable cost 1000 as $$ begin
  return exists (select 1 from members_person p where p.id = someone);
end $$;
"""

add_functions(reach_function)
add_functions(
    lambda: ROWS.format(
        open=_literal([state.value for state in Transfer.OPEN_STATES]),
        current=_literal(MatchingRun.State.CURRENT.value),
    )
)


def _person(column: str) -> str:
    """Rows about a person: one's own, and of whom one's offices reach."""
    return f"{column} = {ME} or app_reaches({column})"


# Whoever may touch the onboarding: that table's own policy answers.
ARRIVAL = "app_arrives(onboarding_id)"

protect("members.Person", f"id = {ME} or {IN_REACH.format('gliederung_id')}", "app_shows(id)")
# An office grants nothing to who has left, so the memberships of its holder must be found.
protect("members.Membership", _person("person_id"), "app_knows(person_id)")
protect("members.Onboarding", _person("person_id"))
protect("members.Milestone", ARRIVAL)
protect("members.Contact", ARRIVAL)
protect("members.Pulse", ARRIVAL)
protect("members.MatchProposal", ARRIVAL)
protect("members.Assignment", ARRIVAL)
# Who handed out the card learns what whoever used it allowed (R26).
protect("members.Interest", _person("person_id"), f"(invited_by_id = {ME} and tell_inviter)")
protect("members.PhoneAnswer", _person("person_id"))
protect("common.Consent", _person("subject"))
# Both sides, and whom it is about; not through the person, whose policy asks this table.
protect(
    "members.Transfer",
    f"person_id = {ME} or {IN_REACH.format('from_gliederung_id')}"
    f" or {IN_REACH.format('to_gliederung_id')}",
)
# Both sides; a report only who made it and the two who were told (T24).
protect(
    "members.Tandem",
    " or ".join(_person(f"{side}_id") for side in ("newcomer", "mentor", "second")),
)
TANDEM = "exists (select 1 from members_tandem t where t.id = tandem_id)"
protect("members.TandemMeeting", TANDEM)
protect("members.TandemFeedback", f"person_id = {ME}")
protect(
    "members.TandemReport", f"reporter_id = {ME} or first_told_id = {ME} or second_told_id = {ME}"
)
protect("members.PairRule", "false")
protect("members.RightsRequest", _person("person_id"))
protect("members.Hold", _person("person_id"))
# Told to the person; counted for the viewer, whoever they looked at.
protect("members.Look", f"person_id = {ME} or viewer_id = {ME}")
