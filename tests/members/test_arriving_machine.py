"""Months of an Ortsverein at random: whatever people do, the promises of the house hold.

Nobody who died, left or asked to be left alone occurs in a reminder; nobody who arrives is
without a responsible person; no promise is both open and kept. `make fuzz` runs it longer.
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.members.arriving.care import Care
from tests.members.arriving.membership import Comings
from tests.members.arriving.promises import Promises
from tests.members.arriving.stage import SEEN

RUNS = int(os.environ.get("MACHINE_RUNS", "15"))
STEPS = 20
# What must have happened over the runs, or they prove nothing; some of it is rare.
OFTEN = ("members.digest", "members.welcome", "days of work")
RARE = ("members.pulse", "members.last_letter", "members.win_back", "members.reconnect", "quiet")


class Arriving(Care, Comings, Promises):
    """One Ortsverein with three offices, two neighbours, the office, and whoever arrives."""


@pytest.mark.django_db
def test_months_of_an_ortsverein(world, settings_of_mail):
    SEEN.clear()
    run_state_machine_as_test(
        Arriving,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(f"\n{dict(sorted(SEEN.items()))}")
    needed = OFTEN + RARE if RUNS >= 200 else OFTEN
    assert [kind for kind in needed if not SEEN[kind]] == []


@pytest.fixture
def settings_of_mail(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
