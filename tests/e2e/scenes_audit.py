"""The pages of the data-protection office, full and with a broken chain."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse

from members.models import Amt
from portal.common import audit, clock
from portal.common.models import AuditCheck
from tests.e2e.scenes import Scene, fill
from tests.world import World


def _whole(world: World) -> None:
    fill(world)
    AuditCheck.objects.create(at=clock.now(), seals=120)
    for role in ("staff", "member", "vorsitz"):
        by = world.person(role)
        audit.record("person.changed", by.pk, by, ["family_name", "availability", "plz"])


def _broken(world: World) -> None:
    _whole(world)
    AuditCheck.objects.create(at=clock.now(), seals=3, problem="tail", position=4)
    Amt.objects.update(beginn=date(2026, 1, 1), recertified_on=None)


def _path(name: str, query: str = ""):
    return lambda _: reverse(name) + query


def scenes() -> Iterator[Scene]:
    log, home = "dashboards:audit_log", "dashboards:data_protection"
    yield Scene(log, "whole", "privacy", _path(log), _whole)
    yield Scene(log, "narrowed", "privacy", _path(log, "?worum=personen"), _whole)
    yield Scene(log, "errors", "privacy", _path(log, "?worum=gibt-es-nicht"), _whole)
    yield Scene(home, "broken", "privacy", _path(home), _broken)
