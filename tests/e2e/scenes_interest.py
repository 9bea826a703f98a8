"""Applicants, interested people and cards in the states the access matrix does not reach."""

from collections.abc import Iterator

from django.urls import reverse
from playwright.sync_api import Page

from members.models import Interest, InterestMark, Membership
from members.services import admissions, cards, interest
from portal.common import clock
from tests.e2e.scenes import LONG, Scene
from tests.members.interested import asked, link, make_application, make_interest
from tests.world import World


def _full(world: World) -> None:
    """Long names, each state an application can be in, and forms to look at."""
    gehrden, chair = world.gliederung("Gehrden"), world.person("vorsitz")
    make_application(LONG, gehrden, 3)
    make_application("Zzüber", gehrden, 40)
    admissions.admit(make_application("Zzdrin", gehrden, 25), clock.today(), chair)
    admissions.refuse(make_application("Zzdraußen", gehrden, 25), chair)
    card = cards.make(world.person("ansprechperson"))
    make_interest("a@example.org", family_name=LONG, card=card.code, tell_inviter=True)
    tried = make_interest("b@example.org", given_name="Bo")
    interest.log_talk(tried, reached=False, by=chair)
    for number in range(3):
        interest.ask(asked(email=f"{LONG[:40]}{number}@example.org", doubt="fast"))


def _url(name: str):
    return lambda _: reverse(name)


def _application(state: str):
    def path(world: World) -> str:
        found = Membership.objects.get(person__family_name=state)
        return reverse("members:admission", args=[found.pk])

    return path


def _link(**values):
    def path(world: World) -> str:
        InterestMark.objects.all().delete()
        interest.ask(asked(**values))
        one = Interest.objects.latest("created_at")
        if values.get("family_name") == "Zzalt":
            Interest.objects.filter(pk=one.pk).update(link_until=clock.now())
        if values.get("family_name") == "Zzja":
            interest.confirm(one)
        return link(one)

    return path


def _wrong(page: Page) -> None:
    page.get_by_label("Vorname").fill("Ida")
    page.get_by_label("PLZ").fill("abc")
    with page.expect_navigation():
        page.get_by_role("button", name="Abschicken").click()


def _nothing(world: World) -> None:
    pass


def scenes() -> Iterator[Scene]:
    form = _url("members:interest")
    yield Scene("members:interest", "wrong", "anon", form, _nothing, _wrong)
    for state in ("Zzneu", "Zzalt", "Zzja"):
        yield Scene("members:interest_confirm", state, "anon", _link(family_name=state), _nothing)
    yield Scene("members:admissions", "full", "vorsitz", _url("members:admissions"), _full)
    for state in (LONG, "Zzüber", "Zzdrin", "Zzdraußen"):
        path = _application(state)
        yield Scene("members:admission", state[:10], "vorsitz", path, _full)
    lists = _url("members:interested_list")
    yield Scene("members:interested_list", "full", "ansprechperson", lists, _full)
    yield Scene("members:interest_held", "full", "staff", _url("members:interest_held"), _full)
    yield Scene("members:card", "told", "ansprechperson", _url("members:card"), _full)
