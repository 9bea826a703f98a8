"""Who wants to come in: three applications, two people who wait for a call, one form to look at."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from members.models import Amt, District, Gliederung, Interest, Membership, Topic
from members.services import cards, entry, interest
from portal.common import clock
from portal.common.outbox.models import OutgoingMail
from portal.dashboards.demo import file


@dataclass(frozen=True, slots=True)
class Applicant:
    given: str
    family: str
    place: str
    plz: str
    kind: str
    days: int


# One in the middle of the reminders, one whose month is over, one that has just come.
APPLICANTS = (
    Applicant("Thea", "Wilkens", file.VACANT, "31311", Membership.Kind.MEMBER, 23),
    Applicant("Ruben", "Asmussen", file.SHOWCASE, "30989", Membership.Kind.MEMBER, 40),
    Applicant("Malin", "Ostertag", file.SHOWCASE, "30989", Membership.Kind.YOUTH, 6),
)


def build(district: District) -> None:
    """Call once after the offices exist; all through the services a person would use."""
    staff = district.gliederung.aemter.get(kind=Amt.Kind.GESCHAEFTSSTELLE).person
    for number, one in enumerate(APPLICANTS):
        values = {
            "given_name": one.given,
            "family_name": one.family,
            "email": f"{one.given.lower()}.{one.family.lower()}@demo.example.org",
            "phone": f"+49 151 5550002{number}",
            "plz": one.plz,
            "kind": one.kind,
            "joined_on": "",
            "applied_on": (clock.today() - timedelta(days=one.days)).isoformat(),
        }
        place = Gliederung.objects.get(name=one.place)
        entry.enter(entry.Entry(values, place, "de", "phone", uuid.uuid4()), staff)
    _interested(district)


def _interested(district: District) -> None:
    """One came by a card, one by the page; the third looks like a machine's."""
    contact = Gliederung.objects.get(name=file.SHOWCASE).aemter.get(kind=Amt.Kind.ANSPRECHPERSON)
    card = cards.make(contact.person)
    came = {"card": card.code, "tell_inviter": True}
    _ask("Ida", "Kramer", "30989", "+49 511 5550031", **came)
    _ask("Yannick", "Reuter", "31311", "")
    _ask("Gewinn-Spiel", "bit.example", "30159", "", doubt=Interest.Doubt.LINK)
    for one in Interest.objects.filter(state=Interest.State.NEW):
        interest.confirm(one)
    # Confirmed already, so that the mail in the demo's mailbox would only puzzle.
    OutgoingMail.objects.filter(kind=interest.CONFIRM).delete()


def _ask(given: str, family: str, plz: str, phone: str, **more: object) -> None:
    topics = Topic.objects.filter(code__in=["klima", "bildung"])
    interest.ask(
        interest.Asked(
            given_name=given,
            family_name=family,
            email=f"{given.lower()}@demo.example.org",
            phone=phone,
            plz=plz,
            language="de",
            topics=topics,
            **more,  # type: ignore[arg-type]  # the two other fields of a form
        )
    )
