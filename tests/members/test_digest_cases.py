"""One item for several things is named again when one of them is new, not when they get fewer."""

from datetime import timedelta

import pytest

from members.models import Amt, Interest, Membership, Onboarding, Person, Reminder, Transfer
from portal.common import clock
from tests.members.digest_help import DAY, run_on, weekday
from tests.world import make_amt, make_person


class Endings:
    """Offices that end within 60 days."""

    kind = "office-ending"

    def come(self, world, day, nth):
        person = make_person(f"Zzendet{nth}", world.gliederung("Uetze"))
        make_amt(person, world.gliederung("Uetze"), "stellvertretung", ende=day + 40 * DAY)
        return Amt.objects.filter(person=person)


class Moves:
    """Changes of Ortsverein that wait for the office."""

    kind = "transfers"

    def come(self, world, day, nth):
        moved = Transfer.objects.create(
            person=make_person(f"Zzzieht{nth}", world.gliederung("Gehrden")),
            from_gliederung=world.gliederung("Gehrden"),
            to_gliederung=world.gliederung("Uetze"),
            started_at=clock.now() - timedelta(days=8),
        )
        return Transfer.objects.filter(pk=moved.pk)


class Leavers:
    kind = "win-back"

    def come(self, world, day, nth):
        left = Membership.objects.create(
            person=make_person(f"Zzweg{nth}", world.gliederung("Gehrden")),
            joined_on=day - 900 * DAY,
            first_seen_on=day - 900 * DAY,
            left_on=day - 9 * DAY,
            has_ended=True,
        )
        return Membership.objects.filter(pk=left.pk)


class Undecided:
    kind = "undecided"

    def come(self, world, day, nth):
        person = make_person(f"Zzoffen{nth}", None, open_question="plz")
        return Person.objects.filter(pk=person.pk)


class Held:
    kind = "interest-held"

    def come(self, world, day, nth):
        held = Interest.objects.create(
            state="held",
            given_name="Kim",
            family_name=f"Zz{nth}",
            email=f"zz{nth}@example.org",
            plz="30989",
            created_at=clock.now(),
            link_until=clock.now() + timedelta(days=90),
        )
        return Interest.objects.filter(pk=held.pk)


def told(world, kind, day):
    """Is it in the office's digest of that day?"""
    run_on(day)
    rows = Reminder.objects.filter(recipient=world.person("staff"), told_on=day)
    return rows.filter(key__startswith=f"todo:{kind}:").exists()


@pytest.fixture
def monday(world):
    Onboarding.objects.all().delete()
    return weekday(0)


@pytest.mark.parametrize("source", [Endings, Moves, Leavers, Undecided, Held])
def test_a_new_one_is_named_and_one_less_is_not(world, monday, sink, source):
    source = source()
    first = source.come(world, monday, 0)
    assert told(world, source.kind, monday)
    assert not told(world, source.kind, monday + DAY)
    source.come(world, monday, 1)
    assert told(world, source.kind, monday + 2 * DAY)
    first.delete()
    assert not told(world, source.kind, monday + 3 * DAY)
    source.come(world, monday, 2)
    assert told(world, source.kind, monday + 4 * DAY)


def test_one_that_takes_the_place_of_another_is_new(world, monday, sink):
    source = Leavers()
    first = source.come(world, monday, 0)
    assert told(world, source.kind, monday)
    first.delete()
    source.come(world, monday, 1)
    assert told(world, source.kind, monday + DAY)


def test_an_office_is_named_60_and_14_days_before_its_end(world, monday, sink):
    person = make_person("Zzendet", world.gliederung("Uetze"))
    make_amt(person, world.gliederung("Uetze"), "stellvertretung", ende=monday + 16 * DAY)
    days = [monday + n * DAY for n in range(5)]
    assert [told(world, "office-ending", day) for day in days] == [True, False, True, False, False]
