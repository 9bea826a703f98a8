"""Every answer the portal asks of a person can also be given by phone (people.md R1).

An app that asks something new registers it here; the page "telefonisch" then has it by itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max

from members.models import Onboarding, Person, PhoneAnswer
from members.services import onboarding as onboarding_service
from members.services.reference import MESSENGER
from portal.common import audit, clock, consents
from portal.common.errors import DomainError
from portal.common.models import Consent
from portal.common.outbox import languages

YES, NO = "ja", "nein"


class OwnWithdrawal(DomainError):
    """What somebody took back alone, nobody gives again in their name."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One question with a few answers.

    `current` returns the answer that holds, None when it cannot be asked now. `read_out` is the
    text the person must hear first. `links`, `pages` and `fields` name the places where the
    person answers alone: signed links, POST pages, fields of the own profile.
    """

    code: str
    label: str
    choices: Callable[[], list[tuple[str, str]]]
    current: Callable[[Person], str | None]
    apply: Callable[[Person, str, Person], None]
    read_out: Callable[[Person], str] | None = None
    links: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()


_answers: dict[str, Answer] = {}


def register(answer: Answer) -> Answer:
    if answer.code in _answers:
        raise ValueError(f"answer {answer.code} is registered twice")
    _answers[answer.code] = answer
    return answer


def all_answers() -> tuple[Answer, ...]:
    return tuple(_answers.values())


def labels() -> dict[str, str]:
    """What each answer is called, by its code."""
    return {code: answer.label for code, answer in _answers.items()}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to this person, with what holds now."""

    answer: Answer
    current: str
    read_out: str


def asked_of(person: Person) -> list[Asked]:
    """Return what this person can be asked today."""
    return [
        Asked(answer, current, answer.read_out(person) if answer.read_out else "")
        for answer in _answers.values()
        if (current := answer.current(person)) is not None
    ]


@transaction.atomic
def enter(person: Person, given: Mapping[str, str], by: Person) -> list[str]:
    """Write down what a person said on the phone; returns the labels of what changed."""
    person = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    changed = []
    for asked in asked_of(person):
        value = given.get(asked.answer.code, asked.current)
        if value == asked.current:
            continue
        asked.answer.apply(person, value, by)
        PhoneAnswer.objects.create(
            person=person, code=asked.answer.code, entered_by=by, entered_at=clock.now()
        )
        changed.append(asked.answer.label)
        audit.record("answer.by_phone", by.pk, person, [asked.answer.code])
    return changed


@dataclass(frozen=True, slots=True)
class Entered:
    """What was answered by phone, last time for each question."""

    label: str
    entry: PhoneAnswer


def entered_for(person: Person) -> list[Entered]:
    newest = person.phone_answers.order_by("code", "-entered_at").distinct("code")
    return [
        Entered(_answers[entry.code].label, entry)
        for entry in newest.select_related("entered_by")
        if entry.code in _answers
    ]


def _set(field: str) -> Callable[[Person, str, Person], None]:
    def apply(person: Person, value: str, by: Person) -> None:
        setattr(person, field, value)
        person.save(update_fields=[field])

    return apply


def _running(person: Person) -> Onboarding | None:
    return Onboarding.objects.running().filter(person=person).first()


def _messenger(person: Person) -> str:
    return YES if consents.holds(person.pk, MESSENGER) else NO


def _messenger_text(person: Person) -> str:
    return consents.current_text(MESSENGER, person.language).text


def _set_messenger(person: Person, value: str, by: Person) -> None:
    if value == YES:
        if _took_back_alone(person):
            raise OwnWithdrawal(
                f"{person.first_name} hat die Erlaubnis für den Messenger selbst zurückgenommen. "
                "Wieder erlauben geht nur im eigenen Profil. Wähle hier „Nein“ und speichere "
                "noch einmal."
            )
        consents.give(person.pk, MESSENGER, person.language, Consent.Channel.PHONE, by.pk)
    else:
        consents.withdraw(person.pk, MESSENGER, by.pk)


def _took_back_alone(person: Person) -> bool:
    """Was the last word a withdrawal that nobody entered by phone?"""
    given = Consent.objects.filter(subject=person.pk, text__purpose=MESSENGER)
    taken_back = given.aggregate(last=Max("withdrawn_at"))["last"]
    by_phone = PhoneAnswer.objects.filter(person=person, code=MESSENGER)
    return taken_back is not None and not by_phone.filter(entered_at__gte=taken_back).exists()


def _wants_mentor(person: Person) -> str | None:
    onboarding = _running(person)
    return (YES if onboarding.wants_mentor else NO) if onboarding else None


def _set_mentor(person: Person, value: str, by: Person) -> None:
    Onboarding.objects.running().filter(person=person).update(wants_mentor=value == YES)


def _nobody_called(person: Person) -> str | None:
    """Also for whoever nobody reached: asking brings the talk back (R3)."""
    onboarding = _running(person) or _given_up(person)
    return (YES if onboarding.asked_for_call_at else NO) if onboarding else None


def _given_up(person: Person) -> Onboarding | None:
    found = person.onboardings.order_by("-started_on", "-arrived_on").first()
    return found if found and onboarding_service.can_ask_for_call(found) else None


def _set_nobody_called(person: Person, value: str, by: Person) -> None:
    onboarding = _running(person) or _given_up(person)
    if onboarding and value == YES:
        onboarding_service.ask_for_call(onboarding)
    elif onboarding:
        onboarding.asked_for_call_at = None
        onboarding.save(update_fields=["asked_for_call_at"])


register(
    Answer(
        "preferred_channel",
        "Am liebsten erreichbar",
        lambda: list(Person.Channel.choices),
        lambda person: person.preferred_channel,
        _set("preferred_channel"),
        links=("rather-write",),
        fields=("preferred_channel",),
    )
)
register(
    Answer(
        "language",
        "Sprache",
        languages.choices,
        lambda person: person.language,
        _set("language"),
        links=("language",),
        fields=("language",),
    )
)
register(
    Answer(
        MESSENGER,
        "Messenger erlaubt",
        lambda: [(YES, "Ja, ich habe den Text darunter vorgelesen"), (NO, "Nein")],
        _messenger,
        _set_messenger,
        read_out=_messenger_text,
        pages=("members:profile_consent",),
    )
)
register(
    Answer(
        "mentor",
        "Wünscht sich eine Mentor:in",
        lambda: [(YES, "Ja"), (NO, "Nein")],
        _wants_mentor,
        _set_mentor,
    )
)
register(
    Answer(
        "nobody_called",
        "Es hat sich noch niemand gemeldet",
        lambda: [(YES, "Ja, bitte bald anrufen"), (NO, "Nein, alles gut")],
        _nobody_called,
        _set_nobody_called,
        links=("nobody-called", "call-again"),
        pages=("dashboards:nobody_called",),
    )
)
register(
    Answer(
        "contact_again",
        "Möchte keinen Kontakt",
        lambda: [(NO, "Dabei bleibt es"), (YES, "Doch, ihr dürft mich wieder ansprechen")],
        lambda person: NO if person.no_contact_since else None,
        lambda person, _value, _by: onboarding_service.allow_contact(person),
        pages=("dashboards:contact_again",),
    )
)
