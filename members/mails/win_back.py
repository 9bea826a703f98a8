"""The one message to somebody who has left."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from members.mails.house import ADDRESS_CHANGED, HOUSE, house, is_not_theirs
from members.models import Membership
from members.queries import win_back as queries
from members.services.win_back import WIN_BACK
from portal.common.outbox import kinds
from portal.common.outbox.models import OutgoingMail


def _membership(mail: OutgoingMail) -> Membership | None:
    return Membership.objects.select_related("person").filter(pk=mail.ids["membership"]).first()


def _context(mail: OutgoingMail) -> Mapping[str, Any]:
    membership = _membership(mail)
    assert membership is not None  # `_may_send` was asked before
    person = membership.person
    return house() | {"language": person.language, "vorname": person.first_name}


def _may_send(mail: OutgoingMail) -> str | None:
    membership = _membership(mail)
    if membership is None:
        return "Person nicht mehr im Portal"
    if membership.win_back_way != Membership.WinBack.WRITTEN:
        return "zurückgenommen"
    if not queries.recently_left().filter(pk=membership.pk).exists():
        return "wieder dabei, nicht gewünscht oder 28 Tage vorbei"
    return ADDRESS_CHANGED if is_not_theirs(mail, membership.person) else None


kinds.register(
    kinds.MailKind(
        code=WIN_BACK,
        title="Nachricht nach dem Austritt",
        template="members/win_back",
        recipient="ausgetretenes Mitglied",
        reason="Du bist vor Kurzem ausgetreten.",
        mail_class=kinds.MailClass.INVITATION,
        counts_for_cap=True,
        context=_context,
        may_send=_may_send,
        placeholders=tuple(
            replace(p, is_needed=True) if p.name == "impressum" else p for p in HOUSE
        ),
    )
)
