"""Give, change, renew and end offices. Newcomers find their new contact in the same moment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from members.capabilities import shows_others
from members.models import Amt, District, Gliederung, Person
from members.models.organisation import LONGEST_TERM
from members.services import fresh_eyes, onboarding, organisation
from members.services.invitations import has_left
from portal.common import audit, clock
from portal.common.errors import DomainError


class OfficeRefused(DomainError):
    """The office cannot be given, changed or confirmed like this."""


class HeldAlready(OfficeRefused):
    """There is exactly one Ansprechperson per Gliederung (A3)."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What is to be given to whom; `replaces` ends the present Ansprechperson the day before."""

    person: Person
    gliederung: Gliederung
    kind: str
    beginn: date
    ende: date | None = None
    pledged_on: date | None = None
    trained_on: date | None = None
    shown_phone: str = Amt.ShownPhone.OFFICE
    replaces: bool = False


def needs_second_person(gliederung: Gliederung, kind: str) -> bool:
    """Above the Ortsvereine nobody grants rights alone (R30, T30)."""
    if not shows_others(kind):
        return False
    # The district counts whatever its level says: levels are data, and data can be changed.
    above = District.objects.filter(gliederung__path__startswith=gliederung.path)
    return not gliederung.level.takes_members or above.exists()


@transaction.atomic
def give(grant: Grant, by: Person | None) -> Amt:
    """Give an office; `by` is None on the server, where the command is the second pair of eyes."""
    organisation.lock()
    gliederung = Gliederung.objects.select_related("level", "successor__level").get(
        pk=grant.gliederung.pk
    )
    if gliederung.closed_on:
        raise OfficeRefused(organisation.closed_sentence(gliederung))
    if has_left(grant.person):
        raise OfficeRefused(
            f"{grant.person} ist ausgetreten und kann hier kein Amt mehr übernehmen."
        )
    amt = Amt(
        person=grant.person,
        gliederung=gliederung,
        kind=grant.kind,
        beginn=grant.beginn,
        ende=grant.ende,
        pledged_on=grant.pledged_on,
        trained_on=grant.trained_on,
        shown_phone=grant.shown_phone,
        is_pending=by is not None and needs_second_person(gliederung, grant.kind),
        granted_by=by,
    )
    _refuse_twice(amt)
    _date_worn_out(_rivals(amt))
    if grant.replaces:
        _end_before(_rivals(amt), grant.beginn, by)
    _refuse_rivals(amt)
    amt.save()
    settle(amt)
    fields = ["person", "gliederung", "kind", "beginn"]
    audit.record("amt.given", by.pk if by else None, amt, fields)
    return amt


def _refuse_twice(amt: Amt) -> None:
    same = Amt.objects.unfinished().filter(
        person=amt.person, gliederung=amt.gliederung, kind=amt.kind
    )
    if same.exclude(pk=amt.pk).exists():
        raise OfficeRefused(f"{amt.person} hat dieses Amt schon.")


def _rivals(amt: Amt) -> QuerySet[Amt]:
    """Other Ansprechpersonen there whose term overlaps."""
    if amt.kind != Amt.Kind.ANSPRECHPERSON:
        return Amt.objects.none()
    others = Amt.objects.filter(
        Q(ende__isnull=True) | Q(ende__gte=amt.beginn),
        gliederung=amt.gliederung_id,
        kind=amt.kind,
        ended_at=None,
    ).exclude(pk=amt.pk)
    return others.filter(beginn__lte=amt.ende) if amt.ende else others


def _refuse_rivals(amt: Amt) -> None:
    rival = _rivals(amt).select_related("person").order_by("beginn").first()
    if rival:
        until = f"bis {rival.ende:%d.%m.%Y}" if rival.ende else "ohne Enddatum"
        raise HeldAlready(
            f"In {amt.gliederung.name} ist schon {rival.person} Ansprechperson, "
            f"seit {rival.beginn:%d.%m.%Y} und {until}. "
            "Setz den Haken bei „löst ab“, dann endet das Amt am Tag davor."
        )


def _date_worn_out(rivals: Iterable[Amt]) -> None:
    """Write down the end of terms that ran out: an open end would stand in everybody's way."""
    for rival in rivals:
        if rival.is_over and rival.ende != rival.last_day:
            rival.ende = rival.last_day
            rival.save(update_fields=["ende"])
            audit.record("amt.ended", None, rival, ["ende"])


def _end_before(rivals: Iterable[Amt], day: date, by: Person | None) -> None:
    for rival in rivals:
        if rival.beginn < day:
            rival.ende = day - timedelta(days=1)
        else:
            rival.ended_at = clock.now()
        rival.save(update_fields=["ende", "ended_at"])
        audit.record("amt.replaced", by.pk if by else None, rival, ["ende"])


def _locked(amt: Amt) -> Amt:
    organisation.lock()
    return (
        Amt.objects.select_for_update(of=("self",))
        .select_related("person", "gliederung__level")
        .get(pk=amt.pk)
    )


def is_left_to_others(amt: Amt, person_id: UUID) -> bool:
    """Above the Ortsvereine nobody lengthens an own office (R30)."""
    return amt.person_id == person_id and needs_second_person(amt.gliederung, amt.kind)


def _refuse_own(amt: Amt, by: Person) -> None:
    if is_left_to_others(amt, by.pk):
        raise OfficeRefused(
            "Dein eigenes Amt kann nur jemand anderes aus der Geschäftsstelle ändern. "
            "Gibt es niemanden, hilft „manage.py appoint“ auf dem Server."
        )


def _refuse_over(amt: Amt) -> None:
    if amt.is_over:
        raise OfficeRefused("Dieses Amt ist beendet. Bitte vergib es neu.")


@transaction.atomic
def change(form: Any, by: Person) -> Amt:
    """Store dates and shown number; kind, person and Gliederung never change."""
    amt = _locked(form.instance)
    _refuse_own(amt, by)
    _refuse_over(amt)
    for name in form.changed_data:
        setattr(amt, name, form.cleaned_data[name])
    _refuse_rivals(amt)
    amt.save()
    settle(amt)
    if form.changed_data:
        audit.record("amt.changed", by.pk, amt, form.changed_data)
    return amt


@transaction.atomic
def end_now(amt: Amt, by: Person) -> None:
    """End an office at once: from the next request on it grants nothing (T3)."""
    amt = _locked(amt)
    if amt.is_over:
        return
    amt.ende, amt.ended_at = max(amt.beginn, clock.today()), clock.now()
    amt.save(update_fields=["ende", "ended_at"])
    settle(amt)
    audit.record("amt.ended", by.pk, amt, ["ende"])


@transaction.atomic
def renew(amt: Amt, by: Person) -> None:
    """Start another 24 months; an end that was set moves along."""
    amt = _locked(amt)
    _refuse_own(amt, by)
    _refuse_over(amt)
    amt.renewed_on = clock.today()
    fields = ["renewed_on"]
    if amt.ende:
        amt.ende = amt.renewed_on + LONGEST_TERM - timedelta(days=1)
        fields.append("ende")
        _refuse_rivals(amt)
    amt.save(update_fields=fields)
    audit.record("amt.renewed", by.pk, amt, fields)


def settle(amt: Amt) -> None:
    """Let newcomers at the office's Gliederung and below find who is responsible now."""
    onboarding.reassign_below(amt.gliederung.path)


@transaction.atomic
def confirm(amt: Amt, by: Person | None) -> None:
    """Let an office take effect; on the server `by` is None."""
    amt = _locked(amt)
    if not amt.awaits_confirmation:
        raise OfficeRefused("Hier ist nichts mehr zu bestätigen.")
    if by is not None and not amt.can_be_confirmed_by(by.pk):
        raise OfficeRefused("Das bestätigt jemand, der das Amt nicht selbst vergeben oder hat.")
    if by is not None and fresh_eyes.are_fresh(by):
        raise OfficeRefused(fresh_eyes.TOO_FRESH)
    amt.is_pending, amt.confirmed_by = False, by
    amt.save(update_fields=["is_pending", "confirmed_by"])
    settle(amt)
    audit.record("amt.confirmed", by.pk if by else None, amt, ["is_pending", "confirmed_by"])
