"""Let every exit take effect on its day."""

from datetime import date, timedelta

from django.db import transaction

from members.models import Membership, Mentor, Onboarding
from members.services import onboarding


@transaction.atomic
def end_memberships(today: date) -> int:
    """Let every exit take effect whose day has come: rights, clock and mails end with it."""
    due = Membership.objects.filter(has_ended=False, left_on__lte=today).select_related("person")
    ended = list(due.select_for_update(of=("self",)))
    onboarding.close([membership.person for membership in ended])
    Membership.objects.filter(pk__in=[m.pk for m in ended]).update(has_ended=True)
    people = [membership.person_id for membership in ended]
    Mentor.objects.filter(person__in=people).update(active_to=today - timedelta(days=1))
    # Their offices grant nothing any more; their newcomers need somebody else at once.
    left_alone = Onboarding.objects.running().filter(responsible__in=people)
    onboarding.reassign([o.person for o in left_alone.select_related("person")])
    return len(ended)
