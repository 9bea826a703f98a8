"""Requests about one's own data: asked, taken back, answered, each within a month."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from members import deadlines
from members.models import Membership, Person, PhoneAnswer, RightsRequest
from members.services import answers, objections
from portal.common import audit, clock
from portal.common.errors import DomainError
from portal.common.outbox import addresses
from portal.common.outbox import services as outbox
from portal.common.outbox.models import OutgoingMail

ANSWERED = "members.rights_answered"
BY_PHONE = "rights"
# So long the answer may be on its way before somebody is erased without having read it.
READ_WITHIN = timedelta(days=14)
Kind, State = RightsRequest.Kind, RightsRequest.State


class AlreadyAnswered(DomainError):
    """Somebody else was faster."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One form: a text, and for an objection what it is about."""

    kind: str
    text: str = ""
    objections: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """What the person will read; `refusal` where the answer is no."""

    text: str
    refusal: str = ""


# --- Asked ------------------------------------------------------------------------------------


@transaction.atomic
def ask(person: Person, asked: Asked, by: Person) -> list[RightsRequest]:
    """Write a request down, for oneself or as said on the phone; returns what is new.

    What the portal can stop itself is stopped at once, one row for each, so that each can be
    taken back alone. Words wait for an answer.
    """
    person = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    asked_for = [code for code in asked.objections if code not in _standing(person)]
    if asked.kind == Kind.OBJECTION and not asked.text and not asked_for:
        raise DomainError("Bitte kreuze an oder schreibe, wogegen der Widerspruch ist.")
    made = [_objection(person, code, by) for code in asked_for]
    if asked.text or asked.kind != Kind.OBJECTION:
        made += _in_words(person, asked, by)
    if made and by.pk != person.pk:
        PhoneAnswer.objects.create(
            person=person, code=BY_PHONE, entered_by=by, entered_at=clock.now()
        )
    return made


def _standing(person: Person) -> set[str]:
    held = RightsRequest.objects.standing().filter(person=person)
    return set(held.values_list("objection", flat=True))


def _objection(person: Person, objection: str, by: Person) -> RightsRequest:
    undo = objections.stop(person, objection, by)
    request = _new(person, Kind.OBJECTION, by)
    request.objection, request.undo = objection, undo
    request.state, request.answered_on = State.DONE, clock.today()
    request.answer = "Gilt seit diesem Tag."
    request.save()
    audit.record("rights.objected", by.pk, person, [objection])
    if by.pk != person.pk:
        _tell(request)
    return request


def _in_words(person: Person, asked: Asked, by: Person) -> list[RightsRequest]:
    """A second tap on the same button is the same request."""
    same = RightsRequest.objects.waiting().filter(person=person, kind=asked.kind, text=asked.text)
    if same.exists():
        return []
    request = _new(person, asked.kind, by)
    request.text = asked.text
    request.save()
    audit.record("rights.asked", by.pk, person, [asked.kind])
    return [request]


def _new(person: Person, kind: str, by: Person) -> RightsRequest:
    """Due one month later (Art. 12 (3); BGB §§ 187, 188)."""
    now = clock.now()
    return RightsRequest(
        person=person,
        kind=kind,
        created_at=now,
        entered_by=by if by.pk != person.pk else None,
        due_on=deadlines.add_months(timezone.localdate(now), 1),
    )


@transaction.atomic
def withdraw(request: RightsRequest, by: Person) -> None:
    """One tap takes it back; an objection restores what it had stopped."""
    person = Person.objects.select_for_update(of=("self",)).get(pk=request.person_id)
    request = _locked(request)
    if not request.can_be_taken_back:
        raise DomainError("Das ist schon beantwortet oder zurückgenommen.")
    undo = request.undo
    request.state, request.undo = State.WITHDRAWN, []
    request.answered_on = request.answered_on or clock.today()
    request.save(update_fields=["state", "undo", "answered_on"])
    objections.restore(person, undo, by)
    audit.record("rights.withdrawn", by.pk, person, [request.objection or request.kind])


# --- Answered ---------------------------------------------------------------------------------


@transaction.atomic
def answer(request: RightsRequest, reply: Reply, by: Person) -> RightsRequest:
    """Answer once; the person is told in any case, by mail or by letter."""
    request = _locked(request)
    if not request.is_open:
        raise AlreadyAnswered(_already(request))
    request.state = _outcome(request, reply)
    request.answer, request.refusal = reply.text, reply.refusal
    request.answered_on, request.answered_by = clock.today(), by
    request.save()
    audit.record("rights.answered", by.pk, request.person, [request.kind, request.state])
    _tell(request)
    return request


def _locked(request: RightsRequest) -> RightsRequest:
    # Without joins: whoever waited for the lock must see who answered meanwhile.
    return RightsRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)


def _already(request: RightsRequest) -> str:
    if request.state == State.WITHDRAWN:
        return f"{request.person.first_name} hat die Anfrage inzwischen zurückgenommen."
    who = request.answered_by.full_name if request.answered_by else "Jemand"
    return f"{who} hat diese Anfrage schon beantwortet. Deine Antwort ist nicht gespeichert."


def _outcome(request: RightsRequest, reply: Reply) -> str:
    if reply.refusal:
        return State.REFUSED
    if request.kind != Kind.ERASURE:
        return State.DONE
    if is_member(request.person):
        raise DomainError(
            f"{request.person.first_name} ist noch Mitglied. Bitte trage zuerst den Austritt ein "
            "oder lehne die Löschung mit Grund ab."
        )
    return State.ACCEPTED


def is_member(person: Person) -> bool:
    """A member or somebody who has applied; their data are needed until that has ended."""
    return Membership.objects.filter(person=person, has_ended=False).exists()


@transaction.atomic
def note_access(person: Person, reason: str, by: Person) -> None:
    """The file was made for somebody: an open request is answered with it, else one is noted."""
    waiting = RightsRequest.objects.waiting().filter(person=person, kind=Kind.ACCESS)
    request = waiting.select_for_update(of=("self",)).first() or _new(person, Kind.ACCESS, by)
    request.text = request.text or reason
    request.state, request.answered_on, request.answered_by = State.DONE, clock.today(), by
    request.answer = "Die Geschäftsstelle hat die Auskunft erstellt und gibt sie dir."
    request.save()


def _tell(request: RightsRequest) -> None:
    person = request.person
    outbox.queue(
        outbox.Draft(
            kind=ANSWERED,
            recipient_key=person.pk,
            address=person.email,
            channel=addresses.channel_for(person.email),
            dedupe_key=_key(request.pk),
            ids={"request": str(request.pk)},
        )
    )


def _key(pk: UUID) -> str:
    return f"{ANSWERED}:{pk}"


# --- Erased -----------------------------------------------------------------------------------


def accepted_for_erasure(day: date) -> QuerySet[Person]:
    """Whom the nightly run erases: staff said yes, and the answer has left, or had its time.

    Nobody who has become a member again meanwhile.
    """
    told = OutgoingMail.objects.filter(
        dedupe_key=Concat(Value(f"{ANSWERED}:"), Cast(OuterRef("pk"), CharField()))
    )
    on_its_way = told.filter(state__in=[OutgoingMail.State.QUEUED, OutgoingMail.State.SENDING])
    accepted = RightsRequest.objects.filter(
        Q(answered_on__lt=day - READ_WITHIN) | ~Exists(on_its_way),
        person=OuterRef("pk"),
        kind=Kind.ERASURE,
        state=State.ACCEPTED,
    )
    member = Membership.objects.filter(person=OuterRef("pk"), has_ended=False)
    return Person.objects.filter(Exists(accepted), ~Exists(member))


def drop_overtaken() -> int:
    """Whoever is a member again, or has applied again, has taken back the wish to be erased."""
    member = Membership.objects.filter(person=OuterRef("person"), has_ended=False)
    accepted = RightsRequest.objects.filter(Exists(member), kind=Kind.ERASURE, state=State.ACCEPTED)
    return accepted.update(state=State.WITHDRAWN)


# --- Said on the phone (R1) -------------------------------------------------------------------


def _nothing(person: Person, value: str, by: Person) -> None:
    """Entered on a page of its own."""


answers.register(
    answers.Answer(
        BY_PHONE,
        "Anfrage zu den eigenen Daten",
        list,
        lambda _person: "",
        _nothing,
        pages=("members:my_request", "members:my_request_withdraw"),
        phone_page="members:rights_by_phone",
    )
)
