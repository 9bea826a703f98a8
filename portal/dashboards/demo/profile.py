"""What newcomers of the demo have told about themselves: some of it, so that something is asked."""

from datetime import timedelta

from members import shifts
from members.models import Membership, Onboarding, Person, Topic
from members.services.profile_answers import SHIFT_SLOT
from portal.common import clock
from portal.dashboards.demo import file

ROTATION = "FFFFF--" + "SSSSS--" + "NNNN---" + shifts.UNKNOWN * 7


def build() -> None:
    """The visitor's newcomer is half known; a neighbour works in shifts."""
    visitor = Membership.objects.get(number=str(file.FIRST_NUMBER + 1)).person
    visitor.topics.set(Topic.objects.filter(code__in=("wohnen", "bildung")))
    visitor.wish, visitor.availability = Person.Wish.ACTIVE, []
    visitor.save(update_fields=["wish", "availability"])
    # Came in this week, so that a question is the next step and no broken promise.
    visitor.onboardings.update(arrived_on=clock.today() - timedelta(days=5))
    others = Onboarding.objects.running().filter(person__gliederung=visitor.gliederung)
    worker = (
        others.exclude(person=visitor)
        .select_related("person")
        .order_by("-started_on", "person__sort_name")
        .first()
    )
    if worker:
        person = worker.person
        person.availability, person.shifts = [SHIFT_SLOT], ROTATION
        person.shifts_from = shifts.monday_of(clock.today())
        person.skills, person.time_budget = ["handwerk", "fahren"], Person.Time.ONCE
        person.save(
            update_fields=["availability", "shifts", "shifts_from", "skills", "time_budget"]
        )
