"""What holds for everybody who changes people: turns with the import, places, the calendar."""

from members.models import Gliederung, Kommune, Person
from members.services import onboarding, organisation, welcome
from portal.common.errors import DomainError
from portal.common.locks import lock_for_transaction


class GliederungGone(DomainError):
    """Closed or merged away while somebody chose it."""


def lock_people() -> None:
    """Take turns with an import, which writes back everything it has read.

    First the tree, then the people, then rows, in every use case: nobody waits in a ring.
    """
    organisation.lock()
    lock_for_transaction("members.import")


def require_open(gliederung: Gliederung) -> Gliederung:
    """Return it as it is now; raises GliederungGone. Ask under `organisation.lock`."""
    found = Gliederung.objects.select_related("level").get(pk=gliederung.pk)
    if found.closed_on:
        raise GliederungGone(f"{found} gibt es nicht mehr. Bitte wähle eine andere Gliederung.")
    return found


def settle_in(person: Person, gliederung: Gliederung) -> None:
    """From now on they belong here: their question is answered, somebody looks after them.

    Whoever comes from elsewhere has a Kommune of the past; for all others the PLZ knows better.
    """
    kommunen = list(gliederung.kommunen.all()[:2])
    if len(kommunen) == 1 and (person.gliederung_id or not person.kommune_id):
        person.kommune = kommunen[0]
    person.gliederung = gliederung
    person.open_question = Person.Question.NONE
    person.save(update_fields=["gliederung", "kommune", "open_question", "sort_name"])
    onboarding.reassign([person])
    welcome.queue_welcomes(person.onboardings.running().select_related("person"))


def settle_plz(person: Person) -> None:
    """A known PLZ names the Kommune, and answers the question about it."""
    kommunen = list(Kommune.objects.filter(postal_codes__plz=person.plz).distinct()[:2])
    if len(kommunen) == 1:
        person.kommune = kommunen[0]
    if kommunen and person.open_question == Person.Question.PLZ:
        person.open_question = Person.Question.NONE
