"""Short ways to a tandem in the state a test needs."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from members.models import MatchingRun, MatchProposal, Mentor, Tandem
from portal.common import clock


def tandem(world, state="active", *, newcomer="newcomer", mentor="mentor", days=0, **values):
    """One between two people of the cast; begun, asked or ended so many days ago."""
    day = clock.today() - timedelta(days=days)
    facts = {
        "newcomer": world.person(newcomer),
        "mentor": world.person(mentor),
        "state": state,
        "asked_at": clock.now() - timedelta(days=days),
        "explanation": "Beide gehören zur selben Gliederung.",
    }
    if state != "asked":
        facts |= {
            "mentor_yes_on": day,
            "started_on": day,
            "planned_end": day + relativedelta(months=6),
        }
    if state == "ended":
        facts |= {"outcome": "completed", "ended_on": day}
    return Tandem.objects.create(**facts | values)


def propose(world, newcomer="newcomer", mentor="mentor", **values):
    """A proposal that holds now."""
    run, _ = MatchingRun.objects.get_or_create(
        state=MatchingRun.State.CURRENT, defaults={"created_at": clock.now()}
    )
    return MatchProposal.objects.create(
        run=run,
        onboarding=world.onboarding(newcomer),
        mentor=Mentor.objects.get(person=world.person(mentor)),
        explanation="Beide gehören zur selben Gliederung.",
        **values,
    )
