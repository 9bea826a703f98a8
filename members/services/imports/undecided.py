"""Answer the questions an import left open."""

from django.db import transaction

from members.models import Gliederung, Person
from members.services import organisation
from members.services.people import require_open, settle_in
from portal.common import audit


@transaction.atomic
def decide_gliederung(person: Person, gliederung: Gliederung, by: Person) -> None:
    """Answer the open question about somebody's Ortsverein; the welcome goes out then."""
    organisation.lock()
    gliederung = require_open(gliederung)
    person = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    settle_in(person, gliederung)
    audit.record("person.gliederung_decided", by.pk, person, ["gliederung", "open_question"])
