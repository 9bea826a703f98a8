"""What staff find under *Löschen*: rules that hold, one that waits for a second yes, a hold."""

from datetime import date, timedelta

from members.models import Amt, District, Membership, Person
from members.services import holds
from portal.common import clock, retaining, retention
from portal.common.models import RetentionRun

WAITS = "newcomer.notes"
# What the last two nights took, so that the page is not empty on the first day.
NIGHTS = {"mail.body": (14, 9), "session": (6, 8), "mail.nobody": (2, 0), "absence": (1, 0)}


def build(district: District, today: date) -> None:
    """Two colleagues have said yes to everything but one rule."""
    staff, colleague = (
        amt.person
        for amt in district.gliederung.aemter.filter(kind=Amt.Kind.GESCHAEFTSSTELLE)
        .select_related("person")
        .order_by("beginn", "person__sort_name")[:2]
    )
    codes = [rule.code for rule in retention.rules() if rule.code != WAITS]
    for person in (colleague, staff):
        retaining.approve(codes, person.pk)
    retaining.approve([WAITS], colleague.pk)
    retaining.run([rule for rule in retention.rules() if rule.code == WAITS])
    for code, counts in NIGHTS.items():
        for ago, count in enumerate(counts, 1):
            day = today - timedelta(days=ago)
            RetentionRun.objects.create(rule=code, day=day, at=clock.now(), count=count)
    _hold(staff)


def _hold(staff: Person) -> None:
    left = Membership.objects.filter(has_ended=True).select_related("person")
    membership = left.order_by("left_on", "person__sort_name").first()
    if membership:
        reason = "Beitragsstreit, läuft beim Amtsgericht"
        holds.set_hold(membership.person, reason, None, staff)
