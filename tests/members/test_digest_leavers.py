"""Who left while beat was away is gone for every reminder, whatever beat starts first."""

import pytest

from members.models import Membership
from tests.members.digest_help import DAY, due_newcomer, mails, named, open_day, run_on
from tests.world import make_newcomer

GONE = Membership.LeftReason.WISH


@pytest.fixture
def day(world):
    return open_day(make_newcomer("Zzheute", world.gliederung("Uetze")).arrived_on + 30 * DAY)


def leaves(person, on):
    Membership.objects.filter(person=person).update(left_on=on, left_reason=GONE)


@pytest.mark.parametrize(("after", "told"), [(0, set()), (1, {"Ansprechperson"})])
def test_nobody_hears_of_a_newcomer_whose_last_day_has_come(world, day, sink, after, told):
    due = due_newcomer(world, day)
    leaves(due.onboarding.person, day + after * DAY)

    run_on(day)  # before the nightly work, which beat had missed

    assert set(named(due)) == told


def test_who_has_left_reads_no_digest_any_more(world, day, sink):
    due = due_newcomer(world, day)
    leaves(world.person("ansprechperson"), day)

    run_on(day)

    assert mails(world.person("ansprechperson")) == []
    assert set(named(due)) == {"Deputy"}
