"""What people decide about themselves."""

from collections.abc import Iterable

from django.db import transaction

from members.models import Amt, Person, User
from members.queries.responsible import STANDS_IN
from members.services.onboarding import find_missing_responsibles
from portal.common import audit

SHOW_A_NUMBER = (*STANDS_IN, Amt.Kind.VERTRAUENSPERSON)


@transaction.atomic
def save_profile(person: Person, changed: Iterable[str]) -> None:
    """Store what somebody changed about themselves; consents are never touched here."""
    fields = list(changed)
    if fields:
        person.save(update_fields=fields)
        audit.record("person.changed_self", person.pk, person, fields)


@transaction.atomic
def choose_shown_phone(user: User, shown_phone: str, *, is_flinta: bool) -> None:
    """Set what newcomers may expect of somebody with an office: the number, and who calls."""
    own = Amt.objects.active().filter(person=user.person_id, kind__in=SHOW_A_NUMBER)
    own.update(shown_phone=shown_phone)
    audit.record("amt.shown_phone", user.person_id, user.person, ["shown_phone"])
    if user.person.is_flinta != is_flinta:
        user.person.is_flinta = is_flinta
        user.person.save(update_fields=["is_flinta"])
        find_missing_responsibles()


def shown_phone(user: User) -> str | None:
    """Return the choice that holds now; None for somebody without such an office."""
    return next((amt.shown_phone for amt in user.current_aemter if amt.kind in SHOW_A_NUMBER), None)
