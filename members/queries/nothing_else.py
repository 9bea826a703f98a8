"""Who is nothing in the party but a person we know of."""

from datetime import date

from django.db.models import Exists, OuterRef, Q

from members.models import Amt, Membership, Mentor, MitmachOrt


def is_nothing_else(day: date) -> Q:
    """Of people: no membership or application, no office, no mentor, nobody who welcomes others."""
    person = OuterRef("pk")
    return ~(
        Q(Exists(Membership._base_manager.filter(person=person)))
        | Q(Exists(Amt.objects.unfinished(day).filter(person=person)))
        | Q(Exists(Mentor._base_manager.filter(person=person)))
        | Q(Exists(MitmachOrt._base_manager.filter(host=person)))
    )
