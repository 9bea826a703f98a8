"""Let the night come: the test world has said yes to every deletion rule, and they run."""

from datetime import timedelta

from events.models import Event, EventKind, Registration
from portal.common import clock, retaining, retention


def tonight(*codes: str) -> dict[str, int]:
    """Run every rule, or those named; returns what each took, without those that took nothing."""
    rules = [rule for rule in retention.rules() if not codes or rule.code in codes]
    assert len(rules) == len(codes) or not codes
    outcomes = retaining.run(rules)
    assert [one.error for one in outcomes if one.error] == []
    return {one.rule.code: one.count for one in outcomes if one.count}


def registered(world, **values) -> None:
    """Somebody at an event that is over now."""
    event = Event.objects.create(
        kind=EventKind.objects.first(),
        title="Stammtisch",
        gliederung=world.gliederung("Gehrden"),
        starts_at=clock.now() - timedelta(hours=2),
        ends_at=clock.now(),
    )
    facts = {"person": world.person("newcomer"), "state": "registered"}
    Registration.objects.create(
        event=event, created_at=clock.now() - timedelta(days=9), **facts | values
    )
