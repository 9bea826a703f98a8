"""Consents: to one version of a text, given and taken back by one tap each.

Saving a profile never comes here: a consent changes only where its text is read.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from portal.common import audit, clock
from portal.common.models import Consent, ConsentText

FALLBACK_LANGUAGES = ("leicht", "de")


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a consent is for; nothing is asked, given or looked up for any other purpose.

    `opens` says what happens only with it. `is_confirmed_by_mail`: double opt-in.
    """

    code: str
    title: str
    opens: str
    is_confirmed_by_mail: bool = False


_purposes: dict[str, Purpose] = {}


def register(purpose: Purpose) -> Purpose:
    if purpose.code in _purposes:
        raise ValueError(f"purpose {purpose.code} is registered twice")
    _purposes[purpose.code] = purpose
    return purpose


def purpose_of(code: str) -> Purpose:
    """Return the purpose; KeyError for one that nobody has registered."""
    return _purposes[code]


def find_purpose(code: str) -> Purpose | None:
    """The same for what comes from outside."""
    return _purposes.get(code)


def all_purposes() -> tuple[Purpose, ...]:
    return tuple(_purposes.values())


@dataclass(frozen=True, slots=True)
class Standing:
    """A consent as its owner sees it."""

    text: ConsentText
    given: Consent | None


def current_text(purpose: str, language: str) -> ConsentText:
    """Return the newest valid version in the reader's language, else easy German, else German.

    Raises DoesNotExist for a purpose without text: nobody can agree to nothing.
    """
    code = purpose_of(purpose).code
    valid = ConsentText.objects.filter(purpose=code, valid_from__lte=clock.today())
    newest = valid.order_by("-version").values_list("version", flat=True).first()
    texts = {text.language: text for text in valid.filter(version=newest or 0)}
    for wanted in (language, *FALLBACK_LANGUAGES):
        if wanted in texts:
            return texts[wanted]
    raise ConsentText.DoesNotExist(purpose)


def standing(subject: UUID, purpose: str, language: str) -> Standing:
    """Return the text to show, and the consent that holds for this purpose, if any."""
    return Standing(current_text(purpose, language), _holding(subject, purpose))


def holds(subject: UUID, purpose: str) -> bool:
    return _holding(subject, purpose) is not None


def given_for(purpose: str) -> QuerySet[Consent]:
    """Every consent that holds for this purpose, to join a list of people with it."""
    code = purpose_of(purpose).code
    return Consent.objects.filter(text__purpose=code, withdrawn_at=None)


def _holding(subject: UUID, purpose: str) -> Consent | None:
    return given_for(purpose).filter(subject=subject).select_related("text").first()


@transaction.atomic
def give(subject: UUID, purpose: str, language: str, channel: str, recorded_by: UUID) -> None:
    """Record a yes to the current text; a second yes changes nothing."""
    text = current_text(purpose, language)
    _, is_new = Consent.objects.get_or_create(
        subject=subject,
        text=text,
        withdrawn_at=None,
        defaults={"channel": channel, "recorded_by": recorded_by, "given_at": clock.now()},
    )
    if is_new:
        audit.record(f"consent.given.{purpose}", recorded_by)


@transaction.atomic
def withdraw(subject: UUID, purpose: str, recorded_by: UUID) -> None:
    """Take every yes to this purpose back, whatever version it was given to."""
    if given_for(purpose).filter(subject=subject).update(withdrawn_at=clock.now()):
        audit.record(f"consent.withdrawn.{purpose}", recorded_by)
