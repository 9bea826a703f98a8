"""Who confirms must be somebody else for sure: a way in that is new may be somebody's own (R30)."""

from datetime import timedelta

from allauth.mfa.models import Authenticator

from members.models import OneTimeCode, Person
from portal.common import clock

SETTLED_AFTER = timedelta(days=7)
TOO_FRESH = (
    "Dein Zugang ist noch keine sieben Tage so eingerichtet, wie er jetzt ist. Bitte lass jemand "
    "anderen bestätigen oder warte die sieben Tage ab."
)


def are_fresh(person: Person) -> bool:
    """Was the login, a factor or a code from the telephone first used within seven days?"""
    since = clock.now() - SETTLED_AFTER
    # A way in that grew out of an invitation, a phone call or a new factor could be anybody's
    # who holds the address or the telephone; the real owner notices within that time.
    factors = Authenticator.objects.exclude(type=Authenticator.Type.RECOVERY_CODES)
    return (
        person.invitations.filter(accepted_at__gt=since).exists()
        or factors.filter(user__person=person, created_at__gt=since).exists()
        or OneTimeCode.objects.filter(user__person=person, used_at__gt=since).exists()
    )
