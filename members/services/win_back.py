"""One attempt to win somebody back, noted by the office, and never a second one (B10, R33)."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import transaction

from members.models import Membership, Person
from members.queries import win_back as queries
from portal.common import audit, clock
from portal.common.errors import DomainError
from portal.common.outbox import services as outbox
from portal.common.outbox.models import OutgoingMail

WIN_BACK = "members.win_back"
Way = Membership.WinBack


@transaction.atomic
def note(membership: Membership, way: str, by: Person) -> None:
    """Somebody called, writes now, or it is not needed: with this it is done for good."""
    membership = _locked(membership)
    if not queries.still_open().filter(pk=membership.pk).exists():
        raise DomainError("Hier ist nichts mehr offen: Es gibt nur einen Versuch in 28 Tagen.")
    if way == Way.WRITTEN:
        _write(membership)
    membership.win_back_on, membership.win_back_way = clock.today(), way
    membership.win_back_by = by
    membership.save(update_fields=["win_back_on", "win_back_way", "win_back_by"])
    audit.record("membership.win_back", by.pk, membership, ["win_back_on", "win_back_way"])


@transaction.atomic
def undo(membership: Membership, by: Person) -> None:
    """A wrong tap; a mail that has left cannot be taken back."""
    membership = _locked(membership)
    if membership.win_back_on is None or not _is_recent(membership):
        raise DomainError("Hier ist nichts zurückzunehmen.")
    if membership.win_back_way == Way.WRITTEN:
        _hold(membership)
    membership.win_back_on, membership.win_back_way, membership.win_back_by = None, "", None
    membership.save(update_fields=["win_back_on", "win_back_way", "win_back_by"])
    audit.record("membership.win_back_undone", by.pk, membership, ["win_back_on", "win_back_way"])


def _locked(membership: Membership) -> Membership:
    found = Membership.objects.select_related("person").select_for_update(of=("self",))
    return found.get(pk=membership.pk)


def _is_recent(membership: Membership) -> bool:
    return queries.recently_left().filter(pk=membership.pk).exists()


def _write(membership: Membership) -> None:
    person = membership.person
    if not person.email and not (person.street and person.plz):
        raise DomainError(
            f"{person.full_name} hat weder E-Mail noch Anschrift. Bitte ruf lieber an."
        )
    outbox.queue(
        outbox.Draft(
            kind=WIN_BACK,
            recipient_key=person.pk,
            address=person.email,
            dedupe_key=f"{WIN_BACK}:{membership.pk}:{uuid.uuid4()}",
            ids={"membership": str(membership.pk)},
            channel=OutgoingMail.Channel.MAIL if person.email else OutgoingMail.Channel.LETTER,
            # As long as a welcome is held: so that a wrong tap can be taken back.
            not_before=clock.now() + timedelta(minutes=settings.WELCOME_HOLD_MINUTES),
        )
    )


def _hold(membership: Membership) -> None:
    mails = OutgoingMail.objects.filter(kind=WIN_BACK, ids__membership=str(membership.pk))
    waiting = list(mails.select_for_update())
    free = (OutgoingMail.State.QUEUED, OutgoingMail.State.DROPPED)
    if any(mail.state not in free or mail.batch for mail in waiting):
        raise DomainError("Die Nachricht ist schon unterwegs und lässt sich nicht zurückholen.")
    queued = mails.filter(state=OutgoingMail.State.QUEUED)
    queued.update(state=OutgoingMail.State.DROPPED, reason="zurückgenommen")
