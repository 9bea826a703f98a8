"""Pages of being away, sharing out, coverage and win-back in the states worth looking at."""

from collections.abc import Iterator
from datetime import timedelta

from django.urls import reverse

from members.models import Amt, Membership, Onboarding
from members.services import absences, assignments, exits, win_back
from portal.common import clock
from tests.e2e.scenes import Scene, fill
from tests.world import World, make_newcomer


def _away(world: World) -> None:
    fill(world)
    absences.this_week(world.person("ansprechperson"))
    later = clock.today() + timedelta(days=30)
    absences.enter(world.person("ansprechperson"), later, later)


def _handed_on(world: World) -> None:
    fill(world)
    assignments.hand_on(world.onboarding("newcomer"), world.person("ansprechperson"))


def _quiet(world: World) -> None:
    """Newcomers wait, offices end and are to be checked."""
    fill(world)
    since = clock.today() - timedelta(days=16)
    Onboarding.objects.update(arrived_on=since, responsible_since=since)
    Amt.objects.filter(kind="stellvertretung").update(ende=clock.today() + timedelta(days=10))


def _left(world: World) -> None:
    fill(world)
    for name in ("Zzgeht", "Zzging"):
        person = make_newcomer(name, world.gliederung("Gehrden"), phone="+49 511 1234").person
        exits.record_exit(person, clock.today(), "wish", world.person("staff"))
    win_back.note(Membership.objects.get(person=person), "called", world.person("staff"))


def _page(name: str):
    return lambda _: reverse(name)


def _sheet(world: World) -> str:
    return reverse("members:newcomer", args=[world.onboarding("newcomer").pk])


def _ticked(_: World) -> str:
    return reverse("members:share_out") + "?alle=ja"


def scenes() -> Iterator[Scene]:
    away = ("members:absences", "dashboards:heute")
    for name in away:
        yield Scene(name, "away", "ansprechperson", _page(name), _away)
    yield Scene(
        "dashboards:mein_start", "stand-in", "newcomer", _page("dashboards:mein_start"), _away
    )
    yield Scene("members:newcomer", "handed-on", "ansprechperson", _sheet, _handed_on)
    yield Scene("members:share_out", "ticked", "staff", _ticked, fill)
    for name in ("members:coverage", "members:recertify"):
        yield Scene(name, "quiet", "staff", _page(name), _quiet)
    yield Scene("members:win_back", "two-left", "staff", _page("members:win_back"), _left)
