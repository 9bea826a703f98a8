"""Ask for a place, answer, keep the catalogue."""

from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction

from members.models import Meldung, MitmachOrt, Person, PhoneAnswer, Topic
from members.services import answers
from portal.common import audit, clock
from portal.common.errors import DomainError


class OrtRefused(DomainError):
    """What cannot be asked for, or not any more."""


@transaction.atomic
def tell_me(ort: MitmachOrt, person: Person) -> Meldung:
    """„Sag mir Bescheid“: one open Meldung per person and place, however often it is tapped."""
    if ort.host_id == person.pk:
        raise OrtRefused("Hier begrüßt du selbst die anderen.")
    if ort.is_over:
        raise OrtRefused("Das gibt es nicht mehr. Schau gern, was sonst noch passt.")
    meldung, is_new = Meldung.objects.get_or_create(
        ort=ort,
        person=person,
        answered_at=None,
        withdrawn_at=None,
        defaults={"created_at": clock.now()},
    )
    if is_new:
        audit.record("meldung.created", person.pk, meldung)
    return meldung


@transaction.atomic
def withdraw(ort: MitmachOrt, person: Person) -> bool:
    """Take back what is still open; False when there was nothing."""
    own = Meldung.objects.open().filter(ort=ort, person=person)
    if not own.update(withdrawn_at=clock.now()):
        return False
    audit.record("meldung.withdrawn", person.pk, ort)
    return True


@transaction.atomic
def mark_answered(meldung: Meldung, by: Person) -> bool:
    """„Habe geantwortet“; False when somebody was faster, or the wish was taken back."""
    waiting = Meldung.objects.open().filter(pk=meldung.pk)
    if not waiting.update(answered_at=clock.now(), answered_by=by):
        return False
    audit.record("meldung.answered", by.pk, meldung)
    return True


@transaction.atomic
def mark_open(meldung: Meldung, by: Person) -> None:
    """Take „habe geantwortet“ back; the old due date holds again."""
    answered = Meldung.objects.filter(pk=meldung.pk, answered_at__isnull=False, withdrawn_at=None)
    try:
        with transaction.atomic():
            changed = answered.update(answered_at=None, answered_by=None)
    except IntegrityError as error:
        raise OrtRefused("Es gibt schon eine neue Anfrage. Antworte bitte dort.") from error
    if changed:
        audit.record("meldung.reopened", by.pk, meldung)


@transaction.atomic
def save_ort(form: Any, by: Person) -> MitmachOrt:
    """Store a place; whoever edits it has seen it, so it is confirmed."""
    is_new = form.instance._state.adding
    form.instance.confirmed_on = clock.today()
    ort: MitmachOrt = form.save()
    audit.record("ort.created" if is_new else "ort.changed", by.pk, ort, form.changed_data)
    return ort


@transaction.atomic
def confirm(ort: MitmachOrt, by: Person) -> None:
    """„Ja, gibt es noch“: good for another six months."""
    ort.confirmed_on = clock.today()
    if ort.is_over:
        ort.ends_on = None
    ort.save(update_fields=["confirmed_on", "ends_on"])
    audit.record("ort.confirmed", by.pk, ort)


@transaction.atomic
def close(ort: MitmachOrt, by: Person) -> None:
    """„Gibt es nicht mehr“; who still waits for an answer keeps waiting for one."""
    ort.ends_on = clock.today() - timedelta(days=1)
    ort.save(update_fields=["ends_on"])
    audit.record("ort.closed", by.pk, ort)


@transaction.atomic
def choose_topic(person: Person, topic: Topic, *, wanted: bool, by: Person) -> None:
    """Add a topic to somebody, or take it away; twice is the same as once."""
    person = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if person.topics.filter(pk=topic.pk).exists() == wanted:
        return
    (person.topics.add if wanted else person.topics.remove)(topic)
    code = "person.changed_self" if by == person else "person.changed"
    audit.record(code, by.pk, person, ["topics"])


BY_PHONE = answers.register(
    answers.Answer(
        "mitmachen",
        "Themen und Orte zum Mitmachen",
        list,  # asked on a page of its own (members:ort_by_phone): there is no short list
        lambda _person: None,
        lambda _person, _value, _by: None,
        pages=("members:mitmachen_topic", "members:ort_tell", "members:ort_withdraw"),
    )
)


@transaction.atomic
def note_said_by_phone(person: Person, by: Person) -> None:
    """Somebody entered this for the person, who sees when and by whom (R1)."""
    PhoneAnswer.objects.create(
        person=person, code=BY_PHONE.code, entered_by=by, entered_at=clock.now()
    )
    audit.record("answer.by_phone", by.pk, person, [BY_PHONE.code])
