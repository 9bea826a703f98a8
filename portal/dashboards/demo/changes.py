"""What changes in the demo: one comes on paper, one moves, one leaves soon."""

import uuid
from datetime import timedelta

from members.models import Amt, District, Gliederung, Membership, Person
from members.services import entry, exits, transfers
from portal.common import clock
from portal.dashboards.demo import file

Kind = Amt.Kind
# Somebody who joined at a stand, and whom the export does not know yet.
PAPER_ID = uuid.UUID("6f0c5a52-4a53-4a1c-8d0e-5f6f3c1f0b11")


def build(district: District) -> None:
    """Call once after the import; all through the services a person would use."""
    staff = district.gliederung.aemter.get(kind=Kind.GESCHAEFTSSTELLE).person
    values = {
        "given_name": "Rieke",
        "family_name": "Sandhagen",
        "phone": "+49 151 55500011",
        "plz": "31832",
        "joined_on": (clock.today() - timedelta(days=4)).isoformat(),
    }
    springe = Gliederung.objects.filter(name="Springe").first()
    entry.enter(entry.Entry(values, springe, "leicht", "letter", PAPER_ID), staff)
    mover, leaver = _quiet_newcomers()
    assert mover.gliederung_id is not None  # only such people were looked for
    elsewhere = Gliederung.objects.filter(level__takes_members=True).exclude(pk=mover.gliederung_id)
    transfers.start(mover, elsewhere.order_by("name")[0], staff, gives=False)
    in_three_weeks = clock.today() + timedelta(days=21)
    exits.record_exit(leaver, in_three_weeks, Membership.LeftReason.WISH, staff)


def _quiet_newcomers() -> list[Person]:
    """Two outside of the Ortsvereine that the README walks through."""
    running = Person.objects.filter(
        onboardings__state="running", gliederung__isnull=False, memberships__left_on=None
    ).exclude(gliederung__name__in=[file.SHOWCASE, file.VACANT])
    return list(running.order_by("sort_name", "pk")[:2])
