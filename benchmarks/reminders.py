"""The daily run of reminders over 100,000 newcomers with 300,000 promises, part of `make bench`."""

import os
import resource
import sys
import time
from datetime import timedelta

from benchmarks.__main__ import collect_statistics, stage_district
from benchmarks.house import house

SIZES = (10_000, 100_000)
GOAL_SECONDS = 10
GOAL_MEMORY = 1.2

# Joined within the last 200 days; every promise is open, so that nearly all of them are due.
PEOPLE = """
with leaf as (
    select g.id, row_number() over (order by g.id) - 1 as number,
           (select a.person_id from members_amt a
             where a.gliederung_id = g.id and a.kind = 'ansprechperson') as contact
      from members_gliederung g join members_level l on l.id = g.level_id where l.takes_members
), arrival as (
    select gen_random_uuid() as person, gen_random_uuid() as onboarding, n, leaf.id as place,
           leaf.contact, %(today)s::date - n %% 200 as joined
      from generate_series(%(first)s, %(last)s) n
      join leaf on leaf.number = n %% (select count(*) from leaf)
), person as (
    insert into members_person (id, given_name, family_name, sort_name, email, phone, mobile, plz,
        street, city, preferred_channel, language, gliederung_id, open_question, languages,
        availability, own_interest, skills, wish, time_budget, shifts, digest_day)
    select person, 'Kim', 'N' || n, 'n' || n, n || '@example.org', '', '', '', '', '', 'phone',
        'de', place, '', '{}', '{}', '', '{}', '', '', '', 'daily' from arrival
), membership as (
    insert into members_membership (id, person_id, number, kind, joined_on, left_reason, has_ended,
        first_seen_on)
    select gen_random_uuid(), person, 'B' || n, 'member', joined, '', false, joined from arrival
), onboarding as (
    insert into members_onboarding (id, person_id, template_id, started_on, arrived_on, state,
        responsible_id, responsible_stands_in, wants_mentor, next_due_on, motives, expectations)
    select onboarding, person, %(template)s, joined, joined, 'running', contact, contact is null,
        true, joined + 30, '{}', '{}' from arrival
)
insert into members_milestone (id, onboarding_id, position, code, title, kind, explanation,
    opens_on, legal_due_on, due_on, is_late_data, state, responsible)
select gen_random_uuid(), onboarding, position, 'p' || position, 'Gespräch', 'contact', '',
    joined + opens, joined + due, joined + due, false, 'open', 'ansprechperson'
  from arrival, (values (1, 0, 30), (2, 0, 91), (3, 91, 182)) as step (position, opens, due)
"""


def main() -> int:
    with house("bench", "ERROR"):
        return run()


def run() -> int:
    from portal.common.scope import scope

    with scope("system:bench"):
        stage_district()
        logins_for_all()
    peaks, slowest = [], 0.0
    before = 0
    for size in SIZES:
        grow(before + 1, size)
        before = size
        collect_statistics()
        slowest = max(slowest, *measure(size))
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    ratio = peaks[1] / peaks[0]
    print(
        f"Speicher höchstens {peaks[0]:.0f} MB, dann {peaks[1]:.0f} MB: {ratio:.2f}-fach, "
        f"Ziel {GOAL_MEMORY}"
    )
    return int(slowest > GOAL_SECONDS or ratio > GOAL_MEMORY)


def logins_for_all() -> None:
    """Everybody with an office has a login, so that each list "Zu tun" is asked too."""
    from members.models import Person, User
    from tests.world import make_user

    with_login = User.objects.values("person")
    for person in Person.objects.filter(aemter__isnull=False).exclude(pk__in=with_login).distinct():
        make_user(person, second_factor=True)


def grow(first: int, last: int) -> None:
    """Made by the database, so that nothing of it is in our memory."""
    from django.db import connection

    from members.models import MilestoneTemplate
    from portal.common import clock
    from portal.common.scope import scope

    with scope("system:bench"), connection.cursor() as cursor:
        template = MilestoneTemplate.objects.get(code="1-3-6").pk
        values = {"first": first, "last": last, "today": clock.today(), "template": str(template)}
        cursor.execute(PEOPLE, values)


def measure(size: int) -> list[float]:
    """Three days: everything is new, everything was named, and a week later all has climbed."""
    import time_machine
    from django.utils import timezone

    from members.models import Milestone, Reminder
    from members.services import digests
    from portal.common.quiet import next_allowed
    from portal.common.scope import scope

    seconds = []
    day = timezone.now() + timedelta(days=40 if size == SIZES[0] else 60)
    for name, later in (("alles neu", 0), ("am Tag danach", 2), ("Woche später", 9)):
        moment = next_allowed((day + timedelta(days=later)).replace(hour=8))
        with time_machine.travel(moment, tick=True):
            with scope("system:bench"):
                before = Reminder.objects.count()
            started = time.perf_counter()
            with scope("system:bench"):  # with its commit, as beat runs it
                mails = digests.run()
            seconds.append(time.perf_counter() - started)
            with scope("system:bench"):
                milestones, told = Milestone.objects.count(), Reminder.objects.count() - before
        print(
            f"Erinnerungen: {size} Neumitglieder, {milestones} Termine, {name:13} "
            f"{seconds[-1]:5.1f} s, {told} neu genannt, {mails} Mails, Ziel {GOAL_SECONDS} s",
            flush=True,
        )
    return seconds


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    sys.exit(main())
