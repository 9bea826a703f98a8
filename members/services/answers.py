"""Every answer the portal asks of a person can also be given by phone (people.md R1).

An app that asks something new registers it here; the page "telefonisch" then has it by itself.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max

from members.models import Onboarding, Person, PhoneAnswer, RightsRequest
from members.models.tandems import still_looking
from members.services import onboarding as onboarding_service
from members.services.reference import MESSENGER
from portal.common import audit, clock, consents
from portal.common.errors import DomainError
from portal.common.models import Consent
from portal.common.outbox import languages

YES, NO = "ja", "nein"
# One code or free text; several codes where many may be chosen.
Value = str | list[str]
Choices = list[tuple[str, str]]


class OwnWithdrawal(DomainError):
    """What somebody took back alone, nobody gives again in their name."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One question with a few answers.

    `current` returns the answer that holds, None when it cannot be asked now. `read_out` is the
    text the person must hear first. `links`, `pages` and `fields` name the places where the
    person answers alone: signed links, POST pages, fields of the own profile.

    `many`: any number of the choices, none too. `most_chars`: free text of that length instead of
    choices. `choices_for` replaces `choices` where they depend on the person. `own_page` is where
    the person answers, `phone_page` where the answer is entered for them, if it needs a page of
    its own. `own_label` is said to the person, where `label` speaks about them.
    """

    code: str
    label: str
    choices: Callable[[], Choices]
    current: Callable[[Person], Value | None]
    apply: Callable[[Person, Any, Person], None]
    read_out: Callable[[Person], str] | None = None
    links: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    many: bool = False
    most_chars: int = 0
    choices_for: Callable[[Person], Choices] | None = None
    phone_page: str = ""
    own_label: str = ""
    hint: str = ""


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
    current: Value
    read_out: str
    choices: Choices

    def says_the_same(self, value: Value) -> bool:
        """In whichever order several were chosen."""
        return _ordered(value) == _ordered(self.current)

    @property
    def said(self) -> list[str]:
        """What was answered, in words; nothing for what is still open."""
        given = [self.current] if isinstance(self.current, str) else self.current
        words = dict(self.choices)
        return [words.get(code, code) for code in given if code]


def _ordered(value: Value) -> Value:
    return value if isinstance(value, str) else sorted(set(value))


def asked_of(person: Person, codes: Collection[str] | None = None) -> list[Asked]:
    """Return what this person can be asked today: everything, or these questions only."""
    asked = []
    for answer in _answers.values():
        if codes is None or answer.code in codes:
            current = answer.current(person)
            if current is not None:
                asked.append(_asked(answer, person, current))
    return asked


def _asked(answer: Answer, person: Person, current: Value) -> Asked:
    choices = answer.choices_for(person) if answer.choices_for else answer.choices()
    return Asked(answer, current, answer.read_out(person) if answer.read_out else "", choices)


def _changes(asked: Sequence[Asked], given: Mapping[str, Value]) -> list[tuple[Answer, Value]]:
    """Return what differs from what holds; what was not asked stays as it is."""
    return [
        (entry.answer, given[entry.answer.code])
        for entry in asked
        if entry.answer.code in given and not entry.says_the_same(given[entry.answer.code])
    ]


def _locked(person: Person) -> Person:
    # Rows that point to this person may be written meanwhile: other locks come before this one.
    return Person.objects.select_for_update(of=("self",), no_key=True).get(pk=person.pk)


@transaction.atomic
def enter(person: Person, given: Mapping[str, Value], by: Person) -> list[str]:
    """Write down what a person said on the phone; returns the labels of what changed."""
    person = _locked(person)
    changed = []
    for answer, value in _changes(asked_of(person), given):
        answer.apply(person, value, by)
        PhoneAnswer.objects.create(
            person=person, code=answer.code, entered_by=by, entered_at=clock.now()
        )
        changed.append(answer.label)
        audit.record("answer.by_phone", by.pk, person, [answer.code])
    return changed


@transaction.atomic
def answer_alone(person: Person, given: Mapping[str, Value], codes: Collection[str]) -> list[str]:
    """Store what a person says about themselves to these questions; nothing else can change."""
    person = _locked(person)
    changes = _changes(asked_of(person, codes), given)
    for answer, value in changes:
        answer.apply(person, value, person)
    changed = [answer.code for answer, _ in changes]
    if changed:
        audit.record("person.changed_self", person.pk, person, changed)
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
    onboarding = Onboarding.objects.filter(still_looking(), person=person).first()
    return (YES if onboarding.wants_mentor else NO) if onboarding else None


def _set_mentor(person: Person, value: str, by: Person) -> None:
    looking = Onboarding.objects.filter(still_looking(), person=person)
    looking.update(wants_mentor=value == YES)
    if value == YES:
        RightsRequest.objects.take_back(person, RightsRequest.Objection.MENTOR)


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
        pages=("members:rather_write",),
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
        pages=("members:consent",),
    )
)
register(
    Answer(
        "mentor",
        "Wünscht sich eine Mentor:in",
        lambda: [(YES, "Ja"), (NO, "Nein")],
        _wants_mentor,
        _set_mentor,
        pages=("members:about_section",),
        own_label="Möchtest du eine Mentor:in?",
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
