"""Who is away, whom it does not fit at the moment, and who has left, in the demo."""

from datetime import timedelta

from django.db.models import Exists, OuterRef

from members.models import Amt, Contact, District, Gliederung, Membership, Onboarding, Person
from members.services import absences, exits, onboarding
from portal.common import clock
from portal.dashboards.demo import file

Kind = Amt.Kind
AWAY_DAYS = 9
QUIET_DAYS = 16


def build(district: District) -> None:
    """Call once after the history; all through the services a person would use."""
    staff = district.gliederung.aemter.get(kind=Kind.GESCHAEFTSSTELLE).person
    held = Amt.objects.active().filter(kind=Kind.ANSPRECHPERSON).select_related("person")
    busy = Onboarding.objects.running().filter(responsible=OuterRef("person"))
    free = held.filter(Exists(busy)).exclude(gliederung__name=file.SHOWCASE)
    away, quiet = (amt.person for amt in free.order_by("gliederung__name")[:2])
    absences.enter(away, clock.today(), clock.today() + timedelta(days=AWAY_DAYS))
    _let_wait(quiet)
    for person, days in zip(_leavers(), (3, 20), strict=True):
        day = clock.today() - timedelta(days=days)
        exits.record_exit(person, day, Membership.LeftReason.WISH, staff)
    onboarding.find_missing_responsibles()
    # Nearly done with this quarter's round: two Ortsvereine are left.
    open_ones = [away.gliederung_id, quiet.gliederung_id]
    Amt.objects.exclude(gliederung__in=open_ones).update(recertified_on=clock.today())


def _let_wait(person: Person) -> None:
    """Newcomers with an open talk, and nothing written down for 16 days."""
    since = clock.today() - timedelta(days=QUIET_DAYS)
    Contact.objects.filter(made_by=person, made_on__gt=since).update(made_on=since)
    Onboarding.objects.running().filter(responsible=person).update(
        arrived_on=since, responsible_since=since, follow_up_on=None
    )


def _leavers() -> list[Person]:
    """Two from places that the README does not walk through, with nothing else going on."""
    places = Gliederung.objects.filter(level__takes_members=True).exclude(name=file.SHOWCASE)
    quiet = Person.objects.filter(
        gliederung__in=places,
        onboardings__state="running",
        memberships__left_on=None,
        transfers=None,
        aemter=None,
        user=None,
    )
    return list(quiet.order_by("-sort_name", "pk")[:2])
