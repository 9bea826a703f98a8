"""Events in the small district."""

from datetime import timedelta

import pytest

from events.models import Event, EventKind
from events.services import events as service
from portal.common import clock


@pytest.fixture
def make_event(world):
    """Announce one in Gehrden, a week from now."""

    def make(kind="stammtisch", *, role="ansprechperson", **values):
        return announce(world, kind, role=role, **values)

    return make


def announce(world, kind="stammtisch", *, role="ansprechperson", **values):
    starts_at = values.pop("starts_at", clock.now() + timedelta(days=7))
    facts = {
        "kind": EventKind.objects.get(code=kind),
        "title": "Zzabend",
        "gliederung": world.gliederung("Gehrden"),
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=2),
        "needs_registration": True,
        "place": "Bürgerhaus",
    }
    return service.create(Event(**facts | values), world.person(role))
