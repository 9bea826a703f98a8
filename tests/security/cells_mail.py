"""Who may use the pages of mails, letters, texts, and what was said on the phone."""

import uuid

from portal.common import clock
from portal.common.models import AddressTrouble, OutgoingMail
from portal.common.outbox import desk
from tests.security.cell import GEHRDEN, MISSING, SIGNED_IN, STAFF, UETZE, Cell
from tests.world import World


def row(world: World, role: str = "newcomer", **values) -> OutgoingMail:
    """A message to somebody of the cast, made once."""
    person = world.person(role)
    values = {"kind": "members.welcome", "channel": "letter", "state": "queued"} | values
    key = f"cell:{role}:{values['channel']}:{values['state']}"
    found = OutgoingMail.objects.filter(dedupe_key=key).first()
    return found or OutgoingMail.objects.create(
        dedupe_key=key,
        recipient_key=person.pk,
        address=person.email if values["channel"] == "mail" else "",
        ids={"onboarding": str(world.onboarding(role).pk)},
        message_id=f"<{uuid.uuid4().hex}@localhost>",
        created_at=clock.now(),
        not_before=clock.now(),
        **values,
    )


def _letter(world: World) -> dict:
    return {"pk": row(world).pk}


def _failed(world: World) -> dict:
    return {"pk": row(world, channel="mail", state="failed").pk}


def _batch(world: World) -> dict:
    letter = row(world)
    if letter.batch is None:
        # Another cell of the same test may have stopped it.
        OutgoingMail.objects.filter(pk=letter.pk).update(state="queued", reason="", sent_at=None)
        desk.print_letters([letter.pk], world.person("staff").pk)
        letter.refresh_from_db()
    return {"batch": letter.batch}


def _printed(world: World) -> dict:
    _batch(world)
    return _letter(world)


def _trouble(world: World) -> dict:
    trouble, _ = AddressTrouble.objects.get_or_create(
        address="zztrouble@example.org",
        defaults={
            "recipient_key": world.person("newcomer").pk,
            "last_at": clock.now(),
            "paused_at": clock.now(),
        },
    )
    return {"pk": trouble.pk}


def _text(_: World) -> dict:
    return {"kind": "members.welcome", "channel": "mail", "language": "de"}


def _person(role: str):
    return lambda world: {"pk": world.person(role).pk}


def _by_phone(method: str) -> list[Cell]:
    data = {"moves": True} if method == "POST" else {}
    values = lambda _: (  # noqa: E731 -- the same answers in every cell
        {"preferred_channel": "phone", "language": "de", "messenger": "nein"}
        | {"mentor": "ja", "nobody_called": "nein", "prefers_flinta": "nein"}
    )
    return [
        Cell(
            method,
            GEHRDEN | STAFF,
            _person("newcomer"),
            values,
            denied=MISSING,
            name="Gehrden",
            **data,
        ),
        Cell(
            method,
            UETZE | STAFF,
            _person("foreign_newcomer"),
            values,
            denied=MISSING,
            name="Uetze",
            **data,
        ),
    ]


ABSENT = {"pk": "00000000-0000-4000-8000-000000000000"}
SPEC: dict[str, list[Cell]] = {
    "members:by_phone": [*_by_phone("GET"), *_by_phone("POST")],
    "members:upcoming": [Cell("GET", STAFF, _person("newcomer"), shows="newcomer")],
    "members:my_mail": [Cell("GET", SIGNED_IN), Cell("POST", SIGNED_IN)],
    "members:post": [Cell("GET", STAFF)],
    "members:post_item": [Cell("GET", STAFF, _failed, shows="newcomer")],
    "members:post_retry": [Cell("POST", STAFF, _failed, moves=True)],
    "members:post_stop": [Cell("POST", STAFF, _letter, moves=True)],
    "members:addresses": [Cell("GET", STAFF)],
    "members:address_unpause": [Cell("POST", STAFF, _trouble, moves=True)],
    "members:letters": [Cell("GET", STAFF)],
    "members:letters_print": [Cell("POST", STAFF, moves=True)],
    "members:letter_batch": [Cell("GET", STAFF, _batch, shows="newcomer")],
    "members:letter_batch_pdf": [Cell("GET", STAFF, _batch, is_file=True)],
    "members:letters_tick": [Cell("POST", STAFF, _batch, moves=True)],
    "members:letters_untick": [Cell("POST", STAFF, _batch, moves=True)],
    "members:letter_pdf": [Cell("GET", STAFF, _letter, is_file=True)],
    "members:letter_back": [Cell("POST", STAFF, _printed, moves=True)],
    "members:letter_address": [
        Cell("GET", STAFF, _letter, shows="newcomer"),
        Cell("POST", STAFF, _letter),
    ],
    "members:texts": [Cell("GET", STAFF)],
    "members:text": [Cell("GET", STAFF, _text), Cell("POST", STAFF, _text)],
    "members:text_reset": [Cell("GET", STAFF, _text), Cell("POST", STAFF, _text, moves=True)],
    "members:language_new": [Cell("GET", STAFF), Cell("POST", STAFF)],
}
