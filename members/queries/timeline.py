"""One person's timeline: who did what when, told from the facts, with no table of its own.

What a reader may not know has no sentence for them, and then it is not even read.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, auto
from uuid import UUID

from members import seen
from members.labels import MESSENGER
from members.models import Contact, Membership, Person, Pulse, Transfer
from members.queries import facts
from members.queries.facts import Fact
from portal.common import clock
from portal.common.models import Consent
from portal.common.outbox import kinds
from portal.common.outbox.models import OutgoingMail

# Whoever slipped sees it soon; later the button would only invite the next slip.
SLIP = timedelta(days=14)
Result, Reason = Contact.Result, Membership.LeftReason


class Reader(Enum):
    """Whose eyes: what is told, and with which names, depends on it."""

    TEAM = auto()  # whoever takes care of the newcomer
    STAFF = auto()
    SELF = auto()


@dataclass(frozen=True, slots=True)
class Entry:
    """One line; `contact` names a talk that can still be taken back: the newest only."""

    day: date
    sentence: str
    who: str = ""
    note: str = ""
    contact: UUID | None = None


Names = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class Telling:
    """How this reader is told: names in full or first names, and what answers are called."""

    names: Names
    answers: Mapping[str, str]


Sentence = Callable[[Fact, Telling], str]


def for_team(person: Person, answers: Mapping[str, str]) -> list[Entry]:
    """For whoever takes care of this newcomer; `answers` names what was told by telephone."""
    return _entries(person, Reader.TEAM, answers)


def for_staff(person: Person, answers: Mapping[str, str]) -> list[Entry]:
    return _entries(person, Reader.STAFF, answers)


def for_member(person: Person) -> list[Entry]:
    """For the person: nothing is hidden; only first names before the first talk (R12)."""
    return _entries(person, Reader.SELF, {})


def _entries(person: Person, reader: Reader, answers: Mapping[str, str]) -> list[Entry]:
    told = {source.code: source for source in SOURCES if reader in source.sentences}
    first, *others = [source.read(reader)(person) for source in told.values()]
    found = [Fact(*row) for row in first.union(*others, all=True)]
    seen.note(pk for fact in found for pk in (fact.who, fact.whom))
    found.sort(key=_order, reverse=True)
    discreet = reader is Reader.SELF and not _has_spoken(found)
    telling = Telling(_first_name if discreet else _full_name, answers)
    newest = next((fact.ref for fact in found if _can_be_taken_back(fact)), None)
    return [
        Entry(
            day=fact.day,
            sentence=told[fact.source].sentences[reader](fact, telling),
            who=telling.names(fact.given, fact.family),
            # The person reads notes under „Das steht über dich hier“.
            note=fact.c if fact.source == "talk" and reader is not Reader.SELF else "",
            contact=newest if fact.ref == newest else None,
        )
        for fact in found
    ]


def _can_be_taken_back(fact: Fact) -> bool:
    return fact.source == "talk" and fact.day > clock.today() - SLIP


# Facts that know their day only: joining begins it, a kept promise ends it.
RANKS = {"applied": 0, "joined": 1, "arrived": 2, "promise": 4, "unreached": 4}


def _order(fact: Fact) -> tuple[date, int, float]:
    return fact.day, RANKS.get(fact.source, 3), fact.at.timestamp() if fact.at else 0.0


def _has_spoken(found: Iterable[Fact]) -> bool:
    return any(fact.source == "talk" and fact.b == Result.REACHED for fact in found)


def _full_name(given: str, family: str) -> str:
    return f"{given} {family}".strip()


def _first_name(given: str, family: str) -> str:
    return given


# --- Sentences --------------------------------------------------------------------------------


def _joined(fact: Fact, telling: Telling) -> str:
    if fact.a == Membership.Kind.MEMBER:
        return "Eingetreten"
    return f"Eingetreten ({Membership.Kind(fact.a).label})"


def _left(fact: Fact, telling: Telling) -> str:
    if fact.a == Reason.DEATH:
        return "Verstorben"
    return f"Mitgliedschaft beendet ({Reason(fact.a).label})" if fact.a else _ended(fact, telling)


def _ended(fact: Fact, telling: Telling) -> str:
    return "Mitgliedschaft beendet"


def _talk(fact: Fact, telling: Telling) -> str:
    beside = f", mit {fact.d}" if fact.d else ""
    return f"{Contact.Kind(fact.a).label}: {Result(fact.b).label}{beside}"


def _own_talk(fact: Fact, telling: Telling) -> str:
    kind = Contact.Kind(fact.a).label
    return {
        Result.REACHED: f"{kind} mit dir" + (f" und {fact.d}" if fact.d else ""),
        Result.NOT_REACHED: f"{kind}: Wir haben dich nicht erreicht",
        Result.CALL_BACK: f"{kind}: Wir melden uns noch einmal",
        Result.NO_CONTACT: "Du möchtest keinen Kontakt",
    }[Result(fact.b)]


def _move(fact: Fact, telling: Telling) -> str:
    return f"Wechsel nach {fact.a} begonnen"


def _moved(fact: Fact, telling: Telling) -> str:
    return f"Wechsel nach {fact.a} {Transfer.State(fact.b).label}"


def _handed_on(fact: Fact, telling: Telling) -> str:
    return f"{telling.names(fact.a, fact.b) or 'Jemand anderes'} kümmert sich jetzt"


def _own_handed_on(fact: Fact, telling: Telling) -> str:
    return f"{telling.names(fact.a, fact.b) or 'Jemand anderes'} ist jetzt für dich da"


def _mail(fact: Fact, telling: Telling) -> str:
    way = "Brief" if fact.b == OutgoingMail.Channel.LETTER else "Mail"
    return f"{way} „{kinds.title(fact.a)}“"


def _answer(fact: Fact, telling: Telling) -> str:
    name = telling.answers.get(fact.a, "")
    return f"Am Telefon gesagt: {name}" if name else "Am Telefon etwas gesagt"


def _consent(fact: Fact, telling: Telling) -> str:
    what = "Messenger erlaubt" if fact.a == MESSENGER else "Eingewilligt"
    return f"{what} ({Consent.Channel(fact.b).label})"


def _consent_end(fact: Fact, telling: Telling) -> str:
    return "Messenger nicht mehr erlaubt" if fact.a == MESSENGER else "Einwilligung zurückgenommen"


def _pulse(fact: Fact, telling: Telling) -> str:
    return f"„Bist du angekommen?“ – {Pulse.Answer(fact.a).label}"


def _always(text: str) -> Sentence:
    return lambda fact, _telling: text.format(fact.a)


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of fact, and its sentence for each reader who may know it."""

    code: str
    sentences: Mapping[Reader, Sentence]
    everything: facts.Read
    # What whoever takes care of the newcomer may read of it, where that is less than everything.
    for_team: facts.Read | None = None

    def read(self, reader: Reader) -> facts.Read:
        return (self.for_team if reader is Reader.TEAM else None) or self.everything


def _said(
    team: Sentence | str, own: Sentence | str, staff: Sentence | None = None
) -> dict[Reader, Sentence]:
    said = [_always(text) if isinstance(text, str) else text for text in (team, own)]
    return {Reader.TEAM: said[0], Reader.STAFF: staff or said[0], Reader.SELF: said[1]}


SOURCES = (
    Source("applied", _said("Aufnahme beantragt", "Du hast die Aufnahme beantragt"), facts.applied),
    Source("joined", _said(_joined, "Du bist eingetreten"), facts.joined),
    Source(
        "arrived",
        _said("Im Portal angekommen", "Wir haben von deinem Eintritt erfahren"),
        facts.arrived,
    ),
    Source("left", _said(_ended, "Deine Mitgliedschaft ist beendet", _left), facts.left),
    Source("win-back", {Reader.STAFF: _always("Rückgewinnung versucht")}, facts.won_back),
    Source(
        "asked",
        _said(
            "Hat gesagt, dass sich noch niemand gemeldet hat",
            "Du hast gesagt, dass sich noch niemand gemeldet hat",
        ),
        facts.asked,
    ),
    Source(
        "wave",
        _said("Noch einmal eingeladen: {}", "Wir haben dich noch einmal eingeladen"),
        facts.invited_in_wave,
    ),
    Source("talk", _said(_talk, _own_talk), facts.talks),
    Source("promise", _said("{}: erledigt", "{}: erledigt"), facts.promises),
    Source(
        "unreached",
        _said("{}: nicht erreicht", "{}: Wir haben dich nicht erreicht"),
        facts.given_up,
    ),
    Source("ordered", _said("{} bestellt", "{} bestellt"), facts.ordered),
    Source("received", _said("{} ist vor Ort", "{} ist vor Ort"), facts.received),
    Source("handed-on", _said(_handed_on, _own_handed_on), facts.handed_on),
    Source(
        "taken-back",
        _said("Übergabe zurückgenommen", "Die Übergabe wurde zurückgenommen"),
        facts.taken_back,
    ),
    Source("move", _said(_move, _move), facts.move_begun),
    Source("moved", _said(_moved, _moved), facts.move_ended),
    Source("mail", _said(_mail, _mail), facts.mails),
    Source("answer", _said(_answer, "Am Telefon etwas für dich eingetragen"), facts.phone_answers),
    Source("consent", _said(_consent, _consent), facts.consents, facts.messenger_consents),
    Source(
        "consent-end",
        _said(_consent_end, _consent_end),
        facts.consents_taken_back,
        facts.messenger_consents_taken_back,
    ),
    Source(
        "login",
        _said("Zugang eingerichtet", "Du hast deinen Zugang eingerichtet"),
        facts.invitations,
    ),
    # A yes is for the one Ansprechperson, who finds it on *Heute*: no list of others tells it.
    Source("pulse", {Reader.SELF: _pulse}, facts.pulses),
)
