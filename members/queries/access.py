"""How people stand with their logins, for staff."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, When

from members.capabilities import GRANTING
from members.models import Amt, Invitation, OneTimeCode, Person, User
from portal.common import clock
from portal.common.models import AuditEvent

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


def needing_somebody(user: User, since: datetime) -> QuerySet[Any]:
    """Who asked for a call, and who holds an office and got a new address since, by one query.

    An invitation to an office goes where the address points, so others than its writer look.
    """
    changes = AuditEvent.objects.filter(
        code="person.changed", fields__contains=["email"], at__gt=since, subject=OuterRef("pk")
    ).exclude(actor=user.person_id)
    held = Amt.objects.unfinished().filter(person=OuterRef("pk"), kind__in=GRANTING)
    people = Person.objects.visible_to(user).annotate(
        asked_at=Case(When(user__is_active=True, then=F("user__asked_for_call_at"))),
        new_address_at=Subquery(changes.order_by("-at").values("at")[:1]),
    )
    found = people.filter(Q(asked_at__isnull=False) | Q(Exists(held), new_address_at__isnull=False))
    return found.exclude(pk=user.person_id).order_by("asked_at", "sort_name")[:20]
