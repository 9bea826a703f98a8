"""What the two sides of a tandem can say from a mail, without login; no page names anybody."""

from collections.abc import Callable
from uuid import UUID

from members.models import Onboarding, Person, Tandem, TandemMeeting
from members.models.tandems import still_looking
from members.services import tandem_mail, tandems
from portal.common import clock, links
from portal.common.errors import DomainError

SEARCHING = "Danke, dass du Bescheid sagst. Wir suchen weiter und melden uns."


def _proposed(subject: str) -> tuple[Onboarding, UUID] | None:
    """Onboarding and mentor, as long as this very proposal can be answered."""
    pk, _, mentor = subject.partition(":")
    looking = Onboarding.objects.filter(still_looking(), pk=pk)
    found = looking.select_related("person").first()
    proposal = tandems.proposal_for(found) if found else None
    is_open = found and proposal and str(proposal.mentor_id) == mentor
    return (found, UUID(mentor)) if found and is_open else None


def _ask_newcomer(question: str) -> Callable[[str], str | None]:
    return lambda subject: question if _proposed(subject) else None


def _newcomer_yes(subject: str) -> str:
    if not (found := _proposed(subject)):
        return tandems.TOO_LATE
    onboarding, mentor = found
    try:
        tandems.accept(onboarding, mentor, onboarding.person)
    except DomainError as refusal:
        return str(refusal)
    return "Schön! Jetzt fragen wir die andere Person. Du hörst in den nächsten Tagen von uns."


def _newcomer_no(subject: str) -> str:
    if found := _proposed(subject):
        onboarding, mentor = found
        tandems.decline(onboarding, mentor, onboarding.person)
    return SEARCHING


def _tandem(subject: str, state: str) -> tuple[Tandem, Person] | None:
    """Tandem and the side to which the link went, while it is in this state."""
    pk, _, side = subject.partition(":")
    rows = Tandem.objects.select_related("newcomer", "mentor", "second")
    found = rows.filter(pk=pk, state=state).first()
    people = [found.newcomer, *found.mentors] if found else []
    person = next((one for one in people if str(one.pk) == side), None)
    return (found, person) if found and person else None


def _asked(subject: str) -> tuple[Tandem, Person] | None:
    found = _tandem(subject, Tandem.State.ASKED)
    return None if found is None or found[0].has_said_yes(found[1]) else found


def _ask_mentor(question: str) -> Callable[[str], str | None]:
    def describe(subject: str) -> str | None:
        found = _asked(subject)
        return f"{question} {found[0].explanation}" if found else None

    return describe


def _mentor_says(subject: str, *, yes: bool) -> str:
    if not (found := _asked(subject)):
        return "Hier ist nichts mehr offen. Danke dir!"
    tandem, mentor = found
    try:
        tandem = tandems.answer(tandem.pk, mentor, yes=yes, by=mentor)
    except DomainError as refusal:
        return str(refusal)
    if not yes:
        return "Danke, dass du Bescheid sagst. Wir fragen jemand anderen."
    if tandem.state == Tandem.State.ACTIVE:
        return "Danke dir! Ihr bekommt beide gleich eine Mail, wie ihr euch erreicht."
    if tandem.state == Tandem.State.ENDED:
        return "Danke dir! Inzwischen hat sich die Anfrage erledigt."
    return "Danke dir! Sobald alle Ja gesagt haben, bekommst du eine Mail, wie ihr euch erreicht."


def _ask_met(subject: str) -> str | None:
    if not _tandem(subject, Tandem.State.ACTIVE):
        return None
    return "Habt ihr euch in letzter Zeit getroffen oder gesprochen? Mehr wollen wir nicht wissen."


def _met(subject: str) -> str:
    if found := _tandem(subject, Tandem.State.ACTIVE):
        tandem, person = found
        tandems.note_meeting(tandem.pk, clock.today(), TandemMeeting.How.MEETING, person)
    return "Schön, danke dir. Wir fragen erst wieder, wenn es länger still ist."


LIVES = tandem_mail.LINK_LIVES
links.register(
    links.LinkAction(
        "mentor-yes",
        "Ja, gern",
        LIVES,
        _ask_newcomer("Möchtest du diese Person kennenlernen? Dann fragen wir sie für dich."),
        _newcomer_yes,
    )
)
links.register(
    links.LinkAction(
        "mentor-no",
        "Nein, lieber jemand anderes",
        LIVES,
        _ask_newcomer("Lieber jemand anderes? Das ist in Ordnung, du musst nichts begründen."),
        _newcomer_no,
    )
)
links.register(
    links.LinkAction(
        "tandem-yes",
        "Ja, mache ich",
        LIVES,
        _ask_mentor("Möchtest du jemanden begleiten?"),
        lambda subject: _mentor_says(subject, yes=True),
    )
)
links.register(
    links.LinkAction(
        "tandem-no",
        "Gerade nicht",
        LIVES,
        _ask_mentor("Passt es gerade nicht? Das ist in Ordnung."),
        lambda subject: _mentor_says(subject, yes=False),
    )
)
links.register(
    links.LinkAction("tandem-met", "Ja, haben wir", LIVES, _ask_met, _met),
)
