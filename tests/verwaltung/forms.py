"""What a page posts, as a service gets it."""

from datetime import timedelta
from types import SimpleNamespace

from allauth.mfa.models import Authenticator

from members.models import Amt, Person
from portal.common import clock


def term(amt: Amt, **changed):
    """A valid form of the dates of an office, with what was changed."""
    return SimpleNamespace(instance=amt, cleaned_data=changed, changed_data=list(changed))


def settle(person: Person) -> None:
    """Let the way in of somebody be older than a week."""
    old = clock.now() - timedelta(days=30)
    Authenticator.objects.filter(user__person=person).update(created_at=old)
