"""The audit log of the demo: sealed, and found whole last night."""

from datetime import timedelta

from django.conf import settings

from members.models import Amt
from members.services import audit_watch
from portal.common import audit_chain, clock

UNCHECKED_DAYS = 250


def build() -> None:
    """Call last; heads of a demo that was thrown away say nothing about this one."""
    settings.AUDIT_HEADS.unlink(missing_ok=True)
    audit_chain.seal()
    audit_watch.check()
    _forget_to_check()


def _forget_to_check() -> None:
    """One Vorsitz that nobody has looked at for two quarters."""
    long_ago = clock.today() - timedelta(days=UNCHECKED_DAYS)
    vorsitz = Amt.objects.filter(kind=Amt.Kind.VORSITZ).order_by("gliederung__name", "pk").last()
    if vorsitz:
        Amt.objects.filter(pk=vorsitz.pk).update(beginn=long_ago, recertified_on=None)
