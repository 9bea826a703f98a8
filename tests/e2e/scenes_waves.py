"""Waves and the two questions in the states the access matrix does not reach."""

from collections.abc import Iterator
from urllib.parse import urlencode

from django.urls import reverse

from members.models import Onboarding, Pulse, PulseTally, Wave, WaveReply
from members.services import pulse, waves
from portal.common import clock
from tests.e2e.scenes import LONG, Scene, nothing
from tests.security.cells_pulse import make_pulse
from tests.security.cells_waves import make_member, make_wave
from tests.world import World


def _members(world: World) -> None:
    for name in ("Zzlange", "Zzsehrlange", LONG):
        make_member(name, world.gliederung("Gehrden"))
    PulseTally.objects.create(arrived=12, not_yet=7, published_on=clock.today())


def _running(world: World) -> None:
    _members(world)
    make_wave(world, way=Wave.Way.MEETING)
    invited = Onboarding.objects.filter(wave__isnull=False).order_by("pk")
    for one, answer in zip(invited, WaveReply.Answer.values, strict=False):
        waves.reply(one, answer)


def _wave(world: World) -> str:
    return reverse("members:wave", args=[Wave.objects.get().pk])


def _preview(world: World) -> str:
    chosen = {"gliederung": world.gliederung("Region").pk, "months": 12, "size": 25, "way": "call"}
    return f"{reverse('members:wave_new')}?{urlencode(chosen)}"


def _wrong(world: World) -> str:
    return f"{reverse('members:wave_new')}?months=1&size=0&way=meeting"


def _said(value: str, *, told: bool = False):
    def prepare(world: World) -> None:
        found = make_pulse(world)
        pulse.answer(found.pk, value)
        if told:
            pulse.tell(found.pk, may=True)

    return prepare


def _question(world: World) -> str:
    url = pulse.link(Pulse.objects.get().onboarding_id, 1)
    return url[url.index("/", len("https://")) :]


def _sheet(world: World) -> str:
    invited = Onboarding.objects.filter(wave__isnull=False, state="running").first()
    return reverse("members:newcomer", args=[invited.pk])


def scenes() -> Iterator[Scene]:
    yield Scene("members:waves", "some", "staff", lambda _: reverse("members:waves"), _running)
    yield Scene("members:wave_new", "preview", "staff", _preview, _members)
    yield Scene("members:wave_new", "nobody", "staff", _preview, nothing)
    yield Scene("members:wave_new", "wrong", "staff", _wrong, nothing)
    yield Scene("members:wave", "mixed", "staff", _wave, _running)
    yield Scene("members:newcomer", "wave", "ansprechperson", _sheet, _running)
    yield Scene("members:pulse", "no", "anon", _question, _said("eher-nein"))
    yield Scene("members:pulse", "told", "anon", _question, _said("nein", told=True))
    yield Scene("members:pulse", "yes", "anon", _question, _said("ja"))
    heute = reverse("dashboards:heute")
    told = _said("nein", told=True)
    yield Scene("dashboards:heute", "told", "ansprechperson", lambda _: heute, told)
    mine = reverse("dashboards:mein_start")
    yield Scene("dashboards:mein_start", "asked", "newcomer", lambda _: mine, make_pulse)
