"""What happens to people by the calendar alone."""

from datetime import date

from members.models import Person


def forget_majority(today: date) -> int:
    """Whoever is of age now is like everybody else: the day is deleted (R15)."""
    return Person.objects.filter(adult_on__lte=today).update(adult_on=None)
