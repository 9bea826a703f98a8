"""Answer the questions an import left open."""

from django.db import transaction

from members.models import Gliederung, Person
from members.services import onboarding, organisation, welcome
from portal.common import audit
from portal.common.errors import DomainError


@transaction.atomic
def decide_gliederung(person: Person, gliederung: Gliederung, by: Person) -> None:
    """Answer the open question about somebody's Ortsverein; the welcome goes out then."""
    organisation.lock()
    if Gliederung.objects.open().filter(pk=gliederung.pk).first() is None:
        raise DomainError("Diese Gliederung wurde gerade geschlossen. Bitte wähle eine andere.")
    person = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    person.gliederung = gliederung
    if not person.kommune_id:
        kommunen = list(gliederung.kommunen.all()[:2])
        person.kommune = kommunen[0] if len(kommunen) == 1 else None
    person.open_question = Person.Question.NONE
    person.save(update_fields=["gliederung", "kommune", "open_question", "sort_name"])
    onboarding.reassign([person])
    welcome.queue_welcomes(person.onboardings.running().select_related("person"))
    audit.record("person.gliederung_decided", by.pk, person, ["gliederung", "open_question"])
