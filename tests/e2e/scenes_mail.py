"""Pages of mails and letters in the states the access matrix does not reach."""

from collections.abc import Iterator

from django.urls import reverse
from playwright.sync_api import Page

from members.services import answers
from portal.common import clock
from portal.common.models import OutgoingMail
from tests.e2e.scenes import Scene, fill
from tests.security.cells_mail import row
from tests.world import World


def _mails(world: World) -> None:
    """One message in each state, and a letter that waits."""
    fill(world)
    row(world)
    row(world, channel="mail", state="failed", reason="kam zurück: Die Adresse gibt es nicht")
    row(world, channel="mail", state="uncertain")
    row(world, channel="mail", state="sent", sent_at=clock.now(), body="Hallo [entfernt]")
    capped = row(world, role="other_newcomer", channel="mail")
    OutgoingMail.objects.filter(pk=capped.pk).update(capped_until=clock.now())


def _item(state: str):
    def path(world: World) -> str:
        return reverse("members:post_item", args=[row(world, channel="mail", state=state).pk])

    return path


def _tab(code: str):
    return lambda _: f"{reverse('members:post')}?stand={code}"


def _answered(world: World) -> None:
    said = {"language": "leicht", "messenger": "ja", "nobody_called": "ja"}
    answers.enter(world.person("newcomer"), said, world.person("ansprechperson"))


def _wrong_text(page: Page) -> None:
    page.locator("[name=body]").fill("Hallo {strasse}")
    with page.expect_navigation():
        page.get_by_role("button", name="Speichern").click()


def _text(_: World) -> str:
    return reverse("members:text", args=["members.welcome", "mail", "de"])


def scenes() -> Iterator[Scene]:
    for code in ("scheitert", "wartet", "gebremst", "verschickt"):
        yield Scene("members:post", code, "staff", _tab(code), _mails)
    for state in ("uncertain", "sent"):
        yield Scene("members:post_item", state, "staff", _item(state), _mails)
    yield Scene("members:letters", "waiting", "staff", lambda _: reverse("members:letters"), _mails)
    yield Scene(
        "members:profile",
        "by-phone",
        "newcomer",
        lambda _: reverse("members:profile"),
        _answered,
    )
    yield Scene("members:text", "wrong", "staff", _text, lambda _: None, _wrong_text)
