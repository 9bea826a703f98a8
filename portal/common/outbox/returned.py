"""Take in what came back: only reports that prove they are about a mail we sent count."""

import logging
from datetime import timedelta
from enum import Enum

from django.db import transaction

from portal.common import clock
from portal.common.outbox import addresses
from portal.common.outbox.bounces import Bounce, Verdict, parse
from portal.common.outbox.models import OutgoingMail

logger = logging.getLogger(__name__)
BELIEVED = timedelta(days=14)
State = OutgoingMail.State
WORDS = {
    Verdict.HARD: "kam zurück: Die Adresse gibt es nicht",
    Verdict.OURS: "kam zurück: Der Mailserver der Person nimmt unsere Mail nicht an",
    Verdict.SOFT: "verspätet: Das Postfach ist voll oder antwortet nicht",
}


class Outcome(Enum):
    """What was done with a report."""

    COUNTED = "counted"
    NOTED = "noted"
    UNPROVEN = "unproven"
    IGNORED = "ignored"


@transaction.atomic
def take(raw: bytes) -> Outcome:
    """Read one report and change the row it is about; the same report twice counts once.

    A report without our Message-ID could have been written by anybody: it changes nothing.
    """
    bounce = parse(raw)
    if bounce.verdict is Verdict.IGNORED:
        return Outcome.IGNORED
    mail = _mail(bounce)
    if mail is None:
        logger.info("A report about a mail that we did not send was put aside")
        return Outcome.UNPROVEN
    mail.reason = (
        f"{WORDS[bounce.verdict]} ({bounce.status})" if bounce.status else WORDS[bounce.verdict]
    )
    if bounce.verdict is Verdict.SOFT:
        mail.save(update_fields=["reason"])
        return Outcome.NOTED
    mail.state, mail.sent_at, mail.bounced_at = State.FAILED, None, clock.now()
    mail.save(update_fields=["reason", "state", "sent_at", "bounced_at"])
    if bounce.verdict is Verdict.HARD:
        addresses.count_hard_bounce(mail)
    return Outcome.COUNTED


def _mail(bounce: Bounce) -> OutgoingMail | None:
    sent = OutgoingMail.objects.select_for_update().filter(
        message_id__in=bounce.message_ids,
        channel=OutgoingMail.Channel.MAIL,
        state=State.SENT,
        sent_at__gte=clock.now() - BELIEVED,
    )
    return next((mail for mail in sent if mail.address.lower() in bounce.recipients), None)
