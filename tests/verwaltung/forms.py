"""What a page posts, as a service gets it."""

from types import SimpleNamespace

from members.models import Amt


def term(amt: Amt, **changed):
    """A valid form of the dates of an office, with what was changed."""
    return SimpleNamespace(instance=amt, cleaned_data=changed, changed_data=list(changed))
