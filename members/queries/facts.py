"""What happened to one person, as facts: each source is one SELECT of the same columns.

United they are one query, however much happened.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import DateField, DateTimeField, F, Q, QuerySet, TextField, UUIDField, Value
from django.db.models.functions import Cast, Coalesce, TruncDate

from members.labels import MESSENGER
from members.models import (
    Assignment,
    Contact,
    Invitation,
    Membership,
    Milestone,
    Onboarding,
    Parteibuch,
    Person,
    PhoneAnswer,
    Pulse,
    Transfer,
)
from members.queries.post import DECOY
from portal.common import clock
from portal.common.models import Consent
from portal.common.outbox import kinds
from portal.common.outbox.models import OutgoingMail

Rows = QuerySet[Any]
Read = Callable[[Person], Rows]


class Fact(NamedTuple):
    """One row of any source; what `a` to `d` mean, its sentence knows."""

    source: str
    day: date
    at: datetime | None
    given: str
    family: str
    a: str
    b: str
    c: str
    d: str
    ref: UUID | None
    who: UUID | None
    whom: UUID | None


def _rows(
    source: str, found: Rows, *, at: str = "", day: str = "", by: str = "", **words: Any
) -> Rows:
    """Bring one source into the common shape; `by` is the path to whoever did it."""
    moment = F(at) if at else Value(None)
    columns: dict[str, Any] = {
        "source": Value(source, output_field=TextField()),
        "day": F(day) if day else TruncDate(at),
        "at": Cast(moment, DateTimeField()),
        "given": _text(F(f"{by}__given_name") if by else Value("")),
        "family": _text(F(f"{by}__family_name") if by else Value("")),
        "a": _text(words.get("a", Value(""))),
        "b": _text(words.get("b", Value(""))),
        "c": _text(words.get("c", Value(""))),
        "d": _text(words.get("d", Value(""))),
        "ref": Cast(words.get("ref", Value(None)), UUIDField()),
        # Whose names stand in the sentence: they were seen, too.
        "who": Cast(F(by) if by else Value(None), UUIDField()),
        "whom": Cast(words.get("whom", Value(None)), UUIDField()),
    }
    columns = {f"t_{name}": column for name, column in columns.items()}
    columns["t_day"] = Cast(columns["t_day"], DateField())
    return found.order_by().annotate(**columns).values_list(*columns)


def _text(expression: Any) -> Any:
    return Coalesce(Cast(expression, TextField()), Value(""), output_field=TextField())


def joined(person: Person) -> Rows:
    held = Membership.objects.filter(person=person, joined_on__lte=clock.today())
    return _rows("joined", held, day="joined_on", a=F("kind"))


def applied(person: Person) -> Rows:
    held = Membership.objects.filter(person=person, applied_on__isnull=False)
    return _rows("applied", held, day="applied_on")


def left(person: Person) -> Rows:
    held = Membership.objects.filter(person=person, left_on__lte=clock.today())
    return _rows("left", held, day="left_on", a=F("left_reason"))


def won_back(person: Person) -> Rows:
    held = Membership.objects.filter(person=person, win_back_on__isnull=False)
    return _rows("win-back", held, day="win_back_on", by="win_back_by")


def arrived(person: Person) -> Rows:
    return _rows("arrived", Onboarding.objects.filter(person=person), day="arrived_on")


def asked(person: Person) -> Rows:
    waiting = Onboarding.objects.filter(person=person, asked_for_call_at__isnull=False)
    return _rows("asked", waiting, at="asked_for_call_at")


def invited_in_wave(person: Person) -> Rows:
    found = Onboarding.objects.filter(person=person, wave__undone_at=None, wave__isnull=False)
    return _rows("wave", found, at="wave__created_at", by="wave__created_by", a=F("wave__name"))


def talks(person: Person) -> Rows:
    found = Contact.objects.filter(onboarding__person=person)
    said: dict[str, Any] = {"a": F("kind"), "b": F("result"), "c": F("note"), "d": F("partner")}
    return _rows("talk", found, at="created_at", day="made_on", by="made_by", ref=F("id"), **said)


def promises(person: Person) -> Rows:
    kept = Milestone.objects.filter(onboarding__person=person, done_on__isnull=False)
    return _rows("promise", kept, day="done_on", by="parteibuch__given_by", a=F("title"))


def given_up(person: Person) -> Rows:
    given_up = Milestone.objects.filter(
        onboarding__person=person, state=Milestone.State.UNREACHED, closed_by__isnull=False
    )
    return _rows("unreached", given_up, day="closed_by__made_on", a=F("title"))


def ordered(person: Person) -> Rows:
    found = Parteibuch.objects.filter(
        milestone__onboarding__person=person, ordered_on__isnull=False
    )
    return _rows("ordered", found, day="ordered_on", a=F("milestone__title"))


def received(person: Person) -> Rows:
    found = Parteibuch.objects.filter(
        milestone__onboarding__person=person, received_on__isnull=False
    )
    return _rows("received", found, day="received_on", by="received_by", a=F("milestone__title"))


def handed_on(person: Person) -> Rows:
    found = Assignment.objects.filter(onboarding__person=person)
    taker: dict[str, Any] = {"a": F("taker__given_name"), "b": F("taker__family_name")}
    return _rows("handed-on", found, at="made_at", by="made_by", whom=F("taker"), **taker)


def taken_back(person: Person) -> Rows:
    found = Assignment.objects.filter(onboarding__person=person, undone_at__isnull=False)
    return _rows("taken-back", found, at="undone_at")


def move_begun(person: Person) -> Rows:
    found = Transfer.objects.filter(person=person)
    return _rows("move", found, at="started_at", by="started_by", a=F("to_gliederung__name"))


def move_ended(person: Person) -> Rows:
    found = Transfer.objects.filter(person=person, ended_at__isnull=False)
    return _rows("moved", found, at="ended_at", a=F("to_gliederung__name"), b=F("state"))


def mails(person: Person) -> Rows:
    sent = OutgoingMail.objects.filter(
        recipient_key=person.pk, state=OutgoingMail.State.SENT
    ).exclude(Q(kind__startswith=kinds.LOGIN) | Q(kind=DECOY))
    return _rows("mail", sent, at="sent_at", a=F("kind"), b=F("channel"))


def phone_answers(person: Person) -> Rows:
    found = PhoneAnswer.objects.filter(person=person)
    return _rows("answer", found, at="entered_at", by="entered_by", a=F("code"))


def consents(person: Person) -> Rows:
    found = Consent.objects.filter(subject=person.pk)
    return _rows("consent", found, at="given_at", a=F("text__purpose"), b=F("channel"))


def consents_taken_back(person: Person) -> Rows:
    found = Consent.objects.filter(subject=person.pk, withdrawn_at__isnull=False)
    return _rows("consent-end", found, at="withdrawn_at", a=F("text__purpose"))


def messenger_consents(person: Person) -> Rows:
    """Of what somebody agreed to, the one thing that whoever calls them has to know."""
    return consents(person).filter(text__purpose=MESSENGER)


def messenger_consents_taken_back(person: Person) -> Rows:
    return consents_taken_back(person).filter(text__purpose=MESSENGER)


def invitations(person: Person) -> Rows:
    accepted = Invitation.objects.filter(person=person, accepted_at__isnull=False)
    return _rows("login", accepted, at="accepted_at")


def pulses(person: Person) -> Rows:
    answered = Pulse.objects.filter(onboarding__person=person, answered_at__isnull=False)
    return _rows("pulse", answered, at="answered_at", a=F("answer"))
