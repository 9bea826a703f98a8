"""What can be said about an event from a mail, without login (T21)."""

from collections.abc import Callable
from datetime import timedelta

from events import texts
from events.models import Event, Registration
from events.services import guests, places
from portal.common import links
from portal.common.errors import DomainError

LIVES = timedelta(days=60)
OVER = "Hier ist nichts mehr offen. Danke!"
State = Registration.State


def _open(subject: str, *states: str) -> Registration | None:
    rows = Registration.objects.select_related("event", "person")
    found = rows.filter(pk=subject, state__in=states, event__state=Event.State.PUBLISHED).first()
    return None if found is None or found.event.is_over else found


def _asks(question: str, *states: str) -> Callable[[str], str | None]:
    def describe(subject: str) -> str | None:
        own = _open(subject, *states)
        return question.format(f"{own.event.title}, {texts.when(own.event)}") if own else None

    return describe


def _safely(work: Callable[[Registration], str], *states: str) -> Callable[[str], str]:
    def act(subject: str) -> str:
        own = _open(subject, *states)
        if own is None:
            return OVER
        try:
            return work(own)
        except DomainError as refusal:
            return str(refusal)

    return act


def _yes(own: Registration) -> str:
    assert own.person is not None  # only members are invited
    now = places.register(own.event, own.person, own.person)
    return FULL if now.state == State.WAITING else COMES


def _no(own: Registration) -> str:
    places.cancel(own.event, own, own.person)
    return "Danke für die Nachricht. Vielleicht klappt es beim nächsten Mal."


def _take(own: Registration) -> str:
    places.take_offer(own)
    return COMES


def _guest(own: Registration) -> str:
    now = guests.confirm(own)
    return FULL if now.state == State.WAITING else COMES


COMES = "Der Platz ist fest. Bis bald!"
FULL = "Gerade ist alles voll. Auf der Warteliste ist ein Platz gesichert, wir melden uns."
INVITED = (State.INVITED, State.CANCELLED)
COMING = (State.INVITED, State.REGISTERED, State.WAITING, State.OFFERED, State.ASKED)
for code, button, question, states, work in (
    ("event-yes", "Ja, ich komme", "{} – dabei?", INVITED, _yes),
    ("event-no", "Diesmal nicht", "{} – diesmal nicht?", (State.INVITED,), _no),
    ("event-take", "Ja, ich komme", "Ein Platz ist frei: {}", (State.OFFERED,), _take),
    ("event-cancel", "Absagen", "Absagen: {}?", COMING, _no),
    ("event-guest", "Ja, ich komme", "Anmelden: {}?", (State.ASKED,), _guest),
):
    links.register(
        links.LinkAction(
            code,
            button,
            guests.LINK_LIVES if code == "event-guest" else LIVES,
            _asks(question, *states),
            _safely(work, *states),
        )
    )
