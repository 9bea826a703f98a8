"""Short ways to a tandem in the state a test needs."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from members.models import MatchingRun, MatchProposal, Mentor, Tandem
from members.services import tandems
from portal.common import clock
from portal.common.models import OutgoingMail
from tests.members.digest_help import open_day

MONDAY = open_day(clock.today() + timedelta(days=1))


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


def agree(pair):
    """Both have said yes."""
    onboarding, mentor = pair
    begun = tandems.accept(onboarding, mentor.pk, onboarding.person)
    return tandems.answer(begun.pk, mentor.person, yes=True, by=mentor.person)


def mails(kind, person=None):
    """What is in the outbox of this kind, to anybody or to one person."""
    found = OutgoingMail.objects.filter(kind=kind).order_by("created_at", "pk")
    return list(found.filter(recipient_key=person.pk) if person else found)
