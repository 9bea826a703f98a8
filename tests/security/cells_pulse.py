"""„Bist du angekommen?“: whoever has the link of the mail; it shows nobody's name."""

from members.models import Pulse
from members.services import pulse
from portal.common import clock
from tests.security.cell import ALL, Cell
from tests.world import World


def make_pulse(world: World, role: str = "newcomer", **values) -> Pulse:
    found, _ = Pulse.objects.get_or_create(
        onboarding=world.onboarding(role), number=1, defaults={"asked_on": clock.today(), **values}
    )
    return found


def _link(world: World) -> dict:
    url = pulse.link(make_pulse(world).onboarding_id, 1, "eher-nein")
    return {"token": url.rstrip("/").rpartition("/")[2]}


SPEC: dict[str, list[Cell]] = {
    "members:pulse": [
        Cell("GET", ALL, _link, public=True),
        Cell("POST", ALL, _link, lambda _: {"answer": "ja"}, public=True, moves=True),
    ],
}
