"""Everything this app may ever send; no subject says what for (R12)."""

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse

from events import texts
from events.models import Registration
from events.services import mailing
from members.mails.house import ADDRESS_CHANGED, HOUSE, SAMPLE_URL, house, is_not_theirs
from portal.common import links
from portal.common.outbox import kinds
from portal.common.outbox.models import OutgoingMail
from portal.common.outbox.wording import Placeholder

State = Registration.State
GONE = "hat sich erledigt"


def _link(name: str, what: str) -> Placeholder:
    return Placeholder(name, what, f"{SAMPLE_URL}{name}/", is_link=True, may_be_empty=True)


def _condition(name: str, what: str) -> Placeholder:
    return Placeholder(name, f"am Anfang einer Zeile: nur, {what}", "ja", may_be_empty=True)


FACTS = (
    *HOUSE,
    Placeholder("titel", "Titel des Termins", "Stammtisch", is_needed=True),
    Placeholder("wann", "Tag und Uhrzeit", "Dienstag, 8. Dezember, 19:00 Uhr", is_needed=True),
    Placeholder("wo", "Ort, Anschrift, Videokonferenz", "Bürgerhaus, Am Markt 1"),
    _link("seite", "Link zur Seite des Termins"),
    _condition("wenn_mitglied", "wenn es an ein Mitglied geht (Du)"),
    _condition("wenn_gast", "wenn es an einen Gast geht (Sie)"),
)


def _registration(mail: OutgoingMail) -> Registration | None:
    rows = Registration.objects.select_related("event__kind", "event__kommune", "person")
    return rows.filter(pk=mail.ids["registration"]).first()


def _base(mail: OutgoingMail) -> tuple[Registration, dict[str, Any]]:
    own = _registration(mail)
    assert own is not None  # `may_send` was asked before
    event, is_mail = own.event, mail.channel == OutgoingMail.Channel.MAIL
    page = settings.BASE_URL + reverse("events:event", args=[event.pk])
    return own, house() | {
        "language": own.person.language if own.person else "de",
        "vorname": own.first_name if own.person else own.guest_name,
        "titel": event.title,
        "wann": texts.when(event),
        "wo": texts.where(event, with_link=own.state == State.REGISTERED),
        "seite": page if is_mail else "",
        "wenn_mitglied": "ja" if own.person else "",
        "wenn_gast": "" if own.person else "ja",
    }


def _linked(mail: OutgoingMail, own: Registration, **codes: str) -> dict[str, str]:
    """Links for a mail; on paper there are none, and their lines go."""
    if mail.channel == OutgoingMail.Channel.LETTER:
        return dict.fromkeys(codes, "")
    return {name: links.signed_url(code, str(own.pk)) for name, code in codes.items()}


def _may_invite(mail: OutgoingMail) -> str | None:
    own = _registration(mail)
    if own is None or own.state != State.INVITED or not own.event.is_open:
        return GONE
    return ADDRESS_CHANGED if own.person and is_not_theirs(mail, own.person) else None


def _may(
    *states: str, cancelled: bool = False, over: bool = False
) -> Callable[[OutgoingMail], str | None]:
    def may_send(mail: OutgoingMail) -> str | None:
        own = _registration(mail)
        if own is None or own.state not in states:
            return GONE
        if own.event.is_cancelled != cancelled or own.event.is_over != over:
            return GONE
        # Moved again meanwhile: a newer mail says so.
        if mail.ids.get("sequence", str(own.event.sequence)) != str(own.event.sequence):
            return GONE
        if own.person and is_not_theirs(mail, own.person):
            return ADDRESS_CHANGED
        return None

    return may_send


def _simple(mail: OutgoingMail) -> Mapping[str, Any]:
    return _base(mail)[1]


def _with_ways_out(mail: OutgoingMail) -> Mapping[str, Any]:
    own, said = _base(mail)
    return said | _linked(mail, own, absagen="event-cancel")


def _registered(mail: OutgoingMail) -> Mapping[str, Any]:
    own, said = _base(mail)
    waits = own.state == State.WAITING
    either = {"wenn_platz": "" if waits else "ja", "wenn_warteliste": "ja" if waits else ""}
    return said | either | _linked(mail, own, absagen="event-cancel")


def _offered(mail: OutgoingMail) -> Mapping[str, Any]:
    own, said = _base(mail)
    assert own.offered_until is not None  # of the state that was asked before
    until = {"bis": texts.moment(own.offered_until)}
    return said | until | _linked(mail, own, ja="event-take", absagen="event-cancel")


def _invited(mail: OutgoingMail) -> Mapping[str, Any]:
    own, said = _base(mail)
    return said | _linked(mail, own, ja="event-yes", absagen="event-no")


def _cancelled(mail: OutgoingMail) -> Mapping[str, Any]:
    own, said = _base(mail)
    return said | {"grund": own.event.cancelled_because}


def _thanked(mail: OutgoingMail) -> Mapping[str, Any]:
    own, said = _base(mail)
    asked = own.event.kind.questions if own.person else []  # they are put to members
    return said | {
        "fragen": "\n".join(f"- {one}" for one in asked),
        "wenn_fragen": "ja" if asked else "",
    }


_OUT = _link("absagen", "Link „Ich kann nicht“")
_YES = _link("ja", "Link „Ja, ich komme“")
HEARS = mailing.CONCERNED
REACHED = (State.INVITED, *HEARS)


def _register(
    code: str,
    title: str,
    context: Callable[[OutgoingMail], Mapping[str, Any]],
    may_send: Callable[[OutgoingMail], str | None],
    *more: Placeholder,
    mail_class: kinds.MailClass = kinds.MailClass.REQUESTED,
) -> None:
    is_invitation = mail_class is kinds.MailClass.INVITATION
    kinds.register(
        kinds.MailKind(
            code=code,
            title=title,
            template=code.replace(".", "/"),
            recipient="Mitglieder und Gäste eines Termins",
            reason="Anmeldung oder Einladung zu einem Termin.",
            mail_class=mail_class,
            counts_for_cap=is_invitation,
            context=context,
            may_send=may_send,
            placeholders=(*FACTS, *more),
            secrets=tuple(one.name for one in more if one.is_link),
            bulk=is_invitation,
            keeps_quiet=code in mailing.CAN_WAIT,
        )
    )


_register(
    mailing.INVITATION,
    "Einladung zu einem Termin",
    _invited,
    _may_invite,
    _YES,
    _OUT,
    mail_class=kinds.MailClass.INVITATION,
)
_register(
    mailing.REGISTERED,
    "Angemeldet zu einem Termin",
    _registered,
    _may(State.REGISTERED, State.WAITING),
    _OUT,
    _condition("wenn_platz", "wenn es einen Platz gibt"),
    _condition("wenn_warteliste", "wenn alles voll ist"),
)
_register(
    mailing.OFFER,
    "Ein Platz ist frei geworden",
    _offered,
    _may(State.OFFERED),
    _YES,
    _OUT,
    Placeholder("bis", "bis wann der Platz gehalten wird", "Freitag, 4. Dezember, 19:00 Uhr"),
)
_register(mailing.LAPSED, "Der Platz wurde weitergegeben", _simple, _may(State.CANCELLED))
_register(mailing.CHANGED, "Ein Termin hat sich geändert", _with_ways_out, _may(*HEARS), _OUT)
_register(
    mailing.CANCELLED,
    "Ein Termin fällt aus",
    _cancelled,
    _may(*HEARS, cancelled=True),
    Placeholder("grund", "warum", "Der Raum ist nicht frei.", may_be_empty=True),
)
_register(
    mailing.REMINDER, "Erinnerung an einen Termin", _with_ways_out, _may(State.REGISTERED), _OUT
)
_register(
    mailing.THANKS,
    "Danke fürs Kommen",
    _thanked,
    _may(State.REGISTERED, over=True),
    Placeholder("fragen", "die Fragen danach", "- Wie war es?", may_be_empty=True, is_list=True),
    _condition("wenn_fragen", "wenn es Fragen gibt"),
)


def _asked(mail: OutgoingMail) -> Mapping[str, Any]:
    own, said = _base(mail)
    known = own.state != State.ASKED
    either = {"wenn_neu": "" if known else "ja", "wenn_bekannt": "ja" if known else ""}
    ways = _linked(mail, own, ja="event-guest", absagen="event-cancel")
    if not known:
        said["vorname"] = ""  # words of a stranger go to nobody in our name
    return said | either | ways | ({"ja": ""} if known else {})


_register(
    mailing.GUEST,
    "Anmeldung als Gast bestätigen",
    _asked,
    _may(State.ASKED, *REACHED),
    _YES,
    _OUT,
    _condition("wenn_neu", "wenn die Anmeldung noch bestätigt werden muss"),
    _condition("wenn_bekannt", "wenn die Adresse schon angemeldet ist"),
)
