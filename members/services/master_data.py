"""Plain edits by staff, each written down: people, Kommunen, the district's settings."""

from typing import Any

from django.db import transaction

from members.models import District, Kommune, Person, PostalCode
from members.services import notices, organisation
from portal.common import audit


@transaction.atomic
def save_person(form: Any, by: Person) -> Person:
    """Store what staff correct about somebody; a known PLZ answers the question about it."""
    person: Person = form.instance
    is_new = person._state.adding
    if "plz" in form.changed_data:
        _settle_plz(person)
    if is_new:
        person.save()
    else:
        notices.address_changes(person)
        derived = ["sort_name", "kommune", "open_question"]
        person.save(update_fields=[*form.changed_data, *derived])
    if form.changed_data:
        code = "person.created" if is_new else "person.changed"
        audit.record(code, by.pk, person, form.changed_data)
    return person


def _settle_plz(person: Person) -> None:
    kommunen = list(Kommune.objects.filter(postal_codes__plz=person.plz).distinct()[:2])
    if len(kommunen) == 1:
        person.kommune = kommunen[0]
    if kommunen and person.open_question == Person.Question.PLZ:
        person.open_question = Person.Question.NONE


@transaction.atomic
def save_kommune(form: Any, by: Person) -> Kommune:
    """Store a Kommune with its postal codes and the Gliederungen that cover it."""
    organisation.lock()
    kommune: Kommune = form.instance
    is_new = kommune._state.adding
    kommune.save()
    wanted = set(form.cleaned_data["plz"])
    kommune.postal_codes.exclude(plz__in=wanted).delete()
    known = set(kommune.postal_codes.values_list("plz", flat=True))
    PostalCode.objects.bulk_create(
        PostalCode(plz=plz, kommune=kommune) for plz in sorted(wanted - known)
    )
    kommune.gliederungen.set(form.cleaned_data["gliederungen"])
    if form.changed_data:
        code = "kommune.created" if is_new else "kommune.changed"
        audit.record(code, by.pk, kommune, form.changed_data)
    return kommune


@transaction.atomic
def save_district(form: Any, by: Person) -> District:
    district: District = form.instance
    district.save()
    if form.changed_data:
        audit.record("district.changed", by.pk, district, form.changed_data)
    return district
