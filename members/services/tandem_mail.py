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
INVITED = "members.mentor_invited"
# So long a link works.
LINK_LIVES = timedelta(days=60)
# So long a newcomer has for an answer; what is proposed again later is worth another mail.
PROPOSAL_WITHIN = timedelta(days=14)
GONE = "nicht mehr offen"


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
    told = _told_lately()
    drafts: list[outbox.Draft] = []
    for proposal in found:
        if (str(proposal.onboarding_id), str(proposal.mentor_id)) in told:
            continue
        ids = {"onboarding": str(proposal.onboarding_id), "mentor": str(proposal.mentor_id)}
        person = proposal.onboarding.person
        assert proposal.mentor_id is not None  # filtered
        pair = f"{proposal.onboarding_id.hex}:{proposal.mentor_id.hex}:{run.pk.hex[:8]}"
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


def invite(person: Person) -> bool:
    """Ask a member to become a mentor, once a month at most; False where no way is known."""
    draft = _draft(INVITED, person, f"{person.pk.hex}:{clock.today():%Y-%m}", {})
    if draft:
        outbox.queue(*draft)
    return bool(draft)


def asked_on(tandems: Iterable[UUID]) -> dict[str, date]:
    """Tandem → the day on which the last question to a mentor left; none while one waits (R7)."""
    rows = OutgoingMail.objects.filter(kind=ASKED, ids__tandem__in=[str(pk) for pk in tandems])
    waiting = {OutgoingMail.State.QUEUED, OutgoingMail.State.SENDING}
    found: dict[str, date] = {}
    on_the_way: set[str] = set()
    for mail in rows.only("ids", "sent_at", "state").order_by("sent_at"):
        tandem = mail.ids["tandem"]
        if mail.state in waiting:
            on_the_way.add(tandem)
        elif mail.sent_at is not None:
            found[tandem] = clock.day_of(mail.sent_at)
    return {tandem: day for tandem, day in found.items() if tandem not in on_the_way}


def _newest_proposals() -> dict[tuple[str, str], OutgoingMail]:
    """Onboarding and mentor → the newest mail about the two that was not overtaken."""
    rows = OutgoingMail.objects.filter(kind=PROPOSAL).order_by("created_at")
    kept = rows.exclude(state=OutgoingMail.State.DROPPED, reason=GONE)
    return {(mail.ids["onboarding"], mail.ids["mentor"]): mail for mail in kept}


def _told_lately() -> set[tuple[str, str]]:
    since = clock.today() - PROPOSAL_WITHIN
    return {
        pair
        for pair, mail in _newest_proposals().items()
        if clock.day_of(mail.sent_at or mail.created_at) >= since
    }


def unanswered_proposals() -> list[tuple[str, str]]:
    """Onboarding and mentor of proposals whose newest mail left, or failed to, too long ago."""
    before = clock.today() - PROPOSAL_WITHIN
    waiting = (OutgoingMail.State.QUEUED, OutgoingMail.State.SENDING)
    return [
        pair
        for pair, mail in _newest_proposals().items()
        if mail.state not in waiting and clock.day_of(mail.sent_at or mail.created_at) < before
    ]
