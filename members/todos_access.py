"""What getting in puts on somebody's list "Zu tun"."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone

from members import policies
from members.models import Amt, OneTimeCode, Person, User
from members.services import recovery
from members.services.fresh_eyes import SETTLED_AFTER
from members.services.notices import WITH_RIGHTS
from portal.common import clock
from portal.common.models import AuditEvent
from portal.common.todos import Todo, register


@register("code_notice")
def code_notices(user: Any, today: date) -> Iterable[Todo]:
    """Codes that were made on the telephone, for the second person, until seen (R27)."""
    if not any(recovery.may_be_told(amt, user.district) for amt in user.current_aemter):
        return  # spares everybody else the query
    unseen = OneTimeCode.objects.filter(told=user.person_id, seen_at=None)
    for code in unseen.select_related("user__person"):
        yield Todo(
            key=f"code_notice:{code.pk}",
            kind="code_notice",
            title=f"Einmalcode für {code.user.person.full_name} ansehen",
            due_on=timezone.localdate(code.created_at),
            url=reverse("members:code_notice", args=[code.pk]),
            person=str(code.user.person_id),
        )


@register("new_address")
def new_addresses(user: Any, today: date) -> Iterable[Todo]:
    """An invitation to an office goes where the address points, so others look at a change."""
    if not policies.can_manage_access(user):
        return
    without = (user.person_id,)
    changed = AuditEvent.objects.filter(
        code="person.changed", fields__contains=["email"], at__gt=clock.now() - SETTLED_AFTER
    ).exclude(actor__in=without)
    held = Amt.objects.unfinished().filter(kind__in=WITH_RIGHTS).exclude(person__in=without)
    since = dict(changed.order_by("at").values_list("subject", "at"))
    people = Person.objects.visible_to(user).filter(pk__in=since, aemter__in=held).distinct()
    for person in people:
        yield Todo(
            key=f"new_address:{person.pk}",
            kind="new_address",
            title=f"Neue E-Mail-Adresse von {person.full_name}: bitte nachfragen, ob sie stimmt",
            due_on=timezone.localdate(since[person.pk]),
            url=reverse("members:access", args=[person.pk]),
            person=str(person.pk),
        )


@register("call_back")
def call_backs(user: Any, today: date) -> Iterable[Todo]:
    """People who cannot get in and asked for a call."""
    if not policies.can_manage_access(user):
        return
    waiting = User.objects.filter(asked_for_call_at__isnull=False, is_active=True)
    for one in waiting.exclude(pk=user.pk).order_by("asked_for_call_at")[:20]:
        yield Todo(
            key=f"call_back:{one.person_id}",
            kind="call_back",
            title=f"{one.person.full_name} kommt nicht hinein und bittet um Rückruf",
            due_on=timezone.localdate(one.asked_for_call_at),
            url=reverse("members:access", args=[one.person_id]),
            person=str(one.person_id),
        )
