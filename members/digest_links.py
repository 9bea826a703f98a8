"""„Erreicht / nicht erreicht / nächste Woche“ straight from the digest, without a login (R8).

The page behind a link shows a first name only. Each link belongs to one digest and counts once.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from members import policies
from members.models import Contact, Onboarding, Person
from members.models.retention import held_people
from members.services import onboarding as service
from portal.common import clock, links
from portal.common.dates import long_day
from portal.common.errors import DomainError

LIVES = timedelta(days=14)
REACHED, NOT_REACHED, NEXT_WEEK = "digest-reached", "digest-not-reached", "digest-next-week"
_Kind, _Channel = Contact.Kind, Person.Channel
# In the newcomer's own channel: there an exchange counts like a talk (R3).
_BY = {
    _Channel.EMAIL: _Kind.EMAIL,
    _Channel.MESSENGER: _Kind.MESSENGER,
    _Channel.LETTER: _Kind.LETTER,
    _Channel.MEETING: _Kind.MEETING,
}


def subject(recipient: UUID, onboarding: UUID, day: date) -> str:
    """What is signed: who taps about whom, from the digest of which day."""
    return f"{recipient}:{onboarding}:{day}"


@dataclass(frozen=True, slots=True)
class _Tap:
    by: Person
    onboarding: Onboarding
    day: date


def _tap(signed: str) -> _Tap | None:
    """Return who taps about whom; None when that is no longer their task."""
    who, what, day = signed.split(":")
    by = Person.objects.filter(pk=who).first()
    found = Onboarding.objects.running().filter(pk=what, person__no_contact_since=None)
    seen = found.exclude(person__in=held_people())
    onboarding = seen.select_related("person__gliederung").first()
    if by is None or onboarding is None or not policies.looks_after(by, onboarding):
        return None
    return _Tap(by, onboarding, date.fromisoformat(day))


def _still(signed: str) -> _Tap:
    tap = _tap(signed)
    if tap is None:  # it ended since the page asked
        raise DomainError("Hier ist nichts mehr offen.")
    return tap


def _token(code: str, signed: str) -> UUID:
    """The same for every tap on one link, so that the second does nothing."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{code}:{signed}")


def _asker(code: str, question: str) -> Callable[[str], str | None]:
    def ask(signed: str) -> str | None:
        tap = _tap(signed)
        done = Contact.objects.filter(submit_token=_token(code, signed)).exists()
        if tap is None or done:
            return None
        return question.format(name=tap.onboarding.person.first_name)

    return ask


def _logger(code: str, result: str, answer: str) -> Callable[[str], str]:
    def act(signed: str) -> str:
        tap = _still(signed)
        person = tap.onboarding.person
        kind = _BY.get(_Channel(person.preferred_channel), _Kind.CALL)
        talk = service.Talk(kind, result, _token(code, signed))
        service.log_contact(tap.onboarding, tap.by, talk)
        return answer.format(name=person.first_name)

    return act


def _ask_next_week(signed: str) -> str | None:
    tap = _tap(signed)
    if tap is None or _until(tap) <= clock.today() or tap.onboarding.follow_up_on == _until(tap):
        return None
    name = tap.onboarding.person.first_name
    return f"Sollen wir dich am {long_day(_until(tap))} wieder an {name} erinnern?"


def _until(tap: _Tap) -> date:
    """A week after the digest, not after the tap: so the second tap is the same as the first."""
    return tap.day + timedelta(days=7)


def _put_off(signed: str) -> str:
    tap = _still(signed)
    service.put_off(tap.onboarding, _until(tap), tap.by)
    return f"Gut. Am {long_day(_until(tap))} erinnern wir dich wieder."


links.register(
    links.LinkAction(
        REACHED,
        "Ja, erreicht",
        LIVES,
        _asker(REACHED, "Hast du {name} erreicht?"),
        _logger(REACHED, Contact.Result.REACHED, "Schön! Das Gespräch mit {name} ist eingetragen."),
    )
)
links.register(
    links.LinkAction(
        NOT_REACHED,
        "Ja, eintragen",
        LIVES,
        _asker(NOT_REACHED, "Hast du versucht, {name} zu erreichen, und es hat nicht geklappt?"),
        _logger(
            NOT_REACHED,
            Contact.Result.NOT_REACHED,
            "Danke, dass du es bei {name} versucht hast. Der Versuch ist eingetragen.",
        ),
    )
)
links.register(links.LinkAction(NEXT_WEEK, "Ja, nächste Woche", LIVES, _ask_next_week, _put_off))
