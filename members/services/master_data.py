"""Plain edits by staff, each written down: people, Kommunen, the district's settings."""

from typing import Any

from django.db import transaction

from members.models import District, Kommune, Person, PostalCode
from members.services import notices, organisation
from members.services.people import lock_people, require_open, settle_plz
from portal.common import audit
from portal.common.outbox import services as outbox

# Goes into what is derived, whether or not it is in the form.
MAY_BE_NEWER = ("given_name", "family_name", "kommune", "open_question")


@transaction.atomic
def save_person(form: Any, by: Person) -> Person:
    """Store what staff correct about somebody; what waits for them goes to a new address."""
    lock_people()
    person: Person = form.instance
    changed: list[str] = form.changed_data
    is_new = person._state.adding
    if is_new:
        if person.gliederung:
            require_open(person.gliederung)
    else:
        # The form was read before its turn came; only what it changed is its own.
        person.refresh_from_db(fields=[name for name in MAY_BE_NEWER if name not in changed])
    if "plz" in changed:
        settle_plz(person)
    if is_new:
        person.save()
    else:
        notices.address_changes(person)
        person.save(update_fields=[*changed, "sort_name", "kommune", "open_question"])
        if "email" in changed:
            outbox.readdress(person.pk, person.email)
    if changed:
        audit.record("person.created" if is_new else "person.changed", by.pk, person, changed)
    return person


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
