"""What people of the demo ask about their data: due soon, answered, and somebody to be erased."""

from datetime import timedelta

from members import deadlines
from members.models import Amt, District, Membership, Person, RightsRequest
from members.services import consenting, rights
from members.services.reference import MESSENGER
from members.services.rights import Asked, Reply
from portal.common import clock, consents
from portal.common.outbox.models import OutgoingMail
from portal.dashboards.demo import file

REPLY = "Danke für den Hinweis. Die Postleitzahl steht jetzt richtig da."


def build(district: District) -> None:
    """Call once after the visitor's newcomer has a login; through the services people use."""
    staff = district.gliederung.aemter.get(kind=Amt.Kind.GESCHAEFTSSTELLE).person
    visitor = Membership.objects.get(number=str(file.FIRST_NUMBER + 1)).person
    answered = _asked(visitor, "correction", "Meine Postleitzahl ist falsch geschrieben.", 20)
    rights.answer(answered, Reply(REPLY), staff)
    # It has been read long ago; in the demo's mailbox it would only puzzle.
    OutgoingMail.objects.filter(kind=rights.ANSWERED).delete()
    rights.ask(visitor, Asked("objection", "", (RightsRequest.Objection.WAVES,)), visitor)
    consenting.give(visitor, consents.purpose_of(MESSENGER))
    neighbour, interested = _others(visitor)
    _asked(neighbour, "correction", "Ich bin umgezogen, die Anschrift stimmt nicht mehr.", 26)
    _asked(interested, "erasure", "Ich habe es mir anders überlegt.", 3)


def _asked(person: Person, kind: str, text: str, days: int) -> RightsRequest:
    """Asked so many days ago."""
    (one,) = rights.ask(person, Asked(kind, text), person)
    one.created_at = clock.now() - timedelta(days=days)
    one.due_on = deadlines.add_months(one.created_at.date(), 1)
    one.save(update_fields=["created_at", "due_on"])
    return one


def _others(visitor: Person) -> tuple[Person, Person]:
    """Somebody from the same Ortsverein, and somebody who only wanted to take part."""
    members = Person.objects.filter(gliederung=visitor.gliederung, onboardings__state="running")
    neighbour = members.exclude(pk=visitor.pk).order_by("sort_name", "pk")[0]
    interested = Person.objects.filter(interests__state="confirmed").order_by("sort_name", "pk")
    return neighbour, interested[0]
