"""Write down who did what, without saying with which values."""

from collections.abc import Iterable
from uuid import UUID

from django.db import models

from portal.common import clock
from portal.common.models import AuditEvent


def record(
    code: str,
    actor: UUID | None,
    subject: models.Model | None = None,
    fields: Iterable[str] = (),
    count: int = 1,
) -> None:
    """Append one event; `fields` are names of changed fields, never their values."""
    AuditEvent.objects.create(
        code=code,
        at=clock.now(),
        actor=actor,
        subject_type=subject._meta.label_lower if subject else "",
        subject=subject.pk if subject else None,
        fields=sorted(fields),
        count=count,
    )
