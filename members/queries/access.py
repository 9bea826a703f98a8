"""How people stand with their logins, for staff."""

from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from members.capabilities import GRANTING
from members.models import Amt, Invitation, OneTimeCode, Person, User
from portal.common import clock

SHOWN_CODES = 5


@dataclass(frozen=True, slots=True)
class Access:
    """One person's way in."""

    user: User | None
    invitation: Invitation | None  # the newest
    is_open: bool  # the invitation can still be accepted
    codes: list[OneTimeCode]


def access_of(person: Person) -> Access:
    user = User.objects.filter(person=person).first()
    invitation = person.invitations.order_by("-created_at").first()
    waiting = invitation is not None and not (invitation.accepted_at or invitation.revoked_at)
    codes = OneTimeCode.objects.filter(user__person=person).select_related("made_by", "told")
    return Access(
        user=user,
        invitation=invitation,
        is_open=bool(invitation and waiting and invitation.expires_at > clock.now()),
        codes=list(codes.order_by("-created_at")[:SHOWN_CODES]),
    )


def to_settle(user: User) -> QuerySet[Person]:
    """People whose login needs somebody: call-back, office without login, locked, expired."""
    held = Amt.objects.active().filter(person=OuterRef("pk"), kind__in=GRANTING)
    now = clock.now()
    invited = Invitation.objects.filter(person=OuterRef("pk"), accepted_at=None, revoked_at=None)
    people = Person.objects.visible_to(user).annotate(
        holds_office=Exists(held),
        is_invited=Exists(invited.filter(expires_at__gt=now)),
        has_expired=Exists(invited.filter(expires_at__lte=now)),
        asked_at=F("user__asked_for_call_at"),
        is_active=F("user__is_active"),
        login=F("user__pk"),
    )
    without_login = Q(login=None) & (Q(holds_office=True) | Q(has_expired=True, is_invited=False))
    found = people.filter(Q(asked_at__isnull=False) | Q(is_active=False) | without_login)
    return found.order_by(F("asked_at").asc(nulls_last=True), "-holds_office", "sort_name", "id")
