"""What a person has agreed to: one tap to give and to take back, and the proof (Art. 7)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from members.models import Interest, Person
from members.services import interest as interest_service
from members.services.export.words import Who
from members.services.reference import INTEREST
from portal.common import consents
from portal.common.consents import Purpose, Standing
from portal.common.models import Consent


@dataclass(frozen=True, slots=True)
class Offered:
    """One purpose as its owner sees it: the text of today, and the yes that holds."""

    purpose: Purpose
    standing: Standing


@dataclass(frozen=True, slots=True)
class Proof:
    """One yes with the wording it was given to; `asked_at` is when the form was sent (DOI)."""

    title: str
    consent: Consent
    recorded_by: str
    asked_at: datetime | None


def offered(person: Person) -> list[Offered]:
    """Every purpose this person can decide about, given or not."""
    found = []
    for purpose in consents.all_purposes():
        if purpose.code != INTEREST or _waits_for_a_call(person):
            standing = consents.standing(person.pk, purpose.code, person.language)
            found.append(Offered(purpose, standing))
    return found


def _waits_for_a_call(person: Person) -> Interest | None:
    """Only until somebody applies does the form need the consent it was sent with."""
    return person.interests.filter(state=Interest.State.CONFIRMED).first()


@transaction.atomic
def give(person: Person, purpose: Purpose) -> None:
    channel = Consent.Channel.ONLINE
    consents.give(person.pk, purpose.code, person.language, channel, person.pk)


@transaction.atomic
def withdraw(person: Person, purpose: Purpose) -> bool:
    """Take a yes back; returns whether the person is still there.

    „Ich will mitmachen“ promises that everything is deleted then.
    """
    waiting = _waits_for_a_call(person) if purpose.code == INTEREST else None
    if waiting:
        interest_service.erase(waiting, person.pk)
    else:
        consents.withdraw(person.pk, purpose.code, person.pk)
    return Person.objects.filter(pk=person.pk).exists()


def proofs(person: Person) -> list[Proof]:
    """Everything ever agreed to, the newest first, with the words that were read."""
    given = Consent.objects.filter(subject=person.pk).select_related("text")
    rows = list(given.order_by("-given_at", "pk"))
    who = Who(person, [row.recorded_by for row in rows])
    forms = list(person.interests.filter(confirmed_at__isnull=False).order_by("confirmed_at"))
    return [_proof(row, who, forms) for row in rows]


def _proof(row: Consent, who: Who, forms: list[Interest]) -> Proof:
    purpose = consents.purpose_of(row.text.purpose)
    asked = next(_sent_at(row, forms), None) if purpose.is_confirmed_by_mail else None
    return Proof(purpose.title, row, who.said(row.recorded_by), asked)


def _sent_at(row: Consent, forms: list[Interest]) -> Iterator[datetime]:
    """The form whose link in the mail was this yes."""
    for form in reversed(forms):
        if form.confirmed_at and form.confirmed_at <= row.given_at:
            yield form.created_at
