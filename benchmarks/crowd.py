"""A large district for the daily run: made by the database, from a fixed seed."""

from datetime import date
from typing import Any

# A Landesverband rather than a district: each with contact, deputy and chair, all with a login.
PLACES = 350
DAYS = 365

# Joined evenly over a year and a few days to come. Of what fell due nine in ten is kept; what runs
# is the likelier kept the longer it runs. Three in a hundred were given to somebody else. In one
# place of five nobody has logged anything for twenty days.
ARRIVALS = """
create temp table arrival as
select n, gen_random_uuid() as person, gen_random_uuid() as onboarding, place, contact, deputy,
       number %% 5 = 0 as is_silent,
       %(today)s::date + 7 - (n %% %(days)s) as joined, random() < 0.03 as is_given
  from generate_series(%(first)s, %(last)s) n
  join (select row_number() over (order by g.id) - 1 as number, g.id as place,
               (select a.person_id from members_amt a
                 where a.gliederung_id = g.id and a.kind = 'ansprechperson') as contact,
               (select a.person_id from members_amt a
                 where a.gliederung_id = g.id and a.kind = 'stellvertretung') as deputy
          from members_gliederung g join members_level l on l.id = g.level_id
         where l.takes_members) leaf
    on leaf.number = (n / %(days)s) %% (select count(*) from members_gliederung g
                                         join members_level l on l.id = g.level_id
                                        where l.takes_members)
"""
PROMISES = """
create temp table promise as
select a.*, position, joined + opens as opens_on, joined + due as due_on,
       random() < 0.9 * least(1, (%(today)s::date - joined - opens)::float / (due - opens))
           as is_kept,
       least(%(today)s::date - 1, joined + opens + (random() * (due - opens))::int) as kept_on
  from arrival a, (values (1, 0, 30), (2, 0, 91), (3, 91, 182)) as step (position, opens, due)
"""


def insert(model: Any, rows: str, **given: str) -> None:
    """Insert rows as SQL says them; what is not given is the model's own default."""
    from django.db import connection

    fields = model._meta.concrete_fields
    given = {"id": "gen_random_uuid()"} | given
    names = ", ".join(field.column for field in fields)
    values = ", ".join(given.get(field.attname, "%s") for field in fields)
    rest = [field.get_default() for field in fields if field.attname not in given]
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"insert into {table} ({names}) select {values} from {rows}", rest)


def execute(statement: str, values: Any = None) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def build_places(today: date) -> None:
    """Every place has three offices; one contact in twenty goes away today."""
    from members.models import District, Gliederung, Level

    leaf = Level.objects.get(takes_members=True)
    parent = District.current().gliederung
    missing = PLACES - Gliederung.objects.filter(level=leaf).count()
    nodes = [Gliederung(name=f"Ort {n}", level=leaf, parent=parent) for n in range(missing)]
    for node in nodes:
        node.path = node.path_below(parent)
    Gliederung.objects.bulk_create(nodes)
    _insert_offices(f"'{today}'::date")


def _insert_offices(day: str) -> None:
    from members.models import Absence, Amt, Membership, Person

    execute(
        """create temp table holder as
        select row_number() over (order by g.id, kind) as n, gen_random_uuid() as person,
               g.id as place, kind
          from members_gliederung g join members_level l on l.id = g.level_id,
               unnest(array['ansprechperson', 'stellvertretung', 'vorsitz']) as kind
         where l.takes_members and not exists (
               select 1 from members_amt a where a.gliederung_id = g.id and a.kind = kind)"""
    )
    insert(
        Person,
        "holder",
        id="person",
        given_name="'Alex'",
        family_name="'H' || n",
        sort_name="'h' || n",
        email="'h' || n || '@example.org'",
        gliederung_id="place",
        # One in four reads on a weekday of their own.
        digest_day="case mod(n, 4) when 0 then mod(n / 4, 6)::text else 'daily' end",
    )
    insert(
        Membership,
        "holder",
        person_id="person",
        number="'H' || n",
        joined_on=f"{day} - 900",
        first_seen_on=f"{day} - 900",
    )
    insert(
        Amt,
        "holder",
        person_id="person",
        gliederung_id="place",
        kind="kind",
        beginn=f"{day} - 300",
        ende=f"{day} + 300",
        pledged_on=f"{day} - 300",
        trained_on=f"{day} - 300",
    )
    logins()
    insert(
        Absence,
        "holder where kind = 'ansprechperson' and mod(n / 3, 20) = 0",
        person_id="person",
        first_day=day,
        last_day=f"{day} + 13",
    )
    execute("drop table holder")


def logins() -> None:
    """Everybody with an office, with the second factor without which it grants nothing."""
    from allauth.mfa.models import Authenticator

    from members.models import User

    without = (
        "members_person p where exists (select 1 from members_amt a where a.person_id = p.id)"
        " and not exists (select 1 from members_user u where u.person_id = p.id)"
    )
    insert(User, without, person_id="p.id", email="p.email", password="'!'")
    execute(
        "insert into mfa_authenticator (type, data, user_id, created_at)"
        " select %(type)s, '{}', u.id, now() from members_user u"
        " where not exists (select 1 from mfa_authenticator a where a.user_id = u.id)",
        {"type": Authenticator.Type.TOTP},
    )


def build_newcomers(first: int, last: int, today: date) -> None:
    """Newcomers from `first` to `last`, each with the three promises of 1-3-6."""
    values = {"first": first, "last": last, "today": today, "days": DAYS}
    execute("select setseed(0.4)")
    execute(ARRIVALS, values)
    execute(PROMISES, values)
    _insert_arrivals()
    _insert_promises(today)
    execute("drop table arrival, promise")
    _settle()


def build_members(first: int, last: int) -> None:
    """Members from `first` to `last` who joined long ago, spread over all places."""
    from members.models import Membership, Person

    execute(
        """create temp table member as
        select n, gen_random_uuid() as person, leaf.place from generate_series(%s, %s) n
          join (select row_number() over (order by g.id) - 1 as number, g.id as place,
                       count(*) over () as places
                  from members_gliederung g join members_level l on l.id = g.level_id
                 where l.takes_members) leaf on leaf.number = n %% leaf.places""",
        [first, last],
    )
    insert(
        Person,
        "member",
        id="person",
        given_name="'Kim'",
        family_name="'M' || n",
        sort_name="'m' || n",
        email="'m' || n || '@example.org'",
        gliederung_id="place",
    )
    insert(
        Membership,
        "member",
        person_id="person",
        number="'M' || n",
        joined_on="date '2010-01-01'",
        first_seen_on="date '2010-01-01'",
    )
    execute("drop table member")


def _insert_arrivals() -> None:
    from members.models import Assignment, Membership, MilestoneTemplate, Onboarding, Person

    template = MilestoneTemplate.objects.get(code="1-3-6").pk
    insert(
        Person,
        "arrival",
        id="person",
        given_name="'Kim'",
        family_name="'N' || n",
        sort_name="'n' || n",
        email="'n' || n || '@example.org'",
        gliederung_id="place",
    )
    insert(
        Membership,
        "arrival",
        person_id="person",
        number="'B' || n",
        joined_on="joined",
        first_seen_on="joined",
    )
    insert(
        Onboarding,
        "arrival",
        id="onboarding",
        person_id="person",
        template_id=f"'{template}'",
        started_on="joined",
        arrived_on="joined",
        responsible_id="case when is_given then deputy else contact end",
        responsible_since="joined",
    )
    insert(
        Assignment,
        "arrival where is_given",
        onboarding_id="onboarding",
        giver_id="contact",
        taker_id="deputy",
        made_by_id="contact",
        made_at="joined",
    )


def _insert_promises(today: date) -> None:
    from members.models import Contact, Milestone, Step

    insert(
        Milestone,
        "promise",
        onboarding_id="onboarding",
        position="position",
        code="'p' || position",
        title="'Schritt ' || position",
        kind=f"case position when 2 then '{Step.Kind.HANDOVER}' else '{Step.Kind.CONTACT}' end",
        opens_on="opens_on",
        legal_due_on="due_on",
        due_on="due_on",
        state="case when is_kept then 'done' else 'open' end",
        done_on="case when is_kept then kept_on end",
    )
    logged = f"not is_silent or kept_on < '{today}'::date - 20"
    insert(
        Contact,
        f"promise where is_kept and position <> 2 and ({logged})",
        onboarding_id="onboarding",
        made_by_id="case when is_given then deputy else contact end",
        made_on="kept_on",
        kind=f"'{Contact.Kind.CALL}'",
        result=f"'{Contact.Result.REACHED}'",
        created_at="kept_on",
        submit_token="gen_random_uuid()",
    )


def _settle() -> None:
    """As the services leave it: who has nothing open has arrived."""
    execute(
        """update members_onboarding o set next_due_on = found.first,
                  state = case when found.first is null then 'finished' else 'running' end
             from (select onboarding_id, min(due_on) filter (where state = 'open') as first
                     from members_milestone group by 1) as found
            where found.onboarding_id = o.id"""
    )


def break_every_promise() -> None:
    """The catastrophe: nobody ever called anybody, and nothing was ever named."""
    execute("update members_milestone set state = 'open', done_on = null")
    execute("delete from members_reminder")
    _settle()


def begin_again() -> None:
    """As before the first run."""
    execute("delete from members_digestrun")
    execute("delete from members_reminder")
    execute("delete from common_outgoingmail")


def send_all() -> None:
    """What the runs before have queued has left."""
    execute(
        "update common_outgoingmail set state = 'sent', sent_at = created_at where state = 'queued'"
    )
