"""What people can choose as their topics."""

from typing import Any

from django.db import transaction
from django.utils.text import slugify

from members.models import Person, Topic
from members.sorting import fold
from portal.common import audit
from portal.common.locks import lock_for_transaction


@transaction.atomic
def save_topic(form: Any, by: Person) -> Topic:
    """Store a topic; a new one gets a code of its own that never changes."""
    lock_for_transaction("topics")
    topic: Topic = form.instance
    is_new = topic._state.adding
    if is_new:
        topic.code = free_code(Topic, topic.name)
    topic.save()
    if form.changed_data:
        code = "topic.created" if is_new else "topic.changed"
        audit.record(code, by.pk, topic, form.changed_data)
    return topic


def free_code(model: Any, name: str) -> str:
    """A code made of the name that no row of `model` has; the caller holds a lock."""
    wanted = slugify(fold(name))[:36] or model._meta.model_name
    taken = set(model.objects.filter(code__startswith=wanted).values_list("code", flat=True))
    numbered = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
    return next(code for code in (wanted, *numbered) if code not in taken)
