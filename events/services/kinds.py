"""Kinds of events as staff keep them."""

from typing import Any

from django.db import transaction

from events.models import EventKind
from members.models import Person
from members.services.topics import free_code
from portal.common import audit
from portal.common.locks import lock_for_transaction


@transaction.atomic
def save_kind(form: Any, by: Person) -> EventKind:
    """Store a kind; a new one gets a code of its own that never changes."""
    lock_for_transaction("event kinds")
    kind: EventKind = form.instance
    is_new = kind._state.adding
    if is_new:
        kind.code = free_code(EventKind, kind.name)
    kind.save()
    if form.changed_data:
        code = "event_kind.created" if is_new else "event_kind.changed"
        audit.record(code, by.pk, kind, form.changed_data)
    return kind
