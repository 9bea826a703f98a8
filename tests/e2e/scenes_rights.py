"""„Meine Daten“ with everything in it, the requests, and the office's pages, with long words."""

from collections.abc import Iterator

from django.urls import reverse
from playwright.sync_api import Page

from members.models import RightsRequest
from members.services import rights
from members.services.reference import MESSENGER
from members.services.rights import Asked, Reply
from portal.common import clock, consents
from portal.common.models import OutgoingMail
from tests.e2e.scenes import LONG, Scene, fill
from tests.world import World


def full(world: World) -> None:
    """One request of each kind, answered, refused, standing and waiting; a mail; two consents."""
    fill(world)
    person, by = world.person("newcomer"), world.person("staff")
    rights.ask(person, Asked("objection", "", ("mentor", "waves")), person)
    refused = rights.ask(person, Asked("erasure", f"Bitte alles. {LONG}"), person)[0]
    rights.answer(refused, Reply(f"Erst nach dem Austritt. {LONG}", "member"), by)
    rights.ask(person, Asked("correction", f"Mein Name: {LONG}"), world.person("ansprechperson"))
    for _ in range(2):
        consents.give(person.pk, MESSENGER, "de", "online", person.pk)
        consents.withdraw(person.pk, MESSENGER, person.pk)
    consents.give(person.pk, MESSENGER, "en", "phone", world.person("ansprechperson").pk)
    now = clock.now()
    OutgoingMail.objects.create(
        kind="members.welcome",
        recipient_key=person.pk,
        address=person.email,
        dedupe_key="scene",
        message_id="scene",
        state="sent",
        created_at=now,
        not_before=now,
        sent_at=now,
    )


def _own(slug: str):
    return lambda _world: reverse("members:my_request", args=[slug])


def _of(name: str):
    return lambda world: reverse(name, args=[world.person("newcomer").pk])


def _one(state: str):
    return lambda _: reverse(
        "members:rights_request", args=[RightsRequest.objects.filter(state=state).first().pk]
    )


def _send(page: Page) -> None:
    with page.expect_navigation():
        page.locator("main form .btn-main").first.click()


def _refuse_without_reason(page: Page) -> None:
    page.get_by_label("Das geht nicht").check()
    page.get_by_label("Deine Antwort").fill("Nein.")
    _send(page)


def scenes() -> Iterator[Scene]:
    for name in ("members:my_data", "members:consents", "members:my_proof"):
        yield Scene(name, "full", "newcomer", lambda _, n=name: reverse(n), full)
    for slug in ("berichtigung", "widerspruch", "loeschung", "einschraenkung"):
        yield Scene("members:my_request", slug, "newcomer", _own(slug), full)
    yield Scene("members:my_request", "errors", "newcomer", _own("widerspruch"), full, _send)
    yield Scene("members:rights", "full", "staff", lambda _: reverse("members:rights"), full)
    yield Scene("members:rights_request", "refused", "staff", _one("refused"), full)
    yield Scene(
        "members:rights_request", "errors", "staff", _one("open"), full, _refuse_without_reason
    )
    yield Scene("members:proof", "full", "staff", _of("members:proof"), full)
    yield Scene(
        "members:person_export", "errors", "staff", _of("members:person_export"), full, _send
    )
    by_phone = _of("members:rights_by_phone")
    yield Scene("members:rights_by_phone", "full", "ansprechperson", by_phone, full)
    yield Scene("members:rights_by_phone", "errors", "ansprechperson", by_phone, full, _send)
