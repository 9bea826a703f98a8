"""The collected mail of the demo: one for Gehrden lies in the mailbox, the others had theirs."""

from datetime import date, timedelta

from members.models import Amt, DigestRun
from members.services import digests
from portal.dashboards.demo import file

LAST_WEEK = timedelta(days=8)


def build(today: date) -> None:
    """Everybody was told last week; today there is news for the Ansprechperson of Gehrden."""
    holders = set(Amt.objects.active().values_list("person", flat=True))
    showcase = set(
        Amt.objects.active()
        .filter(gliederung__name=file.SHOWCASE, kind=Amt.Kind.ANSPRECHPERSON)
        .values_list("person", flat=True)
    )
    digests.name_rungs(holders - showcase, today - LAST_WEEK)
    digests.write(showcase, today)
    DigestRun.objects.create(day=today)
