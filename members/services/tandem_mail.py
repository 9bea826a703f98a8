"""What is written to the two sides of a tandem: ids into the outbox, never names."""

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from members.models import MatchingRun, Person, Tandem, TandemReport
from portal.common import clock
from portal.common.outbox import services as outbox
from portal.common.outbox.models import OutgoingMail

PROPOSAL = "members.mentor_proposal"
ASKED = "members.tandem_asked"
BEGINS = "members.tandem_begins"
OVER = "members.tandem_over"
SILENT = "members.tandem_silent"
CLOSING = "members.tandem_closing"
REPORTED = "members.tandem_reported"
# A proposal nobody answers is not told again, and its link ends.
PROPOSAL_LIVES = timedelta(days=60)


def _draft(kind: str, person: Person, key: str, ids: dict[str, str]) -> list[outbox.Draft]:
    """A letter for who has no mail; nothing for who can be written to in no way at all."""
    if not person.email and not person.street:
        return []
    channel = OutgoingMail.Channel.MAIL if person.email else OutgoingMail.Channel.LETTER
    return [
        outbox.Draft(
            kind=kind,
            recipient_key=person.pk,
            address=person.email,
            dedupe_key=f"{kind}:{key}",
            ids=ids,
            channel=channel,
        )
    ]


def tell_proposals(run: MatchingRun) -> None:
    """Write to whom this run proposes somebody; about the same mentor once."""
    found = run.proposals.filter(mentor__isnull=False).select_related("onboarding__person")
    drafts: list[outbox.Draft] = []
    for proposal in found:
        ids = {"onboarding": str(proposal.onboarding_id), "mentor": str(proposal.mentor_id)}
        person = proposal.onboarding.person
        assert proposal.mentor_id is not None  # filtered
        pair = f"{proposal.onboarding_id.hex}:{proposal.mentor_id.hex}"
        drafts += _draft(PROPOSAL, person, pair, ids)
    if drafts:
        outbox.queue(*drafts)


def _tell(kind: str, people: Iterable[Person], tandem: Tandem, when: str = "") -> None:
    drafts = [
        draft
        for person in people
        for draft in _draft(
            kind, person, f"{tandem.pk.hex}{when}:{person.pk.hex}", {"tandem": str(tandem.pk)}
        )
    ]
    if drafts:
        outbox.queue(*drafts)


def ask_mentors(tandem: Tandem) -> None:
    _tell(ASKED, tandem.mentors, tandem)


def begins(tandem: Tandem) -> None:
    _tell(BEGINS, [tandem.newcomer, *tandem.mentors], tandem)


def over(tandem: Tandem, people: Iterable[Person]) -> None:
    _tell(OVER, people, tandem)


def silent(tandem: Tandem, since: date) -> None:
    """Both are asked once for each silence (E4)."""
    _tell(SILENT, [tandem.newcomer, *tandem.mentors], tandem, f":{since}")


def closing(tandem: Tandem) -> None:
    """Once for each planned end."""
    _tell(CLOSING, [tandem.newcomer, *tandem.mentors], tandem, f":{tandem.planned_end}")


def reported(report: TandemReport, people: Iterable[Person]) -> None:
    drafts = [
        draft
        for person in people
        for draft in _draft(
            REPORTED, person, f"{report.pk.hex}:{person.pk.hex}", {"report": str(report.pk)}
        )
    ]
    if drafts:
        outbox.queue(*drafts)


def asked_on(tandems: Iterable[UUID]) -> dict[str, date]:
    """Tandem → the day on which the question to the (last) mentor left (R7)."""
    sent = OutgoingMail.objects.filter(
        kind=ASKED, ids__tandem__in=[str(pk) for pk in tandems], sent_at__isnull=False
    )
    found: dict[str, date] = {}
    for mail in sent.order_by("sent_at").only("ids", "sent_at"):
        assert mail.sent_at is not None  # filtered
        found[mail.ids["tandem"]] = clock.day_of(mail.sent_at)
    return found
