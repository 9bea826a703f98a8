"""What is left of people beyond their own rows, and what reports keep of them."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, OuterRef, Q, Subquery

from members.models import (
    Amt,
    Contact,
    Interest,
    Membership,
    Milestone,
    Onboarding,
    OneTimeCode,
    PastMembership,
    Step,
)
from portal.common import clock

UUID_IN_TEXT = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
# What mails and reminders of other people name by its id.
NAMED_BY_ID = (
    (Membership, "person"),
    (Interest, "person"),
    (Amt, "person"),
    (Onboarding, "person"),
    (Milestone, "onboarding__person"),
    (Contact, "onboarding__person"),
    (OneTimeCode, "user__person"),
)


def ids_about(people: Collection[UUID]) -> list[UUID]:
    """Return the ids of these people and of everything about them that others are told of."""
    found = list(people)
    for model, person in NAMED_BY_ID:
        rows = model._base_manager.filter(**{f"{person}__in": people})
        found += rows.values_list("pk", flat=True)
    return found


def told_in_digests(ids: Collection[UUID]) -> tuple[list[UUID], set[UUID]]:
    """Return the reminders that name one of these ids, and who was told."""
    statement = (
        "select id, recipient_id from members_reminder "
        "where substring(key from %s)::uuid = any(%s::uuid[])"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [UUID_IN_TEXT, [str(pk) for pk in ids]])
        rows = cursor.fetchall()
    return [pk for pk, _ in rows], {recipient for _, recipient in rows}


def mails_naming(ids: Collection[UUID]) -> list[UUID]:
    """Return the kept mails, to anybody, that are about one of these ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select id from common_outgoingmail mail where body <> '' and exists (select 1 from "
            "jsonb_each_text(mail.ids) said where said.value = any(%s))",
            [[str(pk) for pk in ids]],
        )
        return [pk for (pk,) in cursor.fetchall()]


def past_memberships(people: Collection[UUID]) -> Iterator[PastMembership]:
    """What reports keep: month, place, reason, and how long the promises took. No person."""
    done = Milestone._base_manager.filter(
        onboarding__person=OuterRef("person"),
        onboarding__started_on=OuterRef("joined_on"),
        onboarding__wave=None,
    )
    talks = done.filter(kind=Step.Kind.CONTACT).order_by("position").values("done_on")
    handed = done.filter(kind=Step.Kind.HANDOVER).order_by("position").values("done_on")
    rows: Iterable[tuple[Any, ...]] = (
        Membership.objects.filter(~Q(joined_on=None), person__in=people)
        .annotate(
            place=F("person__gliederung"),
            first=Subquery(talks[:1]),
            handed=Subquery(handed[:1]),
            second=Subquery(talks[1:2]),
        )
        .values_list("place", "joined_on", "left_on", "left_reason", "first", "handed", "second")
    )
    for place, joined, left, reason, first, book, second in rows:
        yield PastMembership(
            gliederung_id=place,
            joined_in=joined.replace(day=1),
            left_in=(left or clock.today()).replace(day=1),
            left_reason=reason,
            days_to_first_talk=_days(joined, first),
            days_to_parteibuch=_days(joined, book),
            days_to_second_talk=_days(joined, second),
        )


def _days(since: date, done: date | None) -> int | None:
    return max(0, (done - since).days) if done else None
