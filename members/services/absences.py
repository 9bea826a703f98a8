"""„Ich bin weg“: days on which somebody else looks after one's newcomers; no reason asked (R8)."""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q

from members.models import Absence, Amt, Onboarding, Person
from members.queries.responsible import STANDS_IN
from members.services import onboarding, organisation
from portal.common import audit, clock
from portal.common.dates import long_day
from portal.common.errors import DomainError

LONGEST = timedelta(days=366)


@transaction.atomic
def enter(person: Person, first_day: date, last_day: date) -> Absence:
    """Note the days; newcomers find somebody else on the first of them."""
    organisation.lock()
    _refuse_impossible(first_day, last_day)
    overlapping = Absence.objects.filter(
        person=person, first_day__lte=last_day, last_day__gte=first_day
    ).first()
    if overlapping:
        raise DomainError(
            f"Du bist schon vom {long_day(overlapping.first_day)} bis "
            f"{long_day(overlapping.last_day)} als weg eingetragen. "
            "Nimm das zuerst zurück oder wähl andere Tage."
        )
    return _enter(person, first_day, last_day)


@transaction.atomic
def this_week(person: Person) -> Absence:
    """„Diese Woche geht nichts“: from today until Sunday, whatever is entered already."""
    organisation.lock()
    today = clock.today()
    away = Absence.objects.current().filter(person=person).first()
    if away:
        return away
    sunday = today + timedelta(days=6 - today.weekday())
    later = Absence.objects.filter(person=person, first_day__gt=today, first_day__lte=sunday)
    first = later.order_by("first_day").first()
    return _enter(person, today, first.first_day - timedelta(days=1) if first else sunday)


@transaction.atomic
def end(absence: Absence) -> None:
    """Back again: what is over stays on record, what has not been yet is forgotten."""
    organisation.lock()
    found = Absence.objects.filter(pk=absence.pk).select_for_update().first()
    today = clock.today()
    if found is None or found.last_day < today:
        return
    if found.first_day >= today:
        found.delete()
    else:
        found.last_day = today - timedelta(days=1)
        found.save(update_fields=["last_day"])
    audit.record("absence.ended", absence.person_id, absence.person)
    _settle(absence.person)


def _refuse_impossible(first_day: date, last_day: date) -> None:
    if last_day < first_day:
        raise DomainError("Das Ende liegt vor dem Beginn.")
    if last_day < clock.today():
        raise DomainError("Diese Tage sind schon vorbei.")
    if last_day - first_day > LONGEST:
        raise DomainError(
            "Das ist mehr als ein Jahr. Ruf bitte die Geschäftsstelle an, dann findet ihr zusammen "
            "jemanden für das Amt."
        )


def _enter(person: Person, first_day: date, last_day: date) -> Absence:
    absence = Absence.objects.create(person=person, first_day=first_day, last_day=last_day)
    audit.record("absence.entered", person.pk, person, ["first_day", "last_day"])
    if first_day <= clock.today():
        _settle(person)
    return absence


def _settle(person: Person) -> None:
    """Whoever this person looks after, or would look after, finds somebody now."""
    held = Amt.objects.active().filter(person=person, kind__in=STANDS_IN)
    for path in held.values_list("gliederung__path", flat=True):
        onboarding.reassign_below(path)
    nowhere = Q(responsible=person, person__gliederung=None)
    left = Onboarding.objects.running().filter(nowhere).select_related("person")
    onboarding.reassign([found.person for found in left])
