"""What getting in puts on somebody's list "Zu tun"."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone

from members import policies
from members.models import OneTimeCode, User
from members.services import recovery
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
            title=f"{one.person.full_name} kommt nicht rein und bittet um Rückruf",
            due_on=timezone.localdate(one.asked_for_call_at),
            url=reverse("members:access", args=[one.person_id]),
            person=str(one.person_id),
        )
