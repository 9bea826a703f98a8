"""What people decided about invitations: another way, or none. Asked when a message leaves."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from portal.common import audit, links
from portal.common.outbox import addresses, kinds, stopping
from portal.common.outbox.kinds import MailClass, MailKind
from portal.common.outbox.models import MailChoice, OutgoingMail

Way = MailChoice.Way
Channel, State = OutgoingMail.Channel, OutgoingMail.State
DECLINED = "Die Person möchte diese Post nicht."
BY_LETTER = "Die Person möchte das per Brief."
# Long enough for whoever tidies up the inbox once a year.
LIVES = timedelta(days=365)
NO_MORE = "no-more"
# What the link says, in the language of the mail; others read German.
LINK_LABELS = {"en": "No more mails like this"}
LINK_LABEL = "Solche Mails nicht mehr"


def can_be_chosen(kind: MailKind) -> bool:
    """Only what nobody asked for and nobody has to know."""
    return kind.mail_class is MailClass.INVITATION


def all_choosable() -> tuple[MailKind, ...]:
    return tuple(kind for kind in kinds.all_kinds() if can_be_chosen(kind))


def chosen_by(recipient_key: UUID) -> dict[str, str]:
    """Return what this person decided, by kind; what is missing comes the usual way."""
    rows = MailChoice.objects.filter(recipient_key=recipient_key)
    return dict(rows.values_list("kind", "way"))


def declined_by(recipient_key: UUID) -> list[str]:
    """Return the kinds that will not leave, although they wait."""
    known = {kind.code for kind in all_choosable()}
    chosen = chosen_by(recipient_key) if known else {}
    return [code for code, way in chosen.items() if code in known and way == Way.NONE]


def _way(mail: OutgoingMail) -> str | None:
    kind = kinds.find(mail.kind)
    if kind is None or not can_be_chosen(kind):
        return None  # a choice about something that became a duty holds no more
    found = MailChoice.objects.filter(recipient_key=mail.recipient_key, kind=mail.kind)
    return found.values_list("way", flat=True).first()


@stopping.veto
def declined(mail: OutgoingMail) -> str | None:
    return DECLINED if _way(mail) == Way.NONE else None


def wants_paper(mail: OutgoingMail) -> bool:
    """Must this mail become a letter instead?"""
    return mail.channel == Channel.MAIL and _way(mail) == Way.LETTER


@transaction.atomic
def choose(recipient_key: UUID, ways: Mapping[str, str], by: UUID) -> list[str]:
    """Write down what changed, kind by kind; what waits already follows. Returns those kinds."""
    known = {kind.code for kind in all_choosable()}
    before = chosen_by(recipient_key)
    changed = [
        code
        for code, way in ways.items()
        if code in known and before.get(code, Way.MAIL) != Way(way)
    ]
    for code in changed:
        if ways[code] == Way.MAIL:
            MailChoice.objects.filter(recipient_key=recipient_key, kind=code).delete()
            _mails_again(recipient_key, code)
        else:
            MailChoice.objects.update_or_create(
                recipient_key=recipient_key, kind=code, defaults={"way": ways[code]}
            )
    if changed:
        audit.record("mail.chosen", by, count=len(changed))
    return changed


def _mails_again(recipient_key: UUID, code: str) -> None:
    """A letter that nobody printed goes by mail after all, if there is an address that works."""
    unprinted = OutgoingMail.objects.filter(
        recipient_key=recipient_key,
        kind=code,
        channel=Channel.LETTER,
        state=State.QUEUED,
        batch=None,
    )
    for row in unprinted.select_for_update():
        row.channel, row.reason = addresses.channel_for(row.address), ""
        row.save(update_fields=["channel", "reason"])


@dataclass(frozen=True, slots=True)
class Lists:
    """The same decisions as two lists of kinds, as they are said on the phone."""

    none: list[str]
    letter: list[str]


def as_lists(recipient_key: UUID) -> Lists:
    chosen = chosen_by(recipient_key)
    codes = [kind.code for kind in all_choosable()]
    return Lists(
        [code for code in codes if chosen.get(code) == Way.NONE],
        [code for code in codes if chosen.get(code) == Way.LETTER],
    )


def choose_listed(recipient_key: UUID, way: str, listed: Collection[str], by: UUID) -> None:
    """Whatever is listed comes this way; what came this way and is not listed comes as usual."""
    chosen = chosen_by(recipient_key)
    ways = dict.fromkeys(listed, way)
    ways |= {code: Way.MAIL for code, held in chosen.items() if held == way and code not in listed}
    choose(recipient_key, ways, by)


# --- „Solche Mails nicht mehr“ -----------------------------------------------------------------


def no_more_line(language: str, url: str) -> str:
    """Return the last line of every mail that may be declined."""
    return f"{LINK_LABELS.get(language, LINK_LABEL)}: {url}"


def is_no_more(line: str) -> bool:
    return line.startswith((f"{LINK_LABEL}: ", *(f"{label}: " for label in LINK_LABELS.values())))


def no_more_url(mail: OutgoingMail) -> str:
    return links.signed_url(NO_MORE, f"{mail.recipient_key}:{mail.kind}")


def _parts(subject: str) -> tuple[UUID, MailKind] | None:
    key, _, code = subject.partition(":")
    kind = kinds.find(code)
    return (UUID(key), kind) if kind and can_be_chosen(kind) else None


def _ask(subject: str) -> str | None:
    parts = _parts(subject)
    if parts is None or chosen_by(parts[0]).get(parts[1].code) == Way.NONE:
        return None
    return (
        f"Möchtest du keine Nachrichten der Art „{parts[1].title}“ mehr bekommen? "
        "Alles andere bleibt, wie es ist."
    )


def _act(subject: str) -> str:
    parts = _parts(subject)
    if parts:
        recipient_key, kind = parts
        choose(recipient_key, {kind.code: Way.NONE}, recipient_key)
    return "Gut, diese Nachrichten kommen nicht mehr. Auf deiner Seite kannst du das wieder ändern."


links.register(links.LinkAction(NO_MORE, "Ja, nicht mehr schicken", LIVES, _ask, _act))
